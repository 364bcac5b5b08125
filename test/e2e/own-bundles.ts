import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connection, labHost, labInfo, repo } from "./lab";
import { ownProject } from "./own-project";
import { Stack, succeeds } from "./stack";

type Args = Record<string, unknown>;

/** A program with the lab's hub, and laptops that no SSH reaches; `pins` among a laptop's arguments replace the hub's. */
export class OwnBundles {
    readonly folder = ownProject("bundles", program);
    readonly stack: Stack;

    constructor(name: string) {
        this.stack = new Stack(name, this.folder);
    }

    /** What the next run makes. */
    want(laptops: Record<string, Args>, hub: Args = {}): void {
        const fleet = {
            key: labInfo().key,
            library: join(repo, "dist", "components"),
            hub: { hostname: labHost("hub").fqdn, connection: connection("hub"), ...hub },
            laptops,
        };
        writeFileSync(join(this.folder, "fleet.json"), JSON.stringify(fleet));
    }

    /** The scripts by laptop, as an operator gets them. */
    async bundles(): Promise<Record<string, string>> {
        const words = ["stack", "output", "--json", "--show-secrets", "bundles"];
        const out = await succeeds(this.stack.run(words));
        return JSON.parse(out) as Record<string, string>;
    }

    remove(): void {
        this.stack.remove();
        rmSync(this.folder, { recursive: true, force: true });
    }
}

const program = `
const pulumi = require("@pulumi/pulumi");
const { readFileSync } = require("node:fs");
const fleet = JSON.parse(readFileSync(__dirname + "/fleet.json", "utf8"));
const { RoadWarrior, SmartHost } = require(fleet.library);
const privateKey = readFileSync(fleet.key, "utf8");
const hub = new SmartHost("hub", { ...fleet.hub, connection: { ...fleet.hub.connection, privateKey } });
const laptops = Object.entries(fleet.laptops).map(([name, { pins, ...args }]) => {
    const smartHost = pins ? hub.link.apply((link) => ({ ...link, pins })) : hub.link;
    return new RoadWarrior(name, { smartHost, bundle: true, ...args });
});
if (laptops.length > 0) hub.relayFor("laptops", laptops);
exports.bundles = pulumi.all(Object.fromEntries(Object.keys(fleet.laptops).map((name, i) => [name, laptops[i].bundle])));
exports.provenBy = pulumi.all(laptops.map((laptop) => laptop.provenBy));
`;

/** Puts a script on a host, by way of nobody's argv. */
export function bring(host: string, script: string, file = "/root/bundle.sh"): void {
    const words = [
        join(repo, "lab", "lab.sh"),
        "exec",
        host,
        "sh",
        "-c",
        `cat >${file} && chmod 700 ${file}`,
    ];
    const { status, stderr } = spawnSync("bash", words, { input: script, encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
}
