import {
    chmodSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repo } from "./lab";

/** The stack program, and one setting of the hub that is a secret of the program itself: no config knows it. */
const program = `
import * as pulumi from "@pulumi/pulumi";
import { existsSync, readFileSync } from "node:fs";
import { RoadWarrior, SmartHost } from ${JSON.stringify(join(repo, "components"))};
import { readStackConfig } from ${JSON.stringify(join(repo, "components", "stack-config"))};

const { hub: { name, args }, laptops } = readStackConfig();
const file = ${JSON.stringify("secret-settings.json")};
const plain: Record<string, string> = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
const sealed = Object.entries(plain).map(([key, value]) => [key, pulumi.secret(value)]);
const hub = new SmartHost(name, { ...args, settings: { ...args.settings, ...Object.fromEntries(sealed) } });
hub.relayFor("laptops", laptops.map((laptop) => new RoadWarrior(laptop.name, { ...laptop.args, smartHost: hub.link })));
`;

/**
 * A project of its own whose provider is started by a launcher that keeps a copy of what that process writes. The
 * engine's own lines are written by another process to its own stderr, so in the copy stands what is ours and no more.
 */
export class WatchedProject {
    readonly folder = mkdtempSync(join(tmpdir(), "pulumi-postfix-watched-"));
    private readonly written = join(this.folder, "written");

    constructor() {
        const launcher = join(this.folder, "bin", "pulumi-resource-postfix");
        mkdirSync(join(this.folder, "bin"));
        const real = join(repo, "bin", "pulumi-resource-postfix");
        writeFileSync(
            launcher,
            `#!/bin/bash\nexec '${real}' "$@" > >(tee -a '${this.written}') 2> >(tee -a '${this.written}' >&2)\n`,
        );
        chmodSync(launcher, 0o755);
        symlinkSync(join(repo, "node_modules"), join(this.folder, "node_modules"));
        const types = { extends: join(repo, "stacks", "tsconfig.json") };
        writeFileSync(join(this.folder, "tsconfig.json"), JSON.stringify(types));
        writeFileSync(join(this.folder, "index.ts"), program);
        writeFileSync(join(this.folder, "package.json"), "{}");
        writeFileSync(
            join(this.folder, "Pulumi.yaml"),
            JSON.stringify({
                name: "postfix-stacks",
                runtime: { name: "nodejs" },
                main: "index.ts",
                plugins: { providers: [{ name: "postfix", path: "./bin" }] },
            }),
        );
    }

    secretSettings(settings: Record<string, string>): void {
        writeFileSync(join(this.folder, "secret-settings.json"), JSON.stringify(settings), { mode: 0o600 });
    }

    /** All that the provider's processes wrote to their stdout and stderr so far. */
    providerWrote = (): string => (existsSync(this.written) ? readFileSync(this.written, "utf8") : "");
}
