import * as pulumi from "@pulumi/pulumi";
import { Problems } from "../postfix/problems";
import {
    hubOf,
    laptopsOf,
    type MachineEntry,
    secretKeys,
    secretOf,
    stackConfigKeys,
    validateStackConfig,
    withDefaults,
} from "../postfix/validate/stack-config";
import { InputError } from "./input-error";
import type { RoadWarriorArgs } from "./road-warrior";
import type { SmartHostArgs } from "./smart-host";

/** The config of a stack that `index.ts` makes machines of, as it stands in `stacks/Pulumi.<stack>.yaml`. */
export interface StackConfig {
    /** The hub: the arguments of a `SmartHost`, and its name (default "hub"). */
    smartHost: SmartHostArgs & { name?: string };
    /** The laptops: the arguments of a `RoadWarrior` each, by name or as a list with names. */
    laptops?: Record<string, LaptopConfig> | (LaptopConfig & { name: string })[];
    /** What every laptop has, unless it says otherwise; `connection`, `settings`, `services` and `tables` by field. */
    defaults?: Partial<LaptopConfig>;
    /** SSH passwords by machine name; "*" for any. Stored encrypted, or refused. */
    passwords?: Record<string, string>;
    /** SSH private keys by machine name; "*" for any. Stored encrypted, or refused. Without one the agent is asked. */
    privateKeys?: Record<string, string>;
    /** Passwords of encrypted private keys, likewise. */
    privateKeyPasswords?: Record<string, string>;
}

export type LaptopConfig = Omit<RoadWarriorArgs, "smartHost">;

export interface StackMachines {
    hub: { name: string; args: SmartHostArgs };
    laptops: { name: string; args: LaptopConfig }[];
}

/** The machines of this stack's config; everything that is wrong with it in one error, before anything is made. */
export function readStackConfig(): StackMachines {
    const project = pulumi.getProject();
    const settings = new pulumi.Config();
    const keys = Object.keys(pulumi.runtime.allConfig()).filter((key) => key.startsWith(`${project}:`));
    const problems = new Problems();
    const config: Record<string, unknown> = {};
    for (const key of keys.map((full) => full.slice(project.length + 1))) {
        try {
            // A misspelt key is reported by its name alone: its value may be a secret.
            config[key] = stackConfigKeys.includes(key) ? settings.getObject(key) : true;
        } catch {
            problems.add(key, "is no structure: write it as YAML below the key, or set it by --path");
        }
    }
    const encrypted = encryptedKeys(project);
    validateStackConfig(config, problems, (key) => encrypted?.includes(key) ?? true);
    if (problems.list.length > 0) {
        throw new InputError(`The config of stack "${pulumi.getStack()}" (${project}:...)`, problems.list);
    }
    return machinesOf(config, encrypted ?? []);
}

function machinesOf(config: Record<string, unknown>, encrypted: string[]): StackMachines {
    const hub = hubOf(config);
    if (!hub) throw new Error("a validated config has a hub");
    return {
        hub: {
            name: hub.name,
            args: sealed(config, hub, hub.own, encrypted.includes("smartHost")) as unknown as SmartHostArgs,
        },
        laptops: laptopsOf(config).map((laptop) => ({
            name: laptop.name,
            args: sealed(
                config,
                laptop,
                withDefaults(laptop.own, config.defaults),
                encrypted.includes("laptops") || encrypted.includes("defaults"),
            ) as unknown as LaptopConfig,
        })),
    };
}

/**
 * A machine's arguments with its secrets, marked as such from here on. Where one value below a key is encrypted the
 * language host does not say which: then any setting may be the one.
 */
function sealed(
    config: Record<string, unknown>,
    machine: MachineEntry,
    args: Record<string, unknown>,
    secretSettings: boolean,
) {
    const connection: Record<string, unknown> = { ...(args.connection as object) };
    for (const [key, field] of Object.entries(secretKeys)) {
        const value = connection[field] ?? secretOf(config, key, machine.name)?.value;
        if (value !== undefined) connection[field] = pulumi.secret(value);
    }
    if (!secretSettings) return { ...args, connection };
    const hidden = ["settings", "services", "tables"].flatMap((field) =>
        args[field] === undefined ? [] : [[field, sealTexts(args[field])]],
    );
    return { ...args, connection, ...Object.fromEntries(hidden) };
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
