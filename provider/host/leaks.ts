import { isWeaker } from "../../postfix/levels";
import { effectiveValue } from "../../postfix/main-cf";

/**
 * Would mail that waits now, perhaps because a hub could not be proven, go by a weaker level after the change? Another
 * hub at the same level is no leak: whoever names it says so, and it has to prove itself as the first had to. A next
 * hop's own policy is never weaker than main.cf says (`validate/laptop`).
 */
export function leaks(before: string, after: string): boolean {
    const level = (mainCf: string) => effectiveValue(mainCf, "smtp_tls_security_level") ?? "";
    return isWeaker(level(after), level(before));
}
