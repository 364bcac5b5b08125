import { pinProblem } from "../pins";

/** A pin that is none matches nothing, and says nothing: the mail waits for ever (postconf(5), smtp_tls_fingerprint_cert_match). */
export function pinListFaults(name: string, value: string): string[] {
    if (!/^(smtp|lmtp)_tls_fingerprint_cert_match$/.test(name) || value.includes("$")) return [];
    if (value.includes("|"))
        return [
            "holds a | between pins, which goes with match= in a table of policies only: in main.cf write a comma",
        ];
    const pins = value.split(/[\s,]+/).filter(Boolean);
    return [...new Set(pins.flatMap((pin) => pinProblem(pin) ?? []))];
}
