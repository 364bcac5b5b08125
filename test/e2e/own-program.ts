import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { repo } from "./lab";
import { ownProject } from "./own-project";

/** A program that uses `Host` by itself, with the files that lie beside it as its chain. */
export class OwnProgram {
    readonly folder: string;

    constructor(connection: Record<string, unknown>) {
        const library = JSON.stringify(join(repo, "dist", "components"));
        const host = JSON.stringify(connection);
        this.folder = ownProject(
            "program",
            `const { Host } = require(${library});
            const read = (file) => require("node:fs").readFileSync(__dirname + "/" + file, "utf8");
            const identity = [
                { privateKey: read("other.key"), certificate: read("one.crt") },
                { privateKey: read("one.key").slice(0, 100), certificate: read("one.crt") },
            ];
            new Host("hub", {
                owner: "hub", role: "smartHost", connection: ${host}, chains: { identity }, main: { biff: "no\\nx" },
            });`,
        );
        for (const name of ["one", "other"]) this.openssl(name);
    }

    private openssl(name: string): void {
        const [key, certificate] = [join(this.folder, `${name}.key`), join(this.folder, `${name}.crt`)];
        const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x"];
        execFileSync("openssl", ["req", "-x509", ...ec, "-keyout", key, "-out", certificate], {
            stdio: "ignore",
        });
    }

    secretLines = (): string[] =>
        readFileSync(join(this.folder, "one.key"), "utf8")
            .split("\n")
            .filter((line) => /^[\w+/]{20}/.test(line));

    remove(): void {
        rmSync(this.folder, { recursive: true, force: true });
    }
}
