import { joinPath, pathStep } from "../problems";
import { type IsKnown, isRecord, type Plain } from "../validate/args";
import { reachFields } from "../validate/machine";

/** One machine of a fleet or a config: what it is called, where it stands, and its own words before any default. */
export interface MachineEntry {
    name: string;
    /** Property path, or file and line. */
    path: string;
    own: Plain;
    /** Where its name stands. */
    namePath: string;
    /** It stands in a file of laptops. */
    inFile?: true;
}

/** Laptops as they were read from a file, and what is wrong with it. */
export interface LaptopsFile {
    entries: MachineEntry[];
    problems: { path: string; reason: string }[];
}

/** Where a property of a machine stands, in words for people: `laptops[3].sudo`, or `berlin.csv:4: sudo`. */
export function placeIn({ path, inFile }: MachineEntry, property: string): string {
    if (!inFile) return joinPath(path, property);
    return property === "" ? path : `${path}: ${property}`;
}

/** The laptops, from a list with names or a map by name; what comes later as a whole is none. */
export function laptopsOf({ laptops }: Plain, isKnown: IsKnown = () => true): MachineEntry[] {
    if (!isKnown(laptops)) return [];
    if (Array.isArray(laptops)) {
        return laptops.flatMap((laptop: unknown, index) => {
            if (!isKnown(laptop) || !isRecord(laptop)) return [];
            const { name, ...own } = laptop;
            const path = `laptops${pathStep(index)}`;
            return [{ name: typeof name === "string" ? name : "", path, own, namePath: `${path}.name` }];
        });
    }
    if (!isRecord(laptops)) return [];
    return Object.entries(laptops).flatMap(([name, own]) => {
        if (!isKnown(own)) return [];
        const path = joinPath("laptops", pathStep(name));
        // `alice:` with nothing below it: all by defaults.
        return isRecord(own) || own === null
            ? [{ name, path, own: isRecord(own) ? own : {}, namePath: path }]
            : [];
    });
}

/** Fields of which a laptop's own words and the defaults are put together; of others the own ones count alone. */
const mergedFields = ["connection", "settings", "services", "tables"];

/**
 * A laptop's own words over the defaults, as a `RoadWarrior` takes them but for `formerly` and `hubPort`. What comes
 * later as a whole cannot be put together with anything: there the own words count alone.
 */
export function withDefaults(own: Plain, defaults: unknown, isKnown: IsKnown = () => true): Plain {
    const over = hostInConnection(own, isKnown);
    if (!isRecord(defaults) || !isKnown(defaults)) return over;
    const base = hostInConnection(defaults, isKnown);
    const merged: Plain = { ...base, ...over };
    for (const field of mergedFields) {
        const [below, above] = [base[field], over[field]];
        const plain = isRecord(below) && isRecord(above) && isKnown(below) && isKnown(above);
        if (plain) merged[field] = { ...below, ...above };
    }
    // How the others are reached is no default for one that nobody reaches.
    if (merged.bundle === true)
        for (const field of [...reachFields, "onUnreachable"]) {
            if (over[field] === undefined) delete merged[field];
            else merged[field] = over[field];
        }
    return merged;
}

/** `host` is short for `connection.host`. */
function hostInConnection(args: Plain, isKnown: IsKnown): Plain {
    const { host, ...rest } = args;
    if (host === undefined) return rest;
    const { connection } = rest;
    if (connection !== undefined && (!isKnown(connection) || !isRecord(connection))) return rest;
    return { ...rest, connection: { host, ...connection } };
}
