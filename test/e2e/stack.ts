import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connection, labHost, operatorKey, repo } from "./lab";

type Args = Record<string, unknown>;

export interface CliResult {
    code: number;
    /** Everything the CLI printed. */
    out: string;
}

/** What a run says that has to go well. */
export async function succeeds(run: Promise<CliResult>): Promise<string> {
    const { code, out } = await run;
    assert.equal(code, 0, out);
    return out;
}

/** What a run says that has to fail. */
export async function fails(run: Promise<CliResult>): Promise<string> {
    const { code, out } = await run;
    assert.notEqual(code, 0, out);
    return out;
}

/** A stack of this repo's program with a state and a config of its own, driven by the real CLI. */
export class Stack {
    readonly folder = mkdtempSync(join(tmpdir(), "pulumi-postfix-e2e-"));
    private readonly configFile: string;
    private created = false;

    constructor(
        readonly name: string,
        private readonly program = repo,
        /** What the CLI finds in its environment beside the machine's own. */
        readonly environment: Record<string, string> = {},
    ) {
        this.configFile = join(this.folder, `Pulumi.${name}.yaml`);
    }

    /** Writes the stack's config: values by key without namespace. JSON is YAML. Secrets go by `secret`. */
    async config(values: Record<string, unknown>, secrets: Record<string, string> = {}): Promise<void> {
        await this.create();
        const salt = /^encryptionsalt: .*$/m.exec(readFileSync(this.configFile, "utf8"))?.[0] ?? "";
        const config = Object.fromEntries(
            Object.entries(values).map(([key, value]) => [`postfix-stacks:${key}`, value]),
        );
        writeFileSync(this.configFile, `${salt}\nconfig: ${JSON.stringify(config)}\n`);
        for (const [key, value] of Object.entries(secrets)) {
            const set = await this.run(
                ["config", "set", "--secret", "--path", `postfix-stacks:${key}`],
                value,
            );
            if (set.code !== 0) throw new Error(set.out);
        }
    }

    /** Writes a config of a hub of the lab and laptops; what is said of a machine joins how it is reached. */
    machines(
        hub: Args = {},
        laptops: Record<string, Args> = { laptop1: {} },
        hubHost = "hub",
    ): Promise<void> {
        const reached = Object.entries(laptops).map(([name, args]) => [
            name,
            { connection: connection(name), ...args },
        ]);
        return this.config(
            {
                smartHost: { hostname: labHost(hubHost).fqdn, connection: connection(hubHost), ...hub },
                laptops: Object.fromEntries(reached),
            },
            { 'privateKeys["*"]': operatorKey() },
        );
    }

    up = (...more: string[]) => this.run(["up", "--yes", "--non-interactive", ...more]);
    preview = (...more: string[]) => this.run(["preview", "--non-interactive", ...more]);
    refresh = (...more: string[]) => this.run(["refresh", "--yes", "--non-interactive", ...more]);
    destroy = (...more: string[]) => this.run(["destroy", "--yes", "--non-interactive", ...more]);
    /** The state as it is stored: what is encrypted stays so. */
    exportState = () => this.run(["stack", "export"]);
    outputs = async (): Promise<Record<string, unknown>> =>
        JSON.parse((await this.run(["stack", "output", "--json"])).out) as Record<string, unknown>;

    /** What the state holds of a machine's `Host`. */
    async host(name: string): Promise<{ urn: string; outputs: Record<string, unknown> } | undefined> {
        const state = JSON.parse((await this.exportState()).out) as {
            deployment: { resources?: { urn: string; outputs: Record<string, unknown> }[] };
        };
        return state.deployment.resources?.find(({ urn }) => urn.endsWith(`postfix:index:Host::${name}`));
    }

    remove(): void {
        rmSync(this.folder, { recursive: true, force: true });
    }

    /** `started` gets the CLI's process, the leader of a group of its own as in a terminal. */
    async run(words: string[], stdin = "", started?: (cli: ChildProcess) => void): Promise<CliResult> {
        if (words[0] !== "stack" || words[1] !== "init") await this.create();
        const where = ["--cwd", this.program, "--color", "never", "--stack", this.name];
        // `stack`, `state` and `cancel` know no --config-file.
        const file = ["stack", "state", "cancel"].includes(words[0] ?? "")
            ? []
            : ["--config-file", this.configFile];
        return this.spawn([...words, ...where, ...file], stdin, started);
    }

    private async create(): Promise<void> {
        if (this.created) return;
        this.created = true;
        // `stack init` knows no --config-file and writes where the program has its own.
        const strays = ["stacks", ""].map((folder) => join(this.program, folder, `Pulumi.${this.name}.yaml`));
        const own = strays.filter((file) => existsSync(file));
        const result = await this.spawn(
            ["stack", "init", this.name, "--cwd", this.program, "--color", "never", "--non-interactive"],
            "",
        );
        for (const file of strays) if (!own.includes(file)) rmSync(file, { force: true });
        if (result.code !== 0) throw new Error(result.out);
        writeFileSync(this.configFile, "config: {}\n");
    }

    /** A command of the package's own, at the stack's project. */
    command(name: string, ...words: string[]): Promise<CliResult> {
        const where = ["--stack", this.name, "--cwd", this.program];
        return this.spawn([join(repo, "dist/cli/main.js"), name, ...where, ...words], "", undefined, "node");
    }

    private spawn(
        words: string[],
        stdin: string,
        started?: (cli: ChildProcess) => void,
        program = "pulumi",
    ): Promise<CliResult> {
        const env = {
            ...process.env,
            PULUMI_BACKEND_URL: `file://${this.folder}`,
            PULUMI_CONFIG_PASSPHRASE: "lab",
            SSH_AUTH_SOCK: "",
            ...this.environment,
        };
        return new Promise((resolve, reject) => {
            const child = spawn(program, words, { env, detached: started !== undefined });
            started?.(child);
            let out = "";
            child.stdout.on("data", (chunk) => (out += chunk));
            child.stderr.on("data", (chunk) => (out += chunk));
            child.on("error", reject);
            child.on("close", (code) => resolve({ code: code ?? 1, out }));
            child.stdin.end(stdin);
        });
    }
}
