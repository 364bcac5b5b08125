import { mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repo } from "./lab";

/** A folder with a project of its own, whose program is this text. `provider` is the folder of the plugin's executable. */
export function ownProject(what: string, program: string, provider = join(repo, "bin")): string {
    const folder = mkdtempSync(join(tmpdir(), `pulumi-postfix-${what}-`));
    const providers = [{ name: "postfix", path: provider }];
    const project = { name: "postfix-stacks", runtime: "nodejs", plugins: { providers } };
    writeFileSync(join(folder, "Pulumi.yaml"), JSON.stringify(project));
    writeFileSync(join(folder, "package.json"), JSON.stringify({ main: "index.js" }));
    symlinkSync(join(repo, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "index.js"), program);
    return folder;
}
