import { nearestName } from "../nearest";
import { pinProblem } from "../pins";
import { needsDnssec } from "../roles/hub-tls";
import { atLeast, type Version } from "../version";
import { hostnameFault } from "./hostname";
import { show } from "./show";

/** Levels of smtp_tls_policy_maps (postconf(5)). */
const levels = [
    "none",
    "may",
    "encrypt",
    "dane",
    "dane-only",
    "half-dane",
    "fingerprint",
    "verify",
    "secure",
];

/** Attributes (postconf(5)), and since when if not since ever. */
const attributes: Record<string, string> = {
    protocols: "2.3",
    ciphers: "2.3",
    exclude: "2.3",
    match: "2.3",
    tafile: "2.11",
    servername: "3.4",
    connection_reuse: "3.4",
    enable_rpk: "3.9",
};

/** A next hop as smtp(8) looks it up: with brackets and port as they are written (TLS_README). */
export function destinationProblem(destination: string): string | undefined {
    const [, bracketed, plain] = /^(?:\[([^\]\s]+)\]|([^\s[\]:]+))(?::[a-z0-9-]+)?$/i.exec(destination) ?? [];
    const address = bracketed !== undefined && /^(ipv6:)?[0-9a-f:.]+$/i.test(bracketed);
    const name = bracketed ?? plain?.replace(/^\./, "") ?? "";
    if (name !== "" && (address || hostnameFault(name) === undefined)) return undefined;
    return 'is no destination: allowed are a domain, ".domain" for all below it, "[host]", each with ":port" behind it if need be';
}

/** What is wrong with a level and its attributes, whatever the version. */
export function policyProblem(policy: string): string | undefined {
    if (/[\r\n\0{}]/.test(policy))
        return "holds a line break or braces, allowed: a level and name=value attributes";
    const [level = "", ...words] = policy.trim().split(/[\s,]+/);
    if (!levels.includes(level)) {
        const meant = nearestName(level, levels);
        return `given the level ${show(level)}, allowed: ${levels.join(", ")}${meant ? `; is "${meant}" meant?` : ""}`;
    }
    for (const word of words) {
        const reason = attributeProblem(level, word);
        if (reason) return reason;
    }
    if (level === "fingerprint" && !words.some((word) => word.startsWith("match=")))
        return "fingerprint wants at least one match=PIN: without it no key is the right one";
    return undefined;
}

function attributeProblem(level: string, word: string): string | undefined {
    const [, name = "", value = ""] = /^([a-z_]+)=(.+)$/.exec(word) ?? [];
    if (!Object.hasOwn(attributes, name)) {
        const meant = nearestName(name || word, Object.keys(attributes));
        return `holds ${show(word)}, allowed: ${Object.keys(attributes).join("=, ")}=${meant ? `; is ${meant}= meant?` : ""}`;
    }
    if (level === "none") return `holds ${show(word)}, but without TLS there is nothing to choose`;
    const takesMatch = ["fingerprint", "verify", "secure"].includes(level);
    if (name === "match" && !takesMatch)
        return `holds match=, which goes with fingerprint, verify and secure: "${level}" would pass it over`;
    if (name === "match" && level === "fingerprint")
        for (const pin of value.split("|")) {
            const reason = pinProblem(pin);
            if (reason) return reason;
        }
    if (name === "tafile" && (level === "fingerprint" || needsDnssec(level)))
        return `holds tafile=, which goes with verify and secure: "${level}" would pass it over`;
    return undefined;
}

/** What a version of Postfix would not understand of it: the mail of that destination would wait for ever. */
export function policyVersionProblem(policy: string, version: Version): string | undefined {
    for (const word of policy
        .trim()
        .split(/[\s,]+/)
        .slice(1)) {
        const [name = ""] = word.split("=");
        const since = attributes[name];
        const has = `this host has ${version.major}.${version.minor}`;
        if (since && !atLeast(version, since)) return `${name}= needs Postfix ${since}, ${has}: leave it out`;
        if (name === "protocols" && /[<>]/.test(word) && !atLeast(version, "3.6"))
            return `protocols= with < or > needs Postfix 3.6, ${has}: name what is excluded, e.g. protocols=!SSLv2:!SSLv3:!TLSv1:!TLSv1.1`;
    }
    return undefined;
}
