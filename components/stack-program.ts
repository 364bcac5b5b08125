import * as pulumi from "@pulumi/pulumi";
import { Fleet } from "./fleet";
import { bundlesOf, type FleetLaptop, makeLaptops, pendingOf } from "./fleet-laptops";
import type { Identity } from "./identity";
import type { LaptopProof } from "./laptop-proof";
import type { SmartHostLink } from "./link";
import { fetchLink } from "./link-of";
import type { RoadWarrior } from "./road-warrior";
import { SmartHost } from "./smart-host";
import { type FleetMachines, type HubMachines, readStackConfig } from "./stack-config";

/**
 * The stack program: a hub, its laptops, or both, from the config of the stack, and no code of your own.
 *
 * What others need of this stack: `smartHost`, its hub's link for fleets in other stacks; `laptops` and `proofs`, what a
 * hub in another stack would have to know of its laptops. None of it is secret. And what its operator may want to know:
 * `pending`, the laptops that wait to be reached; `bundles`, a secret, the scripts of those that nobody reaches; and
 * `certificateExpiry`, when the first certificate of each machine ends.
 */
export async function stackProgram(): Promise<StackOutputs> {
    spareStackTraces();
    const config = readStackConfig();
    return "hub" in config ? hubAndLaptops(config) : await fleet(config);
}

/** The outputs of a stack. */
export interface StackOutputs {
    /** The hub, for fleets in other stacks. */
    smartHost: pulumi.Output<SmartHostLink>;
    /** What a hub in another stack would have to know of the laptops. */
    laptops: pulumi.Output<Identity[]>;
    /** What they have proven to know the hub by. */
    proofs: pulumi.Output<LaptopProof[]>;
    /** Names of the laptops that wait to be reached. */
    pending: pulumi.Output<string[]>;
    /** By name, the scripts of the laptops that nobody reaches; secret. */
    bundles: pulumi.Output<Record<string, string>>;
    /** By name, when the first certificate of each machine ends (RFC 3339). */
    certificateExpiry: Record<string, pulumi.Output<string>>;
}

/**
 * Of each promise the SDK keeps the stack, to tell where one was left behind, and ts-node translates every frame of it: a
 * fifth of the time of a run without change, at 40 laptops. Those errors say nothing, by which they are known; others keep theirs.
 */
function spareStackTraces(): void {
    const { prepareStackTrace } = Error;
    if (!prepareStackTrace) return;
    Error.prepareStackTrace = (error, frames) => (error.message ? prepareStackTrace(error, frames) : "");
}

function hubAndLaptops({ hub: { name, args }, laptops: given }: HubMachines) {
    const hub = new SmartHost(name, args);
    const laptops = makeLaptops(given, hub.link);
    if (laptops.length > 0) hub.relayFor("laptops", laptops);
    return outputs(hub.link, laptops, given, { [name]: hub.certificateExpiry });
}

async function fleet({ fleet: name, reference, relayAccess, laptops: given }: FleetMachines) {
    // Without the link nothing is made, not even a key.
    const smartHost = await fetchLink(reference.stack, reference.output);
    const wanted = given.map(({ name: laptop, args }) => ({ ...args, name: laptop }));
    const { laptops } = new Fleet(name, { smartHost, relayAccess, laptops: wanted });
    return outputs(pulumi.output(smartHost), laptops, given);
}

function outputs(
    smartHost: pulumi.Output<SmartHostLink>,
    laptops: RoadWarrior[],
    given: FleetLaptop[],
    expiry: Record<string, pulumi.Output<string>> = {},
) {
    const expiries = laptops.map((laptop, index) => [given[index]?.name, laptop.certificateExpiry]);
    return {
        smartHost,
        laptops: pulumi.all(laptops.map((laptop) => laptop.identity)),
        proofs: pulumi.all(laptops.map((laptop) => laptop.proof)),
        pending: pendingOf(laptops),
        bundles: bundlesOf(laptops, given),
        certificateExpiry: { ...expiry, ...Object.fromEntries(expiries) },
    };
}
