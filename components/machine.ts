import * as pulumi from "@pulumi/pulumi";
import type { Role } from "../postfix/settings";
import { tlsWarnings } from "../postfix/validate/tls";
import { withHatch } from "./hatch";
import type { HatchArgs } from "./hatch-args";
import { Host, type HostArgs } from "./host";
import { installPostfix } from "./install";
import type { MachineArgs, WantedArgs } from "./machine-args";
import { remoteScript } from "./remote-commands";
import { type Transform, transformed } from "./transform";

interface MachineOptions {
    parent: pulumi.Resource;
    dependsOn?: pulumi.ComponentResourceOptions["dependsOn"];
    transform?: Transform<HostArgs>;
}

export type Wanted = Omit<HostArgs, Exclude<keyof MachineArgs, keyof HatchArgs> | "owner" | "role"> & {
    role: Role;
};

/** A machine's `Host`, with what runs before it (the package, your hook) and after it. */
export function makeHost(name: string, args: MachineArgs, wanted: Wanted, options: MachineOptions): Host {
    const { connection, sudo, knownHosts, insecureIgnoreHostKey, onUnreachable, hooks } = args;
    const { parent } = options;
    const configuration = configurationOf(name, args, wanted, parent);
    const before: pulumi.Resource[] = [];
    const after = (resources: pulumi.Resource[]): pulumi.CustomResourceOptions =>
        // Not inherited from the component, and needed for the order in which things are removed.
        pulumi.mergeOptions({ parent, dependsOn: resources }, { dependsOn: options.dependsOn });
    if (args.installPackage) {
        before.push(installPostfix(name, wanted.role, { connection, sudo, opts: after([]) }));
    }
    if (hooks?.before !== undefined) {
        // By what is wanted, without the chains: nothing made of a private key may stand in the state.
        const { main, services, lists, keyGeneration } = configuration;
        const triggers = [main, services, lists, keyGeneration].map((part) => part ?? null);
        const target = { connection, sudo, opts: after([...before]) };
        before.push(remoteScript(`${name}-before`, target, hooks.before, { triggers }));
    }
    const all: HostArgs = {
        connection,
        sudo,
        knownHosts,
        insecureIgnoreHostKey,
        onUnreachable,
        ...(args.installPackage ? { installPackage: true } : {}),
        ...configuration,
    };
    const host = new Host(...transformed(options.transform, name, all, after(before)));
    if (hooks?.after !== undefined) {
        // The folder of keys and tables has a new name after each change on the machine.
        const target = { connection, sudo, opts: { parent, dependsOn: [host] } };
        remoteScript(`${name}-after`, target, hooks.after, { triggers: [host.generation] });
    }
    return host;
}

/** What is wanted of a machine with all that is asked for beside it, however the machine is reached. */
export function configurationOf(
    name: string,
    args: WantedArgs,
    wanted: Wanted,
    parent: pulumi.Resource,
): Omit<HostArgs, "connection"> {
    for (const warning of tlsWarnings(args)) pulumi.log.warn(warning, parent);
    const { inetProtocols, takeOver, onDelete } = args;
    return {
        owner: ownerLabel(name),
        takeOver,
        onDelete,
        ...wanted,
        ...(inetProtocols === undefined ? {} : { main: { ...wanted.main, inet_protocols: inetProtocols } }),
        ...withHatch(args, wanted),
    };
}

/** The name as label of a fragment: readable, and free of what main.cf or a file name would stumble over. */
export function ownerLabel(name: string): string {
    const label = name
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, "-")
        .replace(/^-+/, "")
        .slice(0, longestLabel)
        .replace(/-+$/, "");
    return label === "" ? "postfix" : label;
}

const longestLabel = 40;
