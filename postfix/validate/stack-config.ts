import type { LaptopsFile, MachineEntry } from "../fleet/entries";
import { joinPath, type ProblemSink, Problems, pathStep } from "../problems";
import { valueAt } from "../property-path";
import { isRecord, type Plain, unknownReason } from "./args";
import { secretKeys, secretsInClear } from "./clear-secrets";
import { entriesOf, shapeOfFleet } from "./fleet";
import { isReference, validateHubReference } from "./hub-reference";
import { checkMachineName, LaptopsCheck } from "./laptops";
import { passwordTables } from "./password-tables";
import { show } from "./show";
import { validateSmartHost } from "./smart-host";

/** Top level keys whose values are plain words; all others are structures. */
export const wordKeys = ["fleet", "laptopsFile"];

export const stackConfigKeys = ["smartHost", "laptops", "defaults", ...wordKeys, ...Object.keys(secretKeys)];

const defaultHubName = "hub";

/** What is known of a config beside its own words. */
export interface ConfigContext {
    /** The file that `laptopsFile` names, once it is read. */
    file?: LaptopsFile;
    /** The stack itself, as `project/stack`. */
    ownStack?: string;
}

/** The hub, if the config has one that can be read. */
export function hubOf(config: Plain): MachineEntry | undefined {
    if (!isRecord(config.smartHost)) return undefined;
    const { name, ...own } = config.smartHost;
    const path = "smartHost";
    return {
        name: typeof name === "string" ? name : defaultHubName,
        path,
        own,
        namePath: `${path}.name`,
    };
}

/** The secret of one machine under one of the secret keys, and the path where it stands. */
export function secretOf(
    config: Plain,
    key: string,
    machine: string,
): { value: unknown; path: string } | undefined {
    const values = config[key];
    if (!isRecord(values)) return undefined;
    const name = [machine, "*"].find((candidate) => Object.hasOwn(values, candidate));
    return name === undefined ? undefined : { value: values[name], path: joinPath(key, pathStep(name)) };
}

/** The secret that fills a field of a machine's connection. */
function secretFor(config: Plain, machine: string, field: string) {
    const key = Object.entries(secretKeys).find(([, filled]) => filled === field)?.[0];
    return key === undefined ? undefined : secretOf(config, key, machine);
}

/**
 * Everything that is wrong with a stack's config, before anything is made of it. `isSecret` says whether a top level
 * key is stored encrypted.
 */
export function validateStackConfig(
    config: Plain,
    problems: ProblemSink,
    isSecret: (key: string) => boolean,
    context: ConfigContext = {},
): void {
    for (const key of Object.keys(config)) {
        if (!stackConfigKeys.includes(key)) problems.add(pathStep(key), unknownReason(key, stackConfigKeys));
    }
    encrypted(config, problems, isSecret);
    const { smartHost } = config;
    const hubs = "the hub: { hostname, connection }, or that of another stack: { stack, connection }";
    if (smartHost === undefined) problems.add("smartHost", `missing; ${hubs}`);
    else if (!isRecord(smartHost)) problems.add("smartHost", `given ${show(smartHost)}, allowed: ${hubs}`);
    shapeOfFleet(config, problems);
    const hub = hubOf(config);
    if (hub) checkHub(config, hub, problems, context.ownStack ?? "");
    checkFleetName(config, hub, problems);
    const entries = entriesOf(config, context.file);
    new LaptopsCheck({ entries, defaults: config.defaults }, problems).check({
        smartHost: Symbol("the hub's link, which is not there yet"),
        hub: hub && {
            name: hub.name,
            path: hub.path,
            connection: hub.own.connection,
            hostname: hub.own.hostname,
        },
        secretOf: (machine, field) => secretFor(config, machine, field),
        secretFields: Object.values(secretKeys),
    });
    for (const { path, reason } of context.file?.problems ?? []) problems.add(path, reason);
    checkSecretNames(config, [...(hub ? [hub] : []), ...entries], problems);
}

function checkHub(config: Plain, hub: MachineEntry, problems: ProblemSink, ownStack: string): void {
    checkMachineName(hub.name, hub.namePath, problems);
    const found = new Problems();
    const args = withSecrets(config, hub);
    if (isReference(args)) validateHubReference(args, found, ownStack);
    else validateSmartHost(args, found, () => true);
    for (const { path, reason } of found.list) {
        const given = valueAt(hub.own, path) !== undefined;
        const secret = given ? undefined : secretFor(config, hub.name, path.replace(/^connection\./, ""));
        problems.add(secret?.path ?? joinPath(hub.path, path), reason);
    }
}

function withSecrets(config: Plain, { name, own }: MachineEntry): Plain {
    if (!isRecord(own.connection)) return own;
    const connection = { ...own.connection };
    for (const [key, field] of Object.entries(secretKeys)) {
        const secret = secretOf(config, key, name);
        if (secret && connection[field] === undefined) connection[field] = secret.value;
    }
    return { ...own, connection };
}

function checkFleetName(
    { fleet, laptops }: Plain,
    hub: MachineEntry | undefined,
    problems: ProblemSink,
): void {
    if (fleet === undefined || fleet === "") return;
    if (typeof fleet !== "string") problems.add("fleet", `given ${show(fleet)}, allowed: a name`);
    else checkMachineName(fleet, "fleet", problems);
    if (hub && !isReference(hub.own)) {
        const both =
            laptops === undefined ? "" : "; the laptops of this stack are the hub's own, and need no name";
        problems.add("fleet", `does not go with a hub of this stack's own: leave it out${both}`);
    }
}

/**
 * A password in a stack file is a password in everybody's git. Of a key the engine says only whether a value below it is
 * encrypted: one in clear beside it is not seen.
 */
function encrypted(config: Plain, problems: ProblemSink, isSecret: (key: string) => boolean): void {
    const tables = passwordTables(config);
    for (const key of Object.keys(config).filter((name) => !isSecret(name))) {
        if (!(key in secretKeys))
            for (const at of secretsInClear(config[key], tables, key)) problems.add(at, inClear(at));
        else if (isRecord(config[key])) {
            for (const at of Object.keys(config[key]).map((name) => joinPath(key, pathStep(name))))
                problems.add(at, inClear(at));
        }
    }
}

const inClear = (path: string): string =>
    `stands in the stack file in clear; give it anew by: pulumi config set --secret --path '${path}'`;

/** A secret for a machine that is not there is a misspelt name, and its machine stays without. */
function checkSecretNames(config: Plain, machines: MachineEntry[], problems: ProblemSink): void {
    const names = [...machines.map(({ name }) => name), "*"];
    for (const key of Object.keys(secretKeys)) {
        const values = config[key];
        if (values === undefined) continue;
        if (!isRecord(values)) {
            problems.add(key, "allowed: a map by machine name");
            continue;
        }
        for (const name of Object.keys(values).filter((candidate) => !names.includes(candidate))) {
            problems.add(joinPath(key, pathStep(name)), unknownReason(name, names));
        }
    }
}
