import { type MachineEntry, placeIn, withDefaults } from "../fleet/entries";
import { joinPath, type ProblemSink, Problems, pathStep } from "../problems";
import { valueAt } from "../property-path";
import { ArgsCheck, type IsKnown, isRecord, type Plain } from "./args";
import { secretsInClear } from "./clear-secrets";
import { comparableName } from "./hostname";
import { defaultFields, laptopFields, unknownLaptopField } from "./laptop-fields";
import { passwordTables } from "./password-tables";
import { validateRoadWarrior } from "./road-warrior";
import { show } from "./show";

/** What the laptops of a fleet have around them. */
export interface Surroundings {
    /** The hub's link, or what stands for it while nobody knows it. */
    smartHost: unknown;
    /** How the hub is reached, as far as that is known, and where it stands. */
    hub?: { name?: string; path: string; connection?: unknown; hostname?: unknown };
    /** A secret that the config keeps elsewhere: its value, and where it stands. */
    secretOf?: (machine: string, field: string) => { value: unknown; path: string } | undefined;
    /** The fields that such secrets fill. */
    secretFields?: readonly string[];
}

/** The laptops as they come out of their own words and the defaults, each problem led back to where its words stand. */
export class LaptopsCheck {
    private readonly seen = new Set<string>();

    constructor(
        private readonly fleet: { entries: MachineEntry[]; defaults?: unknown },
        private readonly problems: ProblemSink,
        private readonly isKnown: IsKnown = () => true,
    ) {}

    check(around: Surroundings): void {
        const { entries, defaults } = this.fleet;
        if (isRecord(defaults) && this.isKnown(defaults))
            this.onlyFields(defaults, defaultFields, (field) => joinPath("defaults", field));
        for (const laptop of entries) {
            this.onlyFields(laptop.own, laptopFields, (field) => placeIn(laptop, field));
            this.hostTwice(laptop);
            if (laptop.inFile) this.secrets(laptop);
            this.laptop(laptop, around);
        }
        this.names(around.hub);
        this.addresses(around);
    }

    private onlyFields(args: Plain, allowed: readonly string[], place: (field: string) => string): void {
        for (const field of Object.keys(args)) {
            if (!allowed.includes(field))
                this.problems.add(place(pathStep(field)), unknownLaptopField(field, allowed));
        }
    }

    private hostTwice({ own, ...laptop }: MachineEntry): void {
        const { host, connection } = own;
        if (host === undefined || connection === undefined) return;
        const plain = this.isKnown(connection) && isRecord(connection);
        if (plain && connection.host === undefined) return;
        const remedy = plain
            ? "stands in connection.host too: leave one of them out"
            : "cannot join a connection that comes as a whole: leave it out";
        this.problems.add(placeIn({ ...laptop, own }, "host"), remedy);
    }

    /** What stands in a file of laptops stands in everybody's git. */
    private secrets(laptop: MachineEntry): void {
        const tables = passwordTables([laptop.own, this.fleet.defaults]);
        const remedy =
            "stands in the file in clear: take it out of there, and give it in the program or by the stack's secrets, pulumi config set --secret --path 'passwords[\"NAME\"]'";
        for (const at of secretsInClear(laptop.own, tables, ""))
            this.problems.add(placeIn(laptop, at), remedy.replace("NAME", laptop.name));
    }

    private laptop(laptop: MachineEntry, { smartHost, ...around }: Surroundings): void {
        const { formerly: _, hubPort: __, ...merged } = this.merged(laptop, around);
        const args = Object.fromEntries(
            Object.entries(merged).filter(([field]) => laptopFields.includes(field)),
        );
        const found = new Problems();
        validateRoadWarrior(
            { ...args, smartHost },
            found,
            (value) => typeof value !== "symbol" && this.isKnown(value),
        );
        const { hubPort } = withDefaults(laptop.own, this.fleet.defaults, this.isKnown);
        new ArgsCheck({ hubPort }, found, this.isKnown).port("hubPort");
        for (const { path, reason } of found.list) {
            const at = this.origin(laptop, path, around);
            // A fault of the defaults is told once, and where it stands.
            if (this.seen.has(`${at}\n${reason}`)) continue;
            this.seen.add(`${at}\n${reason}`);
            // The link's own faults are told by whoever has it.
            if (!/^smartHost\b/.test(path)) this.problems.add(at, reason);
        }
    }

    /** A laptop as its `RoadWarrior` will be given it, with its secrets. */
    private merged(laptop: MachineEntry, { secretOf, secretFields = [] }: Omit<Surroundings, "smartHost">) {
        const args = withDefaults(laptop.own, this.fleet.defaults, this.isKnown);
        if (!isRecord(args.connection) || !this.isKnown(args.connection)) return args;
        const connection = { ...args.connection };
        for (const field of secretFields) connection[field] ??= secretOf?.(laptop.name, field)?.value;
        const given = Object.entries(connection).filter(([, value]) => value !== undefined);
        return { ...args, connection: Object.fromEntries(given) };
    }

    private origin(laptop: MachineEntry, path: string, around: Omit<Surroundings, "smartHost">): string {
        const { defaults } = this.fleet;
        if (valueAt(laptop.own, path) !== undefined) return placeIn(laptop, path);
        const short = path === "connection.host" ? "host" : path;
        if (valueAt(laptop.own, short) !== undefined) return placeIn(laptop, short);
        if (valueAt(defaults, path) !== undefined) return joinPath("defaults", path);
        if (valueAt(defaults, short) !== undefined) return joinPath("defaults", short);
        const field = path.replace(/^connection\./, "");
        const secret = path === field ? undefined : around.secretOf?.(laptop.name, field);
        return secret?.path ?? placeIn(laptop, path);
    }

    private names(hub: Surroundings["hub"]): void {
        const { entries } = this.fleet;
        const names = new Map<string, string>(hub?.name === undefined ? [] : [[hub.name, hub.path]]);
        for (const laptop of entries) {
            // Of a list: told already.
            if (laptop.name === "" && laptop.namePath !== laptop.path) continue;
            checkMachineName(laptop.name, laptop.namePath, this.problems);
            const other = names.get(laptop.name);
            if (other === undefined) names.set(laptop.name, laptop.path);
            else
                this.problems.add(
                    laptop.namePath,
                    `given ${show(laptop.name)}, which ${other} has too: each machine needs its own`,
                );
        }
        const before = new Map<string, string>();
        for (const laptop of entries) {
            const { formerly } = laptop.own;
            if (formerly === undefined) continue;
            const path = placeIn(laptop, "formerly");
            const allowed = "allowed: the name that the laptop had, and no other laptop has";
            const holder = typeof formerly === "string" ? names.get(formerly) : undefined;
            const twin = typeof formerly === "string" ? before.get(formerly) : undefined;
            if (typeof formerly !== "string" || !isMachineName(formerly))
                this.problems.add(path, `given ${show(formerly)}, ${allowed}`);
            else if (formerly === laptop.name)
                this.problems.add(path, `given ${show(formerly)}, which is its name now: leave it out`);
            else if (holder !== undefined || twin !== undefined)
                this.problems.add(path, `given ${show(formerly)}, which ${holder ?? twin} has, ${allowed}`);
            else before.set(formerly, path);
        }
    }

    /** Two laptops at one address are one machine; one at the hub's is the hub. */
    private addresses({ hub, ...around }: Omit<Surroundings, "smartHost">): void {
        const hubAddress = addressOf(hub?.connection, this.isKnown);
        const taken = new Map<string, MachineEntry>();
        const itsOwnHub =
            "as the hub has, but a machine cannot be its own hub: give the laptop's own, or leave this laptop out";
        for (const laptop of this.fleet.entries) {
            const { connection, hostname } = withDefaults(laptop.own, this.fleet.defaults, this.isKnown);
            const address = addressOf(connection, this.isKnown);
            if (
                typeof hostname === "string" &&
                typeof hub?.hostname === "string" &&
                comparableName(hostname) === comparableName(hub.hostname)
            )
                this.problems.add(
                    this.origin(laptop, "hostname", around),
                    `given ${show(hostname)}, ${itsOwnHub}`,
                );
            if (address === undefined) continue;
            const at = this.origin(laptop, "connection.host", around);
            const other = taken.get(address);
            if (address === hubAddress) this.problems.add(at, `given ${address}, ${itsOwnHub}`);
            else if (other === undefined) taken.set(address, laptop);
            else {
                const both = `where ${other.name} (${other.path}) is too`;
                const remedy = "one machine is one laptop: give its own address, or leave one of them out";
                this.problems.add(at, `given ${address}, ${both}; ${remedy}`);
            }
        }
    }
}

const isMachineName = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(name);

export function checkMachineName(name: string, path: string, problems: ProblemSink): void {
    if (isMachineName(name)) return;
    problems.add(
        path,
        `given ${show(name)}, allowed: a name of letters, digits and . _ -, 63 at most, that begins with a letter or digit`,
    );
}

/** Where a connection leads, if that is known now. Behind a jump host, equal addresses may be different machines. */
export function addressOf(connection: unknown, isKnown: IsKnown): string | undefined {
    if (!isKnown(connection) || !isRecord(connection) || connection.proxy !== undefined) return undefined;
    const { host, port = 22 } = connection;
    if (typeof host !== "string" || typeof port !== "number") return undefined;
    return `${host.toLowerCase().replace(/\.$/, "")}:${port}`;
}
