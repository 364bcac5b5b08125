import { show } from "./show";

/** ub-common-name of RFC 5280, appendix A.1: the name stands in a certificate. */
const longest = 64;
const label = /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

/** What is wrong with the name of a machine (RFC 1123, 2.1). It also goes into main.cf: `[name]:port`. */
export function hostnameFault(value: unknown): string | undefined {
    const allowed = "allowed: a host name of letters, digits, hyphens and dots, e.g. mailhub.example.com";
    const refuse = (why?: string) => `given ${show(value)}, ${allowed}${why ? `; ${why}` : ""}`;
    if (typeof value !== "string" || value === "") return refuse();
    if (/[\r\n]/.test(value)) return refuse("it holds a line break");
    if (/\s/.test(value)) return refuse("it holds a blank");
    if (/^\[.*\]/.test(value)) return refuse("leave out the brackets, they are put around it in relayhost");
    if (/^[^:]+:\d+$/.test(value)) return refuse("the port belongs into port");
    if (value.includes(":")) return refuse("give an IPv6 host a name");
    if (/[^\x20-\x7e]/.test(value)) return refuse("write an international name in its xn-- form");
    if (value.endsWith(".")) return refuse("leave out the dot at the end");
    if (value.length > longest)
        return refuse(`a certificate's common name has at most ${longest} characters`);
    if (!/^[A-Za-z0-9.-]+$/.test(value)) return refuse();
    return value.split(".").every((part) => label.test(part)) ? undefined : refuse(partRule);
}

const partRule = "between the dots stand 1 to 63 characters, the first and the last a letter or digit";

/** One name for the DNS, however it is spelt (RFC 4343). */
export const comparableName = (name: string): string => name.toLowerCase().replace(/\.$/, "");
