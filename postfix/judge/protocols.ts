import { protocolOrder as names } from "../dialect";
import { atLeast, type Version } from "../version";

const lists = /^(smtpd?|lmtp|tlsproxy_client|tlsproxy)_tls_(mandatory_)?protocols$/;

/**
 * A list of protocols with one word that is none: the client sends nothing ("Cannot start TLS"), the server answers
 * STARTTLS with 454 (postconf(5), smtp_tls_mandatory_protocols).
 */
export function protocolFault(name: string, value: string, version: Version): string | undefined {
    if (!lists.test(name) || value.includes("$")) return undefined;
    for (const word of value.split(/[\s,:]+/).filter(Boolean)) {
        const [, sign = "", protocol = ""] = /^(!|>=|<=)?(.*)$/.exec(word) ?? [];
        if (sign.endsWith("=") && !atLeast(version, "3.6"))
            return `holds ${JSON.stringify(word)}, which needs Postfix 3.6, this host has ${version.major}.${version.minor}: name what is excluded, e.g. "!SSLv2, !SSLv3, !TLSv1, !TLSv1.1", or write ">=TLSv1.2" alone, which is put into that form`;
        const isNumber = sign.endsWith("=") && /^(0x)?[0-9a-f]{4}$/i.test(protocol);
        if (isNumber || names.some((known) => known.toLowerCase() === protocol.toLowerCase())) continue;
        return `holds ${JSON.stringify(word)}, with which no TLS session would begin; allowed: ${names.join(", ")}, each with ! before it, or a range such as ">=TLSv1.2" (no blank behind the =)`;
    }
    return undefined;
}
