import { nearestName } from "../nearest";

/** Which words some parameters take. */
interface WordRule {
    names: RegExp;
    words: readonly string[];
    /** What the daemon does with any other word, as the second half of a sentence. */
    otherwise: string;
}

const clientLevels = ["none", "may", "encrypt", "dane", "dane-only", "fingerprint", "verify", "secure"];
const grades = ["export", "low", "medium", "high", "null"];
/** Those that OpenSSL knows by this name. */
const digests = [
    ...["md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha512-224", "sha512-256"],
    ...["sha3-224", "sha3-256", "sha3-384", "sha3-512", "blake2b512", "blake2s256", "sm3", "ripemd160"],
];

/** postconf(5) under each name; none of them heeds capitals. */
const rules: WordRule[] = [
    {
        names: /^((smtp|lmtp)_tls_security|tlsproxy_client(_security)?)_level$/,
        words: clientLevels,
        otherwise: "smtp(8) would not start, and no mail would leave",
    },
    {
        names: /^(smtpd|tlsproxy)_tls_security_level$/,
        words: ["none", "may", "encrypt"],
        otherwise: "smtpd(8) would not start, or take it for encrypt",
    },
    {
        names: /^(smtpd?|lmtp)_tls_(mandatory_)?ciphers$/,
        words: grades,
        otherwise: "no TLS session would begin",
    },
    {
        names: /^(smtpd?|lmtp)_tls_fingerprint_digest$/,
        words: digests,
        otherwise: "no key would be known again",
    },
    {
        names: /^(smtp|lmtp)_address_preference$/,
        words: ["any", "ipv4", "ipv6"],
        otherwise: "smtp(8) would not start, and no mail would leave",
    },
];

/** What is wrong with the word that a parameter was given. */
export function wordFault(name: string, value: string): string | undefined {
    const rule = rules.find(({ names }) => names.test(name));
    if (!rule || value.includes("$") || value === "" || rule.words.includes(value.toLowerCase()))
        return undefined;
    const meant = nearestName(value, rule.words);
    const allowed = rule.words.map((word) => `"${word}"`).join(", ");
    return `given ${JSON.stringify(value)}, with which ${rule.otherwise}; allowed: ${allowed}${meant ? `; is "${meant}" meant?` : ""}`;
}
