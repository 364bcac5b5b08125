import * as pulumi from "@pulumi/pulumi";
import type { Role } from "../postfix/settings";
import { tlsWarnings } from "../postfix/validate/tls";
import { withHatch } from "./hatch";
import type { HatchArgs } from "./hatch-args";
import { Host, type HostArgs } from "./host";
import { installPostfix } from "./install";
import type { MachineArgs } from "./machine-args";
import { remoteScript } from "./remote-commands";
import { type Transform, transformed } from "./transform";

interface MachineOptions {
    parent: pulumi.Resource;
    dependsOn?: pulumi.ComponentResourceOptions["dependsOn"];
    transform?: Transform<HostArgs>;
}

type Wanted = Omit<HostArgs, Exclude<keyof MachineArgs, keyof HatchArgs> | "owner" | "role"> & { role: Role };

/** A machine's `Host`, with what runs before it (the package, your hook) and after it. */
export function makeHost(name: string, args: MachineArgs, wanted: Wanted, options: MachineOptions): Host {
    const { connection, sudo, knownHosts, insecureIgnoreHostKey, takeOver, onUnreachable, onDelete, hooks } =
        args;
    const { parent } = options;
    for (const warning of tlsWarnings(args)) pulumi.log.warn(warning, parent);
    const main =
        args.inetProtocols === undefined
            ? wanted.main
            : { ...wanted.main, inet_protocols: args.inetProtocols };
    const hatch = withHatch(name, args, wanted);
    const before: pulumi.Resource[] = [];
    const after = (resources: pulumi.Resource[]): pulumi.CustomResourceOptions =>
        // Not inherited from the component, and needed for the order in which things are removed.
        pulumi.mergeOptions({ parent, dependsOn: resources }, { dependsOn: options.dependsOn });
    if (args.installPackage) {
        before.push(installPostfix(name, wanted.role, { connection, sudo, opts: after([]) }));
    }
    if (hooks?.before !== undefined) {
        // By what is wanted, without the chains: nothing made of a private key may stand in the state.
        const triggers = [main, hatch.services, wanted.lists, wanted.keyGeneration].map(
            (part) => part ?? null,
        );
        const target = { connection, sudo, opts: after([...before]) };
        before.push(remoteScript(`${name}-before`, target, hooks.before, { triggers }));
    }
    const all: HostArgs = {
        owner: ownerLabel(name),
        connection,
        sudo,
        knownHosts,
        insecureIgnoreHostKey,
        takeOver,
        onUnreachable,
        onDelete,
        ...(args.installPackage ? { installPackage: true } : {}),
        ...wanted,
        main,
        ...hatch,
    };
    const host = new Host(...transformed(options.transform, name, all, after(before)));
    if (hooks?.after !== undefined) {
        // The folder of keys and tables has a new name after each change on the machine.
        const target = { connection, sudo, opts: { parent, dependsOn: [host] } };
        remoteScript(`${name}-after`, target, hooks.after, { triggers: [host.generation] });
    }
    return host;
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
