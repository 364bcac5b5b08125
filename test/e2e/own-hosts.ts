import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Values } from "./direct";
import { repo } from "./lab";
import { ownProject } from "./own-project";

/** A `Host` of the program, with options of the engine's own as `retainOnDelete` and `aliases`. */
export interface OwnHost {
    inputs: Values;
    options?: Record<string, unknown>;
    dependsOn?: string;
}

/** A program of nothing but `Host`s, which differ from stack to stack. */
export class OwnHosts {
    readonly folder = ownProject("hosts", program);

    /** What the next run of that stack makes. */
    want(stack: string, hosts: Record<string, OwnHost>): void {
        const library = join(repo, "dist", "components");
        writeFileSync(join(this.folder, `${stack}.json`), JSON.stringify({ library, hosts }));
    }

    remove(): void {
        rmSync(this.folder, { recursive: true, force: true });
    }
}

// A secret as the engine's protocol has it becomes one of the program's.
const program = `
const pulumi = require("@pulumi/pulumi");
const { readFileSync } = require("node:fs");
const { library, hosts } = JSON.parse(readFileSync(__dirname + "/" + pulumi.getStack() + ".json", "utf8"));
const { Host } = require(library);
const opened = (value) => {
    if (Array.isArray(value)) return value.map(opened);
    if (typeof value !== "object" || value === null) return value;
    if ("4dabf18193072939515e22adb298388d" in value) return pulumi.secret(value.value);
    return Object.fromEntries(Object.entries(value).map(([name, below]) => [name, opened(below)]));
};
const made = {};
for (const [name, { inputs, options, dependsOn }] of Object.entries(hosts))
    made[name] = new Host(name, opened(inputs), { ...options, ...(dependsOn ? { dependsOn: made[dependsOn] } : {}) });
`;
