import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
    cpSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { inTheLab } from "./in-the-lab";
import { configuration, eventually, mailWith, operatorPassword, repo, send } from "./lab";
import { withAgent } from "./ssh-agent";
import { Stack } from "./stack";

/** The first screen of the README and the commands of stacks/README.md, done as they stand there. */
const folder = mkdtempSync(join(tmpdir(), "pulumi-postfix-readme-"));
const agent = withAgent();

before(async () => {
    await agent.ready;
});

after(() => {
    agent.end();
    rmSync(folder, { recursive: true, force: true });
});

/** The fenced blocks of a Markdown file in one language, in their order. */
function fenced(file: string, language: string): string[] {
    const text = readFileSync(join(repo, file), "utf8");
    return [...text.matchAll(new RegExp(`^ *\`\`\`${language}\\n(.*?)^ *\`\`\``, "gms"))].map(
        ([, block = ""]) => {
            const indent = /^ */.exec(block)?.[0] ?? "";
            return block.replaceAll(new RegExp(`^${indent}`, "gm"), "");
        },
    );
}

/** A project as a user has it: the packed library, and beside it what npm would have installed. */
function userProject(): string {
    const project = join(folder, "mail");
    const modules = join(project, "node_modules");
    mkdirSync(modules, { recursive: true });
    for (const name of readdirSync(join(repo, "node_modules")).filter((entry) => !entry.startsWith(".")))
        symlinkSync(join(repo, "node_modules", name), join(modules, name));
    const packed = execFileSync(
        "npm",
        ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder],
        {
            cwd: repo,
            encoding: "utf8",
        },
    ).trim();
    execFileSync("tar", ["-xzf", join(folder, packed), "-C", folder]);
    cpSync(join(folder, "package"), join(modules, "pulumi-postfix"), { recursive: true });
    writeFileSync(join(project, "package.json"), JSON.stringify({ name: "mail", private: true }));
    return project;
}

test("the program of the README, with the packed library, in a project of its own", async () => {
    const [program = ""] = fenced("README.md", "ts");
    const [plugins = ""] = fenced("README.md", "yaml");
    const project = userProject();
    writeFileSync(join(project, "Pulumi.yaml"), `name: mail\nruntime: nodejs\nmain: index.ts\n${plugins}`);
    writeFileSync(
        join(project, "index.ts"),
        inTheLab(program, { "192.0.2.25": "hub", "192.0.2.101": "laptop1" }),
    );
    const stack = new Stack("prod", project, { SSH_AUTH_SOCK: agent.socket });
    const untouched = ["hub", "laptop1"].map(configuration);
    try {
        const up = await stack.up();
        assert.equal(up.code, 0, up.out);
        send("laptop1", "as-in-the-readme");
        const mail = await eventually("the mail arrives", () => mailWith("hub", "as-in-the-readme"));
        assert.match(mail, /using TLSv1\.3/);
    } finally {
        const destroyed = await stack.destroy();
        stack.remove();
        assert.equal(destroyed.code, 0, destroyed.out);
    }
    assert.deepEqual(["hub", "laptop1"].map(configuration), untouched);
});

test("the commands of stacks/README.md, with nothing but the example's machines changed", async () => {
    const program = join(folder, "clone");
    mkdirSync(program);
    for (const name of readdirSync(repo).filter((entry) => entry !== "stacks" && entry !== ".git"))
        symlinkSync(join(repo, name), join(program, name));
    cpSync(join(repo, "stacks"), join(program, "stacks"), { recursive: true });
    const example = join(program, "stacks", "Pulumi.example.yaml");
    const machines = { "192.0.2.25": "hub", "192.0.2.101": "laptop1", "192.0.2.102": "laptop2" };
    writeFileSync(example, inTheLab(readFileSync(example, "utf8"), machines));

    const [block = ""] = fenced("stacks/README.md", "sh");
    const commands = block
        .split("\n")
        .map((line) => line.replace(/\s+#.*$/, ""))
        .filter(Boolean);
    const env = {
        ...process.env,
        PULUMI_BACKEND_URL: `file://${folder}`,
        PULUMI_CONFIG_PASSPHRASE: "lab",
        SSH_AUTH_SOCK: agent.socket,
    };
    const run = (line: string, input = "") =>
        execFileSync("bash", ["-c", line], { cwd: program, env, input, encoding: "utf8", stdio: "pipe" });
    let ran = 0;
    try {
        for (const line of commands) {
            const asked = line.startsWith("pulumi config set --secret");
            run(line === "pulumi up" ? "pulumi up --yes" : line, asked ? operatorPassword() : "");
            ran++;
        }
        send("laptop2", "as-in-the-stacks-readme");
        await eventually("the mail arrives", () => mailWith("hub", "as-in-the-stacks-readme"));
    } finally {
        if (ran > 0) run("pulumi destroy --yes");
    }
    assert.ok(commands.includes("pulumi up"), "the block has no `pulumi up`");
});
