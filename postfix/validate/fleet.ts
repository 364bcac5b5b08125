import { type LaptopsFile, laptopsOf, type MachineEntry } from "../fleet/entries";
import { laptopsFileFault } from "../fleet/laptops-file";
import { joinPath, type ProblemSink, pathStep } from "../problems";
import { ArgsCheck, type IsKnown, isRecord, type Plain } from "./args";
import { LaptopsCheck } from "./laptops";
import { validateLink } from "./link";
import { checkGrant, grantFields } from "./relay-access";
import { show } from "./show";

export const fleetFields = ["smartHost", "relayAccess", "defaults", "laptops", "laptopsFile"] as const;

/** Everything that is wrong with the arguments of a `Fleet`, its laptops included, before anything is made. */
export function validateFleet(
    args: Plain,
    problems: ProblemSink,
    isKnown: IsKnown,
    file: LaptopsFile | undefined,
): void {
    const check = new ArgsCheck(args, problems, isKnown);
    check.onlyFields(fleetFields);
    check.required("smartHost", "the link of the hub: smartHost: hub.link");
    if (args.smartHost !== undefined) validateLink(args.smartHost, problems.at("smartHost"), isKnown);
    const { relayAccess } = args;
    if (relayAccess !== undefined) checkRelayAccess(relayAccess, problems.at("relayAccess"), isKnown);
    shapeOfFleet(args, problems, isKnown);
    const laptops = new LaptopsCheck({ ...args, entries: entriesOf(args, file, isKnown) }, problems, isKnown);
    const hub = isRecord(relayAccess) && isKnown(relayAccess) ? relayAccess.connection : undefined;
    laptops.check({ smartHost: args.smartHost, hub: { path: "relayAccess", connection: hub } });
    for (const { path, reason } of file?.problems ?? []) problems.add(path, reason);
}

/** The laptops of the arguments, and of the file that they name. */
export function entriesOf(
    args: Plain,
    file: LaptopsFile | undefined,
    isKnown: IsKnown = () => true,
): MachineEntry[] {
    return [...laptopsOf(args, isKnown), ...(file?.entries ?? [])];
}

function checkRelayAccess(value: unknown, problems: ProblemSink, isKnown: IsKnown): void {
    const allowed = "allowed: how the hub is reached: { connection, sudo, ... }";
    if (!isKnown(value)) problems.add("", `comes later as a whole, ${allowed}; its fields may come later`);
    else if (!isRecord(value)) problems.add("", `given ${show(value)}, ${allowed}`);
    else {
        const check = new ArgsCheck(value, problems, isKnown);
        check.onlyFields(grantFields);
        checkGrant(check);
    }
}

const later = "comes later as a whole; its fields may come later, it may not";

/** Whether defaults, laptops and file are what can be looked into. */
export function shapeOfFleet(args: Plain, problems: ProblemSink, isKnown: IsKnown = () => true): void {
    const { laptops, defaults, laptopsFile } = args;
    if (defaults !== undefined && !isKnown(defaults)) problems.add("defaults", later);
    else if (defaults !== undefined && !isRecord(defaults)) {
        problems.add(
            "defaults",
            `given ${show(defaults)}, allowed: what every laptop has, e.g. { sudo: true }`,
        );
    }
    if (laptopsFile !== undefined) {
        const fault = isKnown(laptopsFile) ? laptopsFileFault(laptopsFile) : later;
        if (fault) problems.add("laptopsFile", fault);
    }
    if (laptops !== undefined && !isKnown(laptops)) problems.add("laptops", later);
    else shapeOfLaptops(laptops, problems, isKnown);
}

function shapeOfLaptops(laptops: unknown, problems: ProblemSink, isKnown: IsKnown): void {
    const fault = (laptop: unknown) =>
        isKnown(laptop) ? `given ${show(laptop)}, allowed: { connection, ... }` : later;
    if (Array.isArray(laptops)) {
        for (const [index, laptop] of laptops.entries()) {
            const path = `laptops${pathStep(index)}`;
            if (!isKnown(laptop) || !isRecord(laptop)) problems.add(path, fault(laptop));
            else if (laptop.name === undefined)
                problems.add(`${path}.name`, "missing; each laptop of a list needs one");
            else if (typeof laptop.name !== "string" || laptop.name === "")
                problems.add(`${path}.name`, `given ${show(laptop.name)}, allowed: a name`);
        }
    } else if (isRecord(laptops)) {
        for (const [name, laptop] of Object.entries(laptops)) {
            const path = joinPath("laptops", pathStep(name));
            if (!isKnown(laptop) || (!isRecord(laptop) && laptop !== null)) problems.add(path, fault(laptop));
        }
    } else if (laptops !== undefined) {
        problems.add(
            "laptops",
            `given ${show(laptops)}, allowed: a map of laptops by name, or a list of them`,
        );
    }
}
