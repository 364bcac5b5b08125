import type { HostSettings } from "../settings";
import { OutboundSecurity, PublicPort } from "../words";

/** Which ports the hub has beside that of the laptops' service, and how its own mail goes out. */
export interface HubTlsRole {
    implicitTlsPort?: number;
    publicPort?: PublicPort;
    outboundSecurity?: OutboundSecurity;
    outboundPolicy?: Record<string, string>;
}

/** Name of the table in `tables`. */
export const policyTable = "outbound-policy";

/** What it comes to in a dedicated hub's main.cf, beside its table. */
export function hubTlsMain(role: HubTlsRole): Record<string, string> {
    const { publicPort, outboundSecurity = OutboundSecurity.May, outboundPolicy } = role;
    const levels = [outboundSecurity, ...Object.values(outboundPolicy ?? {}).map(policyLevel)];
    return {
        smtpd_tls_security_level: publicPort === PublicPort.Encrypt ? "encrypt" : "may",
        smtp_tls_security_level: outboundSecurity,
        ...(outboundPolicy ? { smtp_tls_policy_maps: `@{${policyTable}}` } : {}),
        // Without it Postfix asks for no signature, and `dane` is `may` (postconf(5)).
        ...(levels.some(needsDnssec) ? { smtp_dns_support_level: "dnssec" } : {}),
    };
}

export function hubTlsTables({ outboundPolicy }: HubTlsRole): HostSettings["tables"] {
    return outboundPolicy ? { [policyTable]: { entries: outboundPolicy } } : {};
}

/** The level word of a policy, which may stand before attributes. */
const policyLevel = (policy: string): string => policy.trim().split(/[\s,]+/)[0] ?? "";

export const needsDnssec = (level: string): boolean => /^(half-)?dane(-only)?$/.test(level);
