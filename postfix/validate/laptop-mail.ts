import { type ProblemSink, pathStep } from "../problems";
import { defaultDelayWarningTime, defaultQueueLifetime } from "../roles/laptop-mail";
import { type ArgsCheck, isRecord } from "./args";
import { hostnameFault } from "./hostname";
import { show } from "./show";

export const laptopMailFields = [
    "queueLifetime",
    "delayWarningTime",
    "inetInterfaces",
    "mydestination",
    "myorigin",
    "rootMail",
    "genericAddresses",
    "chroot",
] as const;

export function checkLaptopMail(check: ArgsCheck): void {
    checkTimes(check);
    check.given("inetInterfaces", (value) =>
        typeof value === "string" && /^[A-Za-z0-9.:_$[\]-]+([, ]+[A-Za-z0-9.:_$[\]-]+)*$/.test(value)
            ? undefined
            : `given ${show(value)}, allowed: "loopback-only", "all", or addresses of the machine`,
    );
    for (const { value, at } of check.items("mydestination", "domains"))
        if (typeof value !== "string" || !/^[^\s,]+$/.test(value))
            at.add("", `given ${show(value)}, allowed: one domain, "$myhostname", or a table as type:path`);
    check.given("myorigin", (value) =>
        typeof value === "string" && (/^\$[a-z_]+$/.test(value) || /^\/\S+$/.test(value) || isDomain(value))
            ? undefined
            : `given ${show(value)}, allowed: a domain, a parameter such as "$mydomain", or the path of a file with the domain`,
    );
    check.given("rootMail", rootMailFault);
    checkGeneric(check);
    check.flag("chroot");
}

const seconds: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const longestDays = 100;

/** A time of Postfix with its unit: without one, each parameter has another (postconf(5)). */
function secondsOf(value: unknown): number | undefined {
    const [, count, unit = ""] = (typeof value === "string" && /^(\d{1,9})([smhdw])$/.exec(value)) || [];
    return count === undefined ? undefined : Number(count) * (seconds[unit] ?? 0);
}

function checkTimes(check: ArgsCheck): void {
    const longest = longestDays * 86_400;
    check.given("queueLifetime", (value) => {
        const time = secondsOf(value);
        if (time !== undefined && time > 0 && time <= longest) return undefined;
        return `given ${show(value)}, allowed: a whole number with s, m, h, d or w behind it, more than 0 and at most ${longestDays}d, e.g. "14d"`;
    });
    check.given("delayWarningTime", (value) => {
        const time = secondsOf(value);
        if (time === undefined)
            return `given ${show(value)}, allowed: a whole number with s, m, h, d or w behind it, e.g. "1d"; "0h" for no warning`;
        return undefined;
    });
    const { queueLifetime = defaultQueueLifetime, delayWarningTime } = check.args;
    const [lifetime, warning] = [
        secondsOf(queueLifetime),
        secondsOf(delayWarningTime ?? defaultDelayWarningTime),
    ];
    if (!lifetime || !warning || warning < lifetime) return;
    const given =
        delayWarningTime === undefined
            ? `not given, which means ${defaultDelayWarningTime}`
            : `given ${show(delayWarningTime)}`;
    check.problems.add(
        "delayWarningTime",
        `${given}, allowed: less than queueLifetime (${queueLifetime}), after which the mail itself is returned, or "0h"`,
    );
}

function rootMailFault(value: unknown): string | undefined {
    const allowed = 'allowed: one address with its domain, e.g. "admin@example.com"';
    if (typeof value !== "string" || !isAddress(value)) return `given ${show(value)}, ${allowed}`;
    return /@localhost(\.|$)/i.test(value)
        ? `given ${show(value)}, which is this laptop itself, and it delivers nothing; ${allowed}`
        : undefined;
}

function checkGeneric(check: ArgsCheck): void {
    const { genericAddresses } = check.args;
    if (genericAddresses === undefined || !check.isKnown(genericAddresses)) return;
    const problems = check.problems.at("genericAddresses");
    if (!isRecord(genericAddresses)) {
        problems.add("", `given ${show(genericAddresses)}, allowed: addresses by local address`);
        return;
    }
    for (const [local, address] of Object.entries(genericAddresses))
        checkGenericEntry(local, address, problems.at(pathStep(local)), check.isKnown(address));
}

function checkGenericEntry(local: string, address: unknown, problems: ProblemSink, known: boolean): void {
    if (!isBareName(local) && !isAddress(local) && !isDomainAddress(local))
        problems.add(
            "",
            'is no local address: allowed are "alice", "alice@laptop.localdomain" and "@laptop.localdomain"',
        );
    if (!known || (typeof address === "string" && (isAddress(address) || isDomainAddress(address)))) return;
    problems.add(
        "",
        `given ${show(address)}, allowed: an address with its domain, or "@example.com" to exchange the domain alone`,
    );
}

const isDomain = (value: string): boolean => hostnameFault(value) === undefined;
const isDomainAddress = (value: string): boolean => value.startsWith("@") && isDomain(value.slice(1));
/** An atom of RFC 5322, 3.2.3, with dots, without what main.cf or a table would take for its own. */
const isLocalPart = (value: string): boolean => /^[A-Za-z0-9!%&'*+/=?^_`|~.-]+$/.test(value);
/** Stands in a table within main.cf, whose lines end their key at the first `=` (inline, DATABASE_README). */
const isBareName = (value: string): boolean => isLocalPart(value) && !value.includes("=");

function isAddress(value: string): boolean {
    const at = value.lastIndexOf("@");
    return at > 0 && isLocalPart(value.slice(0, at)) && isDomain(value.slice(at + 1));
}
