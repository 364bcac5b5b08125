import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connection, labHost, labInfo, repo } from "./lab";
import { ownProject } from "./own-project";
import { Stack } from "./stack";

/** Hubs by the lab's host, each with arguments of its own. */
type Hubs = Record<string, Record<string, unknown>>;
/** Laptops by the lab's host; `{ link: "hub" }` among the arguments stands for that hub's link. */
type Laptops = Record<string, Record<string, unknown>>;

/** A program with several hubs, which no stack config can have, and laptops that each of them relays for. */
export class OwnFleet {
    readonly folder = ownProject("fleet", program);
    readonly stack: Stack;

    constructor(name: string) {
        this.machines({}, {});
        this.stack = new Stack(name, this.folder);
    }

    /** What the next run makes of the lab. */
    machines(hubs: Hubs, laptops: Laptops): void {
        const reached = (machines: Record<string, Record<string, unknown>>, more: (name: string) => object) =>
            Object.fromEntries(
                Object.entries(machines).map(([name, args]) => [
                    name,
                    { connection: connection(name), ...more(name), ...args },
                ]),
            );
        const fleet = {
            key: labInfo().key,
            library: join(repo, "dist", "components"),
            hubs: reached(hubs, (name) => ({ hostname: labHost(name).fqdn })),
            laptops: reached(laptops, () => ({})),
        };
        writeFileSync(join(this.folder, "fleet.json"), JSON.stringify(fleet));
    }

    remove(): void {
        this.stack.remove();
        rmSync(this.folder, { recursive: true, force: true });
    }
}

const program = `
const { readFileSync } = require("node:fs");
const fleet = JSON.parse(readFileSync(__dirname + "/fleet.json", "utf8"));
const { RoadWarrior, SmartHost } = require(fleet.library);
const privateKey = readFileSync(fleet.key, "utf8");
const reached = (args) => ({ ...args, connection: { ...args.connection, privateKey } });
const hubs = Object.fromEntries(
    Object.entries(fleet.hubs).map(([name, args]) => [name, new SmartHost(name, reached(args))]),
);
const linked = (value) => {
    if (Array.isArray(value)) return value.map(linked);
    if (typeof value !== "object" || value === null) return value;
    if (typeof value.link === "string") return hubs[value.link].link;
    return Object.fromEntries(Object.entries(value).map(([name, below]) => [name, linked(below)]));
};
const laptops = Object.entries(fleet.laptops).map(
    ([name, args]) => new RoadWarrior(name, linked(reached(args))),
);
if (laptops.length > 0) for (const hub of Object.values(hubs)) hub.relayFor("laptops", laptops);
`;
