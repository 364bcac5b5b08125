import { ipv6Bytes, networkSize } from "../networks";
import { withArgument } from "../restrictions";
import { expand, type Lookup, restrictionWords } from "./restriction-words";

/** What smtpd(8) makes of a stranger's mail to a domain that is not its own. */
export interface RelayVerdict {
    /** `open`: takes it. `broken`: does not start, and answers nobody. */
    outcome: "closed" | "open" | "broken";
    /** What lets the stranger in, as the second half of a sentence. */
    why: string;
}

/** In the order in which smtpd(8) asks them; one that refuses is enough (SMTPD_ACCESS_README). */
const lists = ["client", "helo", "sender", "relay", "recipient", "data", "end_of_data"].map(
    (stage) => `smtpd_${stage}_restrictions`,
);
/** One of these must stand in the lists for relaying or recipients, or smtpd(8) ends with "fatal" (smtpd_check.c). */
const working = [
    "defer",
    "defer_if_permit",
    "defer_unauth_destination",
    "reject",
    "reject_unauth_destination",
];

/** Whose certificates smtpd(8) takes, which counts for permit_tls_all_clientcerts. */
const authorities = ["smtpd_tls_CAfile", "smtpd_tls_CApath", "tls_append_default_CA"];

const domains = ["relay_domains", "mydestination", "virtual_alias_domains", "virtual_mailbox_domains"];

/** Parameters that decide, and whose built-in default counts where nothing is set. */
export const decisive = [
    ...lists,
    ...domains,
    ...["mynetworks", "smtpd_authorized_xclient_hosts", "smtpd_restriction_classes", "inet_interfaces"],
    ...authorities,
];

interface Walk {
    end: "permit" | "refuse" | "neither";
    why: string;
}

const neither: Walk = { end: "neither", why: "" };
const refuse: Walk = { end: "refuse", why: "" };

/**
 * Decided by what the restrictions say alone: a stranger who has no account and no certificate, is in no network of
 * the host's, may call itself and its sender what it likes, and is on no blocklist. Tables on the host and policy
 * services are not asked: whatever they say is the admin's own word.
 */
export function relayVerdict(lookup: Lookup): RelayVerdict {
    const value = (name: string): string => expand(lookup(name) ?? "", lookup);
    const required = [value("smtpd_relay_restrictions"), value("smtpd_recipient_restrictions")];
    const classes = restrictionWords(value("smtpd_restriction_classes"));
    const refuses = (words: string[], depth = 0): boolean => {
        // What stands behind a permit is never read, and what only warns does not count.
        const end = words.indexOf("permit");
        return words.slice(0, end < 0 ? words.length : end).some((word, index) => {
            if (words[index - 1] === "warn_if_reject") return false;
            if (working.includes(word)) return true;
            return depth < 5 && classes.includes(word) && refuses(restrictionWords(value(word)), depth + 1);
        });
    };
    if (!required.some((list) => refuses(restrictionWords(list))))
        return {
            outcome: "broken",
            why: `neither smtpd_relay_restrictions nor smtpd_recipient_restrictions holds one of ${working.join(", ")} before a permit`,
        };
    const stranger = new Stranger(value, classes);
    const whys: string[] = [];
    for (const list of lists) {
        const { end, why } = stranger.walk(restrictionWords(value(list)));
        if (end === "refuse") return { outcome: "closed", why: "" };
        if (why) whys.push(`${list}: ${why}`);
    }
    return { outcome: "open", why: whys.join(", and ") || "no restriction refuses them" };
}

class Stranger {
    constructor(
        private readonly value: (name: string) => string,
        private readonly classes: string[],
    ) {}

    walk(words: string[], depth = 0): Walk {
        let refusesInTheEnd = false;
        let onlyWarns = false;
        let why = "";
        for (let index = 0; index < words.length; index++) {
            const word = words[index] ?? "";
            const name = word.toLowerCase();
            const argument = withArgument.test(name) ? (words[++index] ?? "") : "";
            if (name === "warn_if_reject") {
                onlyWarns = true;
                continue;
            }
            if (name === "defer_if_permit") refusesInTheEnd = true;
            const step = this.classes.includes(word)
                ? depth > 5
                    ? neither
                    : this.walk(restrictionWords(this.value(word)), depth + 1)
                : this.step(name, argument);
            if (step.end === "permit") return refusesInTheEnd ? refuse : step;
            if (step.end === "refuse" && !onlyWarns) return step;
            onlyWarns = false;
            why ||= step.why;
        }
        return refusesInTheEnd ? refuse : { end: "neither", why };
    }

    private step(name: string, argument: string): Walk {
        switch (name) {
            case "permit":
                return { end: "permit", why: "permit lets everybody in" };
            case "reject":
            case "defer":
                return refuse;
            case "reject_unauth_destination":
            case "defer_unauth_destination":
            case "check_relay_domains":
                return this.everyDestination() ?? refuse;
            case "permit_auth_destination": {
                const every = this.everyDestination();
                return every ? { end: "permit", why: every.why } : neither;
            }
            case "permit_mynetworks":
                return (
                    this.network("mynetworks") ?? this.network("smtpd_authorized_xclient_hosts") ?? neither
                );
            case "permit_tls_all_clientcerts":
                return this.foreignAuthority() ?? neither;
            case "permit_naked_ip_address":
                return {
                    end: "permit",
                    why: "permit_naked_ip_address lets in whoever greets with an address",
                };
            default:
                return /^check_(client|helo|sender|reverse_client_hostname)_access$/.test(name)
                    ? tableStep(name, argument)
                    : neither;
        }
    }

    /** Whether every domain is taken for one of this host's. */
    private everyDestination(): Walk | undefined {
        const name = domains.find((list) =>
            restrictionWords(this.value(list)).some((word) => /^static:/.test(word)),
        );
        return name ? { end: "neither", why: `${name} takes in every domain` } : undefined;
    }

    /** "When a special CA issues the certificates and only this CA is listed" it is safe (postconf(5)). */
    private foreignAuthority(): Walk | undefined {
        const [files = "", folders = "", appended = ""] = authorities.map((name) => this.value(name).trim());
        const listed = [files, folders].filter(Boolean);
        const own = listed.length > 0 && !listed.some((path) => systemCertificates.test(path));
        if (own && !/^yes$/i.test(appended)) return undefined;
        return {
            end: "permit",
            why: own
                ? "permit_tls_all_clientcerts lets in whoever has a certificate of any CA that the system knows, by tls_append_default_CA"
                : "permit_tls_all_clientcerts lets in whoever has a certificate of any CA, as long as smtpd_tls_CAfile names none of your own",
        };
    }

    private network(name: string): Walk | undefined {
        const wide = restrictionWords(this.value(name)).find(isWide);
        return wide ? { end: "permit", why: `${name} holds ${wide}` } : undefined;
    }
}

/** More of the world than anybody can have; or all of it, as a table; or whoever has no name in the DNS (namadr_list(3)). */
function isWide(word: string): boolean {
    const size = networkSize(word);
    if (!size) return /^(static:.*|unknown)$/i.test(word);
    return size.family === 4 ? size.bits < 8 : size.bits < 16 && isGlobal(word, size.bits);
}

/** Whether a network has to do with 2000::/3, where all of the world's addresses lie: not fe80::/10 or fc00::/7 (RFC 4291). */
function isGlobal(word: string, bits: number): boolean {
    const [first = 0] = ipv6Bytes(word.replace(/[[\]]|\/.*/g, "")) ?? [];
    const fixed = 256 - 2 ** (8 - Math.min(bits, 3));
    return (first & fixed) === (0x20 & fixed);
}

/** Whether a table that stands in the list itself lets in whoever says the right word. */
function tableStep(name: string, table: string): Walk {
    const action = /^static:\{?\s*(\S+)/.exec(table)?.[1];
    // There OK is "not allowed for safety reasons" (postconf(5)): the client hears 451.
    const mayPermit = name !== "check_reverse_client_hostname_access";
    if (action && permits(action))
        return mayPermit ? { end: "permit", why: `${name} ${table} lets everybody in` } : refuse;
    if (action && /^(reject|defer|[45]\d\d$)/i.test(action)) return refuse;
    const entries =
        /^inline:\{([\s\S]*)\}$/.exec(table)?.[1]?.matchAll(/\{?([^{}=,]+)=\s*([^\s,{}]+)/g) ?? [];
    const open = [...entries].find(
        ([, key = "", said = ""]) => mayPermit && permits(said) && isFree(name, key.trim()),
    );
    return open
        ? { end: "permit", why: `${name} lets in whoever calls themselves ${open[1]?.trim()}` }
        : neither;
}

/** A client's address and name are not his to choose, but that he has no name at all in the DNS (access(5)). */
const isFree = (name: string, key: string): boolean =>
    name !== "check_client_access" || key.toLowerCase() === "unknown";

/** Where distributions keep the CAs of the world. */
const systemCertificates =
    /^\/(etc\/(ssl\/(certs?|ca-bundle)|pki\/(tls|ca-trust)|ca-certificates)|(usr\/(local\/)?share|var\/lib)\/(certs|ca-certificates))\b/;

/** `OK` and its kin in access(5): a word or any number. */
const permits = (action: string): boolean =>
    /^(ok|permit|relay)$|^\d+$/i.test(action) && !/^[45]\d\d$/.test(action);
