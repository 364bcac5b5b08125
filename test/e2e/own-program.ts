import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repo } from "./lab";

/** A program that uses `Host` by itself, with the files that lie beside it as its chain. */
export class OwnProgram {
    readonly folder = mkdtempSync(join(tmpdir(), "pulumi-postfix-program-"));

    constructor(connection: Record<string, unknown>) {
        const provider = { name: "postfix", path: join(repo, "bin") };
        const project = { name: "postfix-stacks", runtime: "nodejs", plugins: { providers: [provider] } };
        writeFileSync(join(this.folder, "Pulumi.yaml"), JSON.stringify(project));
        writeFileSync(join(this.folder, "package.json"), JSON.stringify({ main: "index.js" }));
        symlinkSync(join(repo, "node_modules"), join(this.folder, "node_modules"));
        for (const name of ["one", "other"]) this.openssl(name);
        const library = JSON.stringify(join(repo, "dist", "components"));
        const host = JSON.stringify(connection);
        writeFileSync(
            join(this.folder, "index.js"),
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
