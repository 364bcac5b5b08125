import { joinPath, type ProblemSink, Problems, pathStep } from "../problems";
import { isRecord, type Plain, unknownReason } from "./args";
import { passwordEntries, passwordTables } from "./password-tables";
import { validateRoadWarrior } from "./road-warrior";
import { show } from "./show";
import { validateSmartHost } from "./smart-host";

/** Top level keys of a stack's config that hold secrets by machine name (`"*"`: any), and the field each one fills. */
export const secretKeys = {
    passwords: "password",
    privateKeys: "privateKey",
    privateKeyPasswords: "privateKeyPassword",
} as const;

export const stackConfigKeys = ["smartHost", "laptops", "defaults", ...Object.keys(secretKeys)];

/** One machine of the config: what it is called, where it stands there, and its own words before any default. */
export interface MachineEntry {
    name: string;
    path: string;
    own: Plain;
}

export const defaultHubName = "hub";

/** The hub, if the config has one that can be read. */
export function hubOf(config: Plain): MachineEntry | undefined {
    if (!isRecord(config.smartHost)) return undefined;
    const { name, ...own } = config.smartHost;
    return { name: typeof name === "string" ? name : defaultHubName, path: "smartHost", own };
}

/** The laptops, from a list with names or a map by name. */
export function laptopsOf(config: Plain): MachineEntry[] {
    const { laptops } = config;
    if (Array.isArray(laptops)) {
        return laptops.filter(isRecord).map((laptop) => {
            const { name, ...own } = laptop;
            const path = `laptops${pathStep(laptops.indexOf(laptop))}`;
            return { name: typeof name === "string" ? name : "", path, own };
        });
    }
    if (!isRecord(laptops)) return [];
    return Object.entries(laptops).flatMap(([name, own]) =>
        // `alice:` with nothing below it: all by defaults.
        isRecord(own) || own === null
            ? [{ name, path: joinPath("laptops", pathStep(name)), own: isRecord(own) ? own : {} }]
            : [],
    );
}

/** A laptop's own words over the defaults; these are merged field by field. */
export function withDefaults(own: Plain, defaults: unknown): Plain {
    if (!isRecord(defaults)) return own;
    const merged: Plain = { ...defaults, ...own };
    for (const field of ["connection", "settings", "services", "tables"]) {
        const [base, over] = [defaults[field], own[field]];
        if (isRecord(base) && isRecord(over)) merged[field] = { ...base, ...over };
    }
    return merged;
}

/** The secret of one machine under one of the secret keys, and the path where it stands. */
export function secretOf(
    config: Plain,
    key: string,
    machine: string,
): { value: unknown; path: string } | undefined {
    const values = config[key];
    if (!isRecord(values)) return undefined;
    const name = [machine, "*"].find((candidate) => values[candidate] !== undefined);
    return name === undefined ? undefined : { value: values[name], path: joinPath(key, pathStep(name)) };
}

/**
 * Everything that is wrong with a stack's config, before anything is made of it. `isSecret` says whether a top level
 * key is stored encrypted.
 */
export function validateStackConfig(
    config: Plain,
    problems: ProblemSink,
    isSecret: (key: string) => boolean,
): void {
    for (const key of Object.keys(config)) {
        if (!stackConfigKeys.includes(key)) problems.add(pathStep(key), unknownReason(key, stackConfigKeys));
    }
    encrypted(config, problems, isSecret);
    const { smartHost, laptops, defaults } = config;
    if (smartHost === undefined) problems.add("smartHost", "missing; the hub: { hostname, connection }");
    else if (!isRecord(smartHost))
        problems.add("smartHost", `given ${show(smartHost)}, allowed: { hostname, connection }`);
    if (defaults !== undefined && !isRecord(defaults)) {
        problems.add(
            "defaults",
            `given ${show(defaults)}, allowed: what every laptop has, e.g. { sudo: true }`,
        );
    }
    shapeOfLaptops(laptops, problems);
    const machines = new Machines(config, problems);
    machines.checkHub();
    machines.checkLaptops();
    machines.checkSecretNames();
}

function shapeOfLaptops(laptops: unknown, problems: ProblemSink): void {
    const allowed = "allowed: { connection, ... }";
    if (Array.isArray(laptops)) {
        for (const [index, laptop] of laptops.entries()) {
            const path = `laptops${pathStep(index)}`;
            if (!isRecord(laptop)) problems.add(path, `given ${show(laptop)}, ${allowed}`);
            else if (laptop.name === undefined)
                problems.add(`${path}.name`, "missing; each laptop of a list needs one");
        }
    } else if (isRecord(laptops)) {
        for (const [name, laptop] of Object.entries(laptops)) {
            const path = joinPath("laptops", pathStep(name));
            if (!isRecord(laptop) && laptop !== null) problems.add(path, `given ${show(laptop)}, ${allowed}`);
        }
    } else if (laptops !== undefined) {
        problems.add(
            "laptops",
            `given ${show(laptops)}, allowed: a map of laptops by name, or a list of them`,
        );
    }
}

/** A password in a stack file is a password in everybody's git. */
function encrypted(config: Plain, problems: ProblemSink, isSecret: (key: string) => boolean): void {
    const fields = Object.values(secretKeys) as string[];
    const walk = (value: unknown, path: string): void => {
        if (typeof value !== "object" || value === null) return;
        for (const [key, below] of Object.entries(value)) {
            const at = joinPath(path, pathStep(Array.isArray(value) ? Number(key) : key));
            if (fields.includes(key) && typeof below === "string") problems.add(at, inClear(at));
            else if (key === "users" && path.endsWith(".sasl") && isRecord(below)) {
                for (const name of Object.keys(below))
                    problems.add(joinPath(at, pathStep(name)), inClear(joinPath(at, pathStep(name))));
            } else walk(below, at);
        }
    };
    const tables = passwordTables(config);
    for (const key of Object.keys(config).filter((name) => !isSecret(name))) {
        for (const at of passwordEntries(config[key], tables, key)) problems.add(at, inClear(at));
        if (!(key in secretKeys)) walk(config[key], key);
        else if (isRecord(config[key])) {
            for (const name of Object.keys(config[key]))
                problems.add(joinPath(key, pathStep(name)), inClear(`${key}.${name}`));
        }
    }
}

const inClear = (path: string): string =>
    `stands in the stack file in clear; give it anew by: pulumi config set --secret --path '${path}'`;

/** The machines as they come out of config and defaults, each problem led back to where its words stand. */
class Machines {
    private readonly hub: MachineEntry | undefined;
    private readonly laptops: MachineEntry[];
    private readonly seen = new Set<string>();

    constructor(
        private readonly config: Plain,
        private readonly problems: ProblemSink,
    ) {
        this.hub = hubOf(config);
        this.laptops = laptopsOf(config);
    }

    checkHub(): void {
        if (!this.hub) return;
        this.name(this.hub, "smartHost.name");
        const own = this.withSecrets(this.hub, this.hub.own);
        this.report(this.hub, undefined, (found) => validateSmartHost(own, found, () => true));
    }

    checkLaptops(): void {
        const names = new Map<string, string>();
        const isList = Array.isArray(this.config.laptops);
        if (this.hub) names.set(this.hub.name, this.hub.path);
        for (const laptop of this.laptops) {
            if (laptop.name === "" && isList) continue;
            const namePath = isList ? `${laptop.path}.name` : laptop.path;
            this.name(laptop, namePath);
            const other = names.get(laptop.name);
            if (other === undefined) names.set(laptop.name, laptop.path);
            else
                this.problems.add(
                    namePath,
                    `given ${show(laptop.name)}, which ${other} has too: each machine needs its own`,
                );
            this.laptop(laptop);
        }
    }

    /** A secret for a machine that is not there is a misspelt name, and its machine stays without. */
    checkSecretNames(): void {
        const names = [...(this.hub ? [this.hub.name] : []), ...this.laptops.map(({ name }) => name), "*"];
        for (const key of Object.keys(secretKeys)) {
            const values = this.config[key];
            if (values === undefined) continue;
            if (!isRecord(values)) {
                this.problems.add(key, "allowed: a map by machine name");
                continue;
            }
            for (const name of Object.keys(values).filter((candidate) => !names.includes(candidate))) {
                this.problems.add(joinPath(key, pathStep(name)), unknownReason(name, names));
            }
        }
    }

    private laptop(laptop: MachineEntry): void {
        const { defaults } = this.config;
        const merged = this.withSecrets(laptop, withDefaults(laptop.own, defaults));
        const link = Symbol("the hub's link, which is not there yet");
        this.report(laptop, defaults, (found) => {
            if (merged.smartHost !== undefined)
                found.add("smartHost", "unknown here: the hub is the stack's own");
            validateRoadWarrior({ ...merged, smartHost: link }, found, (value) => value !== link);
            this.notTheHub(merged, found);
        });
    }

    private notTheHub(laptop: Plain, found: ProblemSink): void {
        const hub = this.hub?.own;
        if (!hub) return;
        const address = addressOf(hub.connection);
        const remedy =
            "as the hub has, but a machine cannot be its own hub: give the laptop's own, or leave this laptop out";
        if (address !== undefined && addressOf(laptop.connection) === address) {
            found.add("connection.host", `given ${address}, ${remedy}`);
        }
        if (typeof laptop.hostname === "string" && laptop.hostname === hub.hostname) {
            found.add("hostname", `given ${show(laptop.hostname)}, ${remedy}`);
        }
    }

    private name(machine: MachineEntry, path: string): void {
        if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(machine.name)) return;
        this.problems.add(path, `given ${show(machine.name)}, allowed: a name of letters, digits and . _ -`);
    }

    private withSecrets(machine: MachineEntry, args: Plain): Plain {
        if (!isRecord(args.connection)) return args;
        const connection = { ...args.connection };
        for (const [key, field] of Object.entries(secretKeys)) {
            const secret = secretOf(this.config, key, machine.name);
            if (secret && connection[field] === undefined) connection[field] = secret.value;
        }
        return { ...args, connection };
    }

    /** A fault of the defaults is told once, and where it stands. */
    private report(machine: MachineEntry, defaults: unknown, validate: (found: ProblemSink) => void): void {
        const found = new Problems();
        validate(found);
        for (const { path, reason } of found.list) {
            const at = this.origin(machine, defaults, path);
            if (this.seen.has(`${at}\n${reason}`)) continue;
            this.seen.add(`${at}\n${reason}`);
            this.problems.add(at, reason);
        }
    }

    private origin(machine: MachineEntry, defaults: unknown, path: string): string {
        if (at(machine.own, path) !== undefined) return joinPath(machine.path, path);
        for (const [key, field] of Object.entries(secretKeys)) {
            const secret =
                path === `connection.${field}` ? secretOf(this.config, key, machine.name) : undefined;
            if (secret && at(defaults, path) === undefined) return secret.path;
        }
        return joinPath(at(defaults, path) === undefined ? machine.path : "defaults", path);
    }
}

/** What stands at a property path, as far as it leads. */
function at(value: unknown, path: string): unknown {
    const steps = path.match(/[^.[\]"]+|"[^"]*"/g) ?? [];
    return steps.reduce<unknown>((found, step) => {
        if (typeof found !== "object" || found === null) return undefined;
        return (found as Plain)[step.replaceAll('"', "")];
    }, value);
}

function addressOf(connection: unknown): string | undefined {
    if (!isRecord(connection) || typeof connection.host !== "string" || connection.proxy !== undefined)
        return undefined;
    return `${connection.host.toLowerCase()}:${connection.port ?? 22}`;
}
