import { networkFault } from "../networks";
import { restrictionWords } from "./restriction-words";

/** Words of mynetworks that smtpd(8) cannot read, or that would match nobody (postconf(5)). */
export function ownNetworkFaults(name: string, value: string): string[] {
    if (name !== "mynetworks") return [];
    return restrictionWords(value).flatMap((word) => {
        const plain = word.replace(/^!+/, "");
        const isIpv6 = /^[0-9a-f:.]+(\/\d+)?$/i.test(plain) && plain.split(":").length > 2;
        const isTable = /^([a-z0-9]+:)+./.test(plain) && !isIpv6;
        if (plain.startsWith("/") || plain.includes("$") || isTable || isDomain(plain)) return [];
        const fault = networkFault(plain);
        const holds = `holds ${JSON.stringify(word)}, which`;
        // Only what has the form of a network is read as one (match_ops.c).
        if (fault && /^[0-9a-f.:[\]/]+$/i.test(plain) && /[/:]/.test(plain))
            return [`${holds} ${fault}. smtpd(8) would answer everybody with 451`];
        if (fault) return [`${holds} ${fault}, and no name of a client: it would never match`];
        return isIpv6
            ? [`${holds} Postfix would take for a table: write [${plain.replace(/(\/.*)?$/, "]$1")}`]
            : [];
    });
}

/** The verified name of a client, or with parent_domain_matches_subdomains what it ends with. */
const isDomain = (word: string): boolean =>
    /^\.?([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9_-]*[a-z_-][a-z0-9_-]*$/i.test(word);
