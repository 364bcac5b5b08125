/** The stack program: a hub and its laptops, from `stacks/Pulumi.<stack>.yaml`. The library is `components/`. */
import * as pulumi from "@pulumi/pulumi";
import { RoadWarrior, SmartHost } from "./components";
import { readStackConfig } from "./components/stack-config";

const config = readStackConfig();

const hub = new SmartHost(config.hub.name, config.hub.args);
const roadWarriors = config.laptops.map(
    ({ name, args }) => new RoadWarrior(name, { ...args, smartHost: hub.link }),
);
if (roadWarriors.length > 0) hub.relayFor("laptops", roadWarriors);

/** For fleets in other stacks: address, port and pins of the hub. Nothing secret. */
export const smartHost = hub.link;
/** Names and pins of the laptops. */
export const laptops = pulumi.all(roadWarriors.map((laptop) => laptop.identity));
