/** The stack program: a hub, its laptops, or both, from `stacks/Pulumi.<stack>.yaml`. The library is `components/`. */
import * as pulumi from "@pulumi/pulumi";
import { Fleet, type RoadWarrior, SmartHost, type SmartHostLink } from "./components";
import { bundlesOf, type FleetLaptop, makeLaptops, pendingOf } from "./components/fleet-laptops";
import { fetchLink } from "./components/link-of";
import { type FleetMachines, type HubMachines, readStackConfig } from "./components/stack-config";

// Of each promise the SDK keeps the stack, to tell where one was left behind, and ts-node translates every frame of it:
// a quarter of the time of a stack of 40 laptops. Those errors say nothing, by which they are known; others keep theirs.
const { prepareStackTrace } = Error;
if (prepareStackTrace)
    Error.prepareStackTrace = (error, frames) => (error.message ? prepareStackTrace(error, frames) : "");

/**
 * What others need of this stack: `smartHost`, its hub's link for fleets in other stacks; `laptops` and `proofs`, what a
 * hub in another stack would have to know of its laptops. None of it is secret. And what its operator may want to know:
 * `pending`, the laptops that wait to be reached; `bundles`, a secret, the scripts of those that nobody reaches; and
 * `certificateExpiry`, when the first certificate of each machine ends.
 */
export = async () => {
    const config = readStackConfig();
    return "hub" in config ? hubAndLaptops(config) : await fleet(config);
};

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
