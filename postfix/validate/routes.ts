import type { ProblemSink } from "../problems";
import { pathStep } from "../problems";
import { type RouteShape, routeShape } from "../roles/routes";
import { Security } from "../words";
import { type ArgsCheck, isRecord, type Plain } from "./args";
import { authorityFault } from "./authority";
import { validateLink } from "./link";
import { show } from "./show";
import { tableKeyProblem } from "./tables";

export const routeFields = [
    "security",
    "certificateAuthority",
    "fallbackSmartHosts",
    "senderRelays",
    "transports",
] as const;

/** A link among a laptop's arguments, and where it stands. */
export interface PlacedLink {
    link: unknown;
    path: string;
}

/** Checks where a laptop's mail may go. */
export function checkRoutes(check: ArgsCheck): void {
    check.oneOf("security", Security);
    const { args, problems, isKnown } = check;
    checkMap(check, "senderRelays", /^([^\s@]+)?@[^\s@]+$/, 'an address, or "@domain"');
    checkMap(check, "transports", /^([^\s@]+@)?\.?[^\s@*.][^\s@*]*$/, 'an address, "domain" or ".domain"');
    check.items("fallbackSmartHosts", "links of hubs: [second.link]");
    for (const { link, path } of furtherLinks(args, isKnown)) validateLink(link, problems.at(path), isKnown);
    const hubs = [{ link: args.smartHost, path: "smartHost" }, ...furtherLinks(args, isKnown)];
    checkTwice(hubs, problems, isKnown);
    checkSamePins(hubs, problems, isKnown);
    checkAuthority(check, hubs);
}

/** What the routes look like, as far as that is known; all later values count as given. */
export function shapeOf(args: Plain, isKnown: (value: unknown) => boolean): RouteShape {
    const { fallbackSmartHosts: hubs = [], senderRelays: senders = {}, transports = {} } = args;
    return routeShape({
        hubs: Array.isArray(hubs) ? hubs : isKnown(hubs) ? [] : [hubs],
        senders: isRecord(senders) ? senders : {},
        transports: isRecord(transports) ? transports : {},
    });
}

/** Every link beside `smartHost`. */
export function furtherLinks(args: Plain, isKnown: (value: unknown) => boolean): PlacedLink[] {
    const { fallbackSmartHosts } = args;
    const list = isKnown(fallbackSmartHosts) && Array.isArray(fallbackSmartHosts) ? fallbackSmartHosts : [];
    const maps = ["senderRelays", "transports"].flatMap((field) =>
        isRecord(args[field])
            ? Object.entries(args[field]).map(([key, link]) => ({ link, path: `${field}${bracket(key)}` }))
            : [],
    );
    return [...list.map((link, index) => ({ link, path: `fallbackSmartHosts[${index}]` })), ...maps];
}

const bracket = (key: string): string => {
    const step = pathStep(key);
    return step.startsWith("[") ? step : `.${step}`;
};

function checkMap(check: ArgsCheck, field: string, keys: RegExp, allowed: string): void {
    const map = check.args[field];
    if (map === undefined) return;
    if (!isRecord(map)) {
        check.problems.add(field, `given ${show(map)}, allowed: a map of hubs' links by ${allowed}`);
        return;
    }
    for (const key of Object.keys(map)) {
        const fault = keys.test(key) ? tableKeyProblem(key) : `allowed: ${allowed}`;
        if (fault) check.problems.at(field).add(pathStep(key), fault);
    }
}

/** Where a known link leads, as Postfix compares it. */
function addressOf(link: unknown, isKnown: (value: unknown) => boolean): string | undefined {
    if (!isKnown(link) || !isRecord(link)) return undefined;
    const { hostname, port } = link;
    if (typeof hostname !== "string" || typeof port !== "number") return undefined;
    return `[${hostname.toLowerCase()}]:${port}`;
}

function checkTwice(hubs: PlacedLink[], problems: ProblemSink, isKnown: (value: unknown) => boolean): void {
    const seen = new Map<string, string>();
    for (const { link, path } of hubs.filter(({ path }) => /^(smartHost|fallbackSmartHosts)/.test(path))) {
        const address = addressOf(link, isKnown);
        const other = address && seen.get(address);
        if (other) problems.add(path, `given ${address}, which ${other} is too: name each hub once`);
        else if (address) seen.set(address, path);
    }
}

/** One next hop has one policy line: with other pins at another place one of them would count for both. */
function checkSamePins(
    hubs: PlacedLink[],
    problems: ProblemSink,
    isKnown: (value: unknown) => boolean,
): void {
    const seen = new Map<string, { path: string; pins: string }>();
    for (const { link, path } of hubs) {
        const address = addressOf(link, isKnown);
        const pins = isRecord(link) ? link.pins : undefined;
        if (!address || !Array.isArray(pins) || !pins.every((pin) => typeof pin === "string")) continue;
        const text = [...pins].sort().join(" ").toUpperCase();
        const other = seen.get(address);
        if (!other) seen.set(address, { path, pins: text });
        else if (other.pins !== text)
            problems.add(
                path,
                `has other pins than ${other.path} for ${address}: pass the same link to both`,
            );
    }
}

function checkAuthority(check: ArgsCheck, hubs: PlacedLink[]): void {
    const { args, problems, isKnown } = check;
    const { certificateAuthority: authority, security } = args;
    check.given("certificateAuthority", authorityFault);
    if (!isKnown(security)) return;
    if (security !== Security.Secure) {
        if (authority !== undefined)
            problems.add(
                "certificateAuthority",
                'counts at security "secure" only: set that, or leave it out',
            );
        return;
    }
    if (authority !== undefined) return;
    for (const { link, path } of hubs) {
        if (!isKnown(link) || !isRecord(link) || link.certificateAuthority !== undefined) continue;
        problems.add(
            "certificateAuthority",
            `missing; security "secure" needs the certificate of the CA that vouches for the hub of ${path}, and its link names none`,
        );
    }
}
