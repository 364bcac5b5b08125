/**
 * From nothing at all to the strictest; by what is sent where it cannot be had: `may` and `dane` send in clear then
 * (postconf(5), smtp_tls_security_level). Pins go before CAs, of which any may be deceived.
 */
export const levels = ["", "none", "may", "dane", "encrypt", "dane-only", "verify", "secure", "fingerprint"];

/** Whether mail that waited at one level could go out at another without what it waited for. */
export function isWeaker(level: string, than: string): boolean {
    return strength(level) < strength(than);
}

/** A level that cannot be told here is taken for the strictest: then mail is looked after rather than let go. */
function strength(level: string): number {
    const found = levels.indexOf(level.toLowerCase());
    return found < 0 ? levels.length : found;
}
