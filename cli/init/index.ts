import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { hostKeyTypes } from "../../postfix/validate/host-key";
import { lookUp } from "../../provider/ssh/known-hosts";
import { parsed } from "../command-line";
import { type ExitCode, exitCodes, UsageError } from "../exit-codes";
import { type MachineWord, parseMachine } from "../machine-word";
import { type Found, plan, type Wanted } from "./plan";

const usage = `usage: pulumi-postfix init [--stack NAME] [--hub MAILNAME=[USER@]ADDRESS[:PORT]] [--laptop NAME=[USER@]ADDRESS[:PORT]]...

In a folder where this package is installed: writes Pulumi.yaml, a program and the config of a stack, or adds the provider
to the Pulumi.yaml that is there, in this folder or above. Host keys are taken from your ~/.ssh/known_hosts. Nothing that is
there is replaced.

  --stack    of which stack the config is            default: dev
  --hub      the hub, by the name that mail knows    default: mailhub.example.com=root@192.0.2.25
  --laptop   a laptop; as often as there are any     default: alice=root@192.0.2.101
`;

const options = {
    stack: { type: "string", default: "dev" },
    hub: { type: "string", default: "mailhub.example.com=root@192.0.2.25" },
    laptop: { type: "string", multiple: true },
    help: { type: "boolean", short: "h", default: false },
} as const;

export async function init(words: string[]): Promise<ExitCode> {
    const { values } = parsed(usage, { args: words, options });
    if (values.help) {
        process.stdout.write(usage);
        return exitCodes.ok;
    }
    const wanted: Wanted = {
        stack: values.stack,
        hub: parseMachine("--hub", values.hub),
        laptops: (values.laptop ?? ["alice=root@192.0.2.101"]).map((word) => parseMachine("--laptop", word)),
    };
    const names = wanted.laptops.map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined)
        throw new UsageError(
            `--laptop: ${JSON.stringify(twice)} is given twice: each machine has its own name`,
        );
    if (!/^[A-Za-z0-9_.-]{1,100}$/.test(wanted.stack))
        throw new UsageError(
            `--stack: given ${JSON.stringify(wanted.stack)}, allowed: letters, digits, - _ .`,
        );
    // As the engine looks for it.
    const project = nearest(process.cwd(), "Pulumi.yaml");
    const folder = project ? dirname(project) : process.cwd();
    const { writes, notes, incomplete } = plan(lookAround(folder, wanted.stack), wanted);
    for (const { file, text } of writes) {
        const path = join(folder, file);
        const verb = existsSync(path) ? "added to" : "written";
        writeFileSync(path, text);
        process.stdout.write(`${verb}: ${relative(process.cwd(), path)}\n`);
    }
    for (const note of notes) process.stdout.write(`${note}\n`);
    return incomplete ? exitCodes.trouble : exitCodes.ok;
}

function lookAround(folder: string, stack: string): Found {
    const read = (file: string): string | undefined =>
        existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8") : undefined;
    const modules = nearest(folder, join("node_modules", "pulumi-postfix", "package.json"));
    if (!modules)
        throw new Error(
            "the package is not installed here: npm install pulumi-postfix @pulumi/pulumi, then this again",
        );
    const knownHosts = join(homedir(), ".ssh", "known_hosts");
    const known = existsSync(knownHosts) ? readFileSync(knownHosts, "utf8") : "";
    return {
        folder: basename(folder),
        binPath: join(relative(folder, dirname(modules)), "bin").replaceAll("\\", "/"),
        pulumiYaml: read("Pulumi.yaml"),
        hasProgram: ["index.js", "index.ts", "index.mjs"].some((file) => existsSync(join(folder, file))),
        stackFile: read(`Pulumi.${stack}.yaml`),
        hasSdk: nearest(folder, join("node_modules", "@pulumi", "pulumi", "package.json")) !== undefined,
        hostKeyOf: ({ host, port }: MachineWord) => {
            const { keys, revoked } = lookUp(known, host, port);
            if (revoked.length > 0) return undefined;
            const [best] = keys.toSorted(
                (a, b) => hostKeyTypes.indexOf(a.type) - hostKeyTypes.indexOf(b.type),
            );
            return best && `${best.type} ${best.blob.toString("base64")}`;
        },
    };
}

function nearest(from: string, path: string): string | undefined {
    for (let folder = from; ; folder = dirname(folder)) {
        const found = join(folder, path);
        if (existsSync(found)) return found;
        if (dirname(folder) === folder) return undefined;
    }
}
