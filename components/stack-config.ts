import * as pulumi from "@pulumi/pulumi";
import type { MachineEntry } from "../postfix/fleet/entries";
import { Problems } from "../postfix/problems";
import { secretKeys } from "../postfix/validate/clear-secrets";
import { entriesOf } from "../postfix/validate/fleet";
import { defaultOutput, grantOf, isReference } from "../postfix/validate/hub-reference";
import {
    hubOf,
    secretOf,
    stackConfigKeys,
    validateStackConfig,
    wordKeys,
} from "../postfix/validate/stack-config";
import type { FleetLaptopArgs, FleetRelayAccessArgs } from "./fleet-args";
import { type FleetLaptop, laptopsWith } from "./fleet-laptops";
import { InputError } from "./input-error";
import { readLaptopsFile } from "./laptops-file";
import type { SmartHostArgs } from "./smart-host-args";

/** A hub with the laptops of its own stack. */
export interface HubMachines {
    hub: { name: string; args: SmartHostArgs };
    laptops: FleetLaptop[];
}

/** A fleet, whose hub is another stack's. */
export interface FleetMachines {
    fleet: string;
    reference: { stack: string; output: string };
    relayAccess?: FleetRelayAccessArgs;
    laptops: FleetLaptop[];
}

/** The machines of this stack's config; everything that is wrong with it in one error, before anything is made. */
export function readStackConfig(): HubMachines | FleetMachines {
    const project = pulumi.getProject();
    const settings = new pulumi.Config();
    const keys = Object.keys(pulumi.runtime.allConfig()).filter((key) => key.startsWith(`${project}:`));
    const problems = new Problems();
    const config: Record<string, unknown> = {};
    for (const key of keys.map((full) => full.slice(project.length + 1))) {
        try {
            // A misspelt key is reported by its name alone: its value may be a secret.
            if (!stackConfigKeys.includes(key)) config[key] = true;
            // An empty word is Pulumi.yaml's way to say that there may be one.
            else if (wordKeys.includes(key)) config[key] = settings.get(key) || undefined;
            else config[key] = settings.getObject(key);
        } catch {
            problems.add(key, "is no structure: write it as YAML below the key, or set it by --path");
        }
    }
    for (const key of strayKeys(Object.keys(pulumi.runtime.allConfig()), project))
        problems.add(
            key,
            `belongs to another project: this one's keys begin with "${project}:", its name in Pulumi.yaml`,
        );
    const encrypted = encryptedKeys(project);
    const file = readLaptopsFile(config.laptopsFile);
    const ownStack = `${project}/${pulumi.getStack()}`;
    validateStackConfig(config, problems, (key) => encrypted?.includes(key) ?? true, { file, ownStack });
    if (problems.list.length > 0) {
        throw new InputError(`The config of stack "${pulumi.getStack()}" (${project}:...)`, problems.list);
    }
    return machinesOf(config, entriesOf(config, file), encrypted ?? []);
}

/** Ours by their words and not by their project, as in lines that were copied from somewhere: the engine ignores them. */
const strayKeys = (keys: string[], project: string): string[] =>
    keys.filter((key) => {
        const [, namespace = "", name = ""] = /^([^:]*):(.*)$/.exec(key) ?? [];
        return namespace !== project && stackConfigKeys.includes(name);
    });

function machinesOf(
    config: Record<string, unknown>,
    entries: MachineEntry[],
    encrypted: string[],
): HubMachines | FleetMachines {
    const hub = hubOf(config);
    if (!hub) throw new Error("a validated config has a hub");
    const hidden = encrypted.includes("laptops") || encrypted.includes("defaults");
    const laptops = laptopsWith(entries, config.defaults).map(({ name, args }) => ({
        name,
        args: sealed(config, name, { ...args }, hidden) as FleetLaptopArgs,
    }));
    if (!isReference(hub.own)) {
        const args = sealed(config, hub.name, hub.own, encrypted.includes("smartHost"));
        return { hub: { name: hub.name, args: args as unknown as SmartHostArgs }, laptops };
    }
    const { stack, output = defaultOutput } = hub.own;
    const grant = grantOf(hub.own);
    return {
        fleet: String(config.fleet || pulumi.getStack()),
        reference: { stack: String(stack), output: String(output) },
        ...(grant && {
            relayAccess: sealed(config, hub.name, grant, false) as unknown as FleetRelayAccessArgs,
        }),
        laptops,
    };
}

/**
 * A machine's arguments with its secrets, marked as such from here on. Where one value below a key is encrypted the
 * language host does not say which: then any setting may be the one.
 */
function sealed(
    config: Record<string, unknown>,
    machine: string,
    args: Record<string, unknown>,
    secretSettings: boolean,
): Record<string, unknown> {
    // Nobody reaches a laptop with a bundle: there is nothing to be secret.
    if (args.bundle === true && args.connection === undefined) return sealedSettings(args, secretSettings);
    const connection: Record<string, unknown> = { ...(args.connection as object) };
    for (const [key, field] of Object.entries(secretKeys)) {
        const value = connection[field] ?? secretOf(config, key, machine)?.value;
        if (value !== undefined) connection[field] = pulumi.secret(value);
    }
    return sealedSettings({ ...args, connection }, secretSettings);
}

function sealedSettings(args: Record<string, unknown>, secretSettings: boolean) {
    if (!secretSettings) return args;
    const hidden = ["settings", "services", "tables"].flatMap((field) =>
        args[field] === undefined ? [] : [[field, sealTexts(args[field])]],
    );
    return { ...args, ...Object.fromEntries(hidden) };
}

/** Each text of a structure as a secret; names stay readable. */
function sealTexts(value: unknown): unknown {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return pulumi.secret(value);
    return Object.fromEntries(Object.entries(value).map(([name, below]) => [name, sealTexts(below)]));
}

/** Top level keys that the stack file holds encrypted, or some value below. The SDK keeps that to itself; the language host says it here. */
function encryptedKeys(project: string): string[] | undefined {
    const told = process.env.PULUMI_CONFIG_SECRET_KEYS;
    if (told === undefined || told === "") return undefined;
    const keys: unknown = JSON.parse(told);
    if (!Array.isArray(keys)) return [];
    return keys
        .filter((key) => String(key).startsWith(`${project}:`))
        .map((key) => String(key).slice(project.length + 1));
}
