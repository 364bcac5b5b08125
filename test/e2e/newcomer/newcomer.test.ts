/** The quick start of the README by somebody who has the package alone: `run.sh` has installed it. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
    cpSync,
    existsSync,
    lstatSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    realpathSync,
    rmSync,
    statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";
import { configuration, eventually, labHost, labInfo, mailWith, send } from "../lab";
import { withAgent } from "../ssh-agent";
import { commands } from "./commands";

const work = process.env.NEWCOMER ?? "";
const managers = (process.env.MANAGERS ?? "").split(" ").filter(Boolean);
/** Their known_hosts has the lab's machines, and their SSH agent the key: what somebody has who can log in there. */
const home = mkdtempSync(join(tmpdir(), "pulumi-postfix-newcomer-"));
const agent = withAgent();

before(async () => {
    mkdirSync(join(home, ".ssh"), { mode: 0o700 });
    cpSync(labInfo().knownHosts, join(home, ".ssh", "known_hosts"));
    await agent.ready;
});

after(() => {
    agent.end();
    rmSync(home, { recursive: true, force: true });
});

const machines = { "192.0.2.25": "hub", "192.0.2.101": "laptop1", "192.0.2.102": "laptop2" };
const inTheLab = (line: string): string =>
    Object.entries(machines)
        .reduce((made, [address, name]) => made.replaceAll(address, labHost(name).ip), line)
        .replaceAll("mailhub.example.com", labHost("hub").fqdn)
        .replace(/^pulumi (up|destroy)$/, "pulumi $1 --yes");

/** Copies of the SDK: outputs of another one are not recognised. */
function copies(folder: string): string[] {
    const found = new Set<string>();
    const folders = (path: string): string[] =>
        readdirSync(path, { withFileTypes: true })
            .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
            .map(({ name }) => join(path, name))
            .filter((below) => statSync(below).isDirectory());
    const within = (packageFolder: string): void => {
        const modules = join(packageFolder, "node_modules");
        if (existsSync(modules)) look(modules);
    };
    const look = (modules: string): void => {
        for (const path of folders(modules)) {
            const name = basename(path);
            // What pnpm keeps lies in there, each with its own dependencies beside it.
            if (name === ".pnpm") folders(path).forEach(within);
            else if (name.startsWith("@")) {
                const sdk = join(path, "pulumi");
                if (name === "@pulumi" && existsSync(sdk)) found.add(realpathSync(sdk));
                for (const below of folders(path)) if (!lstatSync(below).isSymbolicLink()) within(below);
            } else if (!lstatSync(path).isSymbolicLink()) within(path);
        }
    };
    look(join(folder, "node_modules"));
    return [...found];
}

for (const manager of managers) {
    test(`the quick start, word by word, with ${manager}`, async (t) => {
        const folder = join(work, manager, "mail");
        assert.equal(copies(folder).length, 1, `one copy of the SDK: ${copies(folder)}`);
        const before_ = Object.values(machines).map(configuration);
        const env = {
            ...process.env,
            HOME: home,
            SSH_AUTH_SOCK: agent.socket,
            PULUMI_BACKEND_URL: `file://${mkdtempSync(join(home, "state-"))}`,
            PULUMI_CONFIG_PASSPHRASE: "a newcomer's",
            npm_config_offline: "true",
        };
        const run = (line: string): string => {
            try {
                return execFileSync("bash", ["-euc", inTheLab(line)], {
                    cwd: folder,
                    env,
                    encoding: "utf8",
                    stdio: ["ignore", "pipe", "pipe"],
                });
            } catch (error) {
                const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
                throw new Error(`${line}\n${stdout}${stderr}`);
            }
        };
        const lines = commands("use");
        assert.equal(lines.at(-1), "pulumi destroy");
        t.after(() => {
            // What failed before says more than what fails for it.
            spawnSync("pulumi", ["destroy", "--yes"], { cwd: folder, env, stdio: "ignore" });
        });
        for (const line of lines) {
            const said = run(line);
            if (line.includes("pulumi-postfix init")) assert.doesNotMatch(said, /known_hosts/, said);
            if (line === "pulumi up") {
                send("laptop2", `newcomer-${manager}`);
                await eventually("the mail arrives", () => mailWith("hub", `newcomer-${manager}`));
            }
            if (line.includes("pulumi-postfix status"))
                assert.equal(said.match(/ applied /g)?.length, 3, said);
        }
        assert.deepEqual(Object.values(machines).map(configuration), before_);
    });
}
