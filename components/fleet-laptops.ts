import * as pulumi from "@pulumi/pulumi";
import { clonedDisks } from "../postfix/fleet/cloned-disks";
import { type MachineEntry, withDefaults } from "../postfix/fleet/entries";
import { comesLater } from "./checked-args";
import type { FleetLaptopArgs } from "./fleet-args";
import type { SmartHostLink } from "./link";
import { RoadWarrior } from "./road-warrior";
import type { RoadWarriorArgs } from "./road-warrior-args";

/** A laptop with the defaults in it. */
export interface FleetLaptop {
    name: string;
    args: FleetLaptopArgs;
}

/** Each laptop's own words over the defaults, once both are checked. */
export function laptopsWith(entries: MachineEntry[], defaults: unknown): FleetLaptop[] {
    return entries.map(({ name, own }) => ({
        name,
        args: withDefaults(own, defaults, (value) => !comesLater(value)) as FleetLaptopArgs,
    }));
}

/** The laptops of one hub. What is suspicious about them as a set is a warning, at `parent` if there is one. */
export function makeLaptops(
    laptops: FleetLaptop[],
    smartHost: pulumi.Input<SmartHostLink>,
    opts: pulumi.ComponentResourceOptions = {},
): RoadWarrior[] {
    const known = laptops.map(({ name, args }) => ({ name, args: { ...args } }));
    for (const warning of clonedDisks(known)) pulumi.log.warn(warning, opts.parent);
    return laptops.map(({ name, args }) => {
        const { formerly, hubPort, ...own } = args;
        const link = hubPort === undefined ? smartHost : dialledAt(hubPort, smartHost, own.implicitTls);
        // Its children are named after it, so their old names follow from this one.
        const aliases = formerly === undefined ? {} : { aliases: [{ name: formerly }] };
        return new RoadWarrior(name, { ...own, smartHost: link } as RoadWarriorArgs, { ...opts, ...aliases });
    });
}

/** Names of those that wait to be reached. */
export function pendingOf(laptops: RoadWarrior[]): pulumi.Output<string[]> {
    const all = laptops.map((laptop) => pulumi.all([laptop.identity.name, laptop.pending]));
    return pulumi.all(all).apply((known) => known.filter(([, waits]) => waits).map(([name]) => name));
}

/** The scripts of those that nobody reaches, by name: a secret, since each holds its laptop's key. */
export function bundlesOf(
    laptops: RoadWarrior[],
    given: { name: string; args: { bundle?: boolean } }[],
): pulumi.Output<Record<string, string>> {
    const scripts = given.flatMap(({ name, args }, index) =>
        args.bundle === true ? [[name, laptops[index]?.bundle] as const] : [],
    );
    return pulumi.output(Object.fromEntries(scripts)) as pulumi.Output<Record<string, string>>;
}

/** Field by field: a first preview knows the hub's name and port, and not its pins. */
function dialledAt(
    hubPort: number,
    link: pulumi.Input<SmartHostLink>,
    implicitTls: boolean | undefined,
): pulumi.Output<SmartHostLink> {
    const { version, hostname, port, implicitTlsPort, pins, digest, certificateAuthority } =
        pulumi.output(link);
    // A hub that has no port for it is refused, whatever stands before it.
    const implicit = pulumi
        .output(implicitTlsPort)
        .apply((given) => (given === undefined || !implicitTls ? given : hubPort));
    const ports = { port: implicitTls ? port : hubPort, implicitTlsPort: implicit };
    return pulumi.output({ version, hostname, ...ports, pins, digest, certificateAuthority });
}
