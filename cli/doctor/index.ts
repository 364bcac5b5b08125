import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { SshTarget } from "../../provider/ssh/target";
import { parsed } from "../command-line";
import { type ExitCode, exitCodes, UsageError } from "../exit-codes";
import { addressOf } from "../machine-word";
import { colour, indented, painted, type Terminal, terminal } from "../terminal";
import { examine, type Questions } from "./examine";
import type { Finding } from "./findings";

const usage = `usage: pulumi-postfix doctor [OPTION]... [USER@]ADDRESS[:PORT]...

Says what stands in the way of each machine, and what to do about it. Nothing is changed there.

  --hub NAME[:PORT]    they are to be laptops of this hub: can they find and reach it?   default port: 587
  --port PORT          they are to be hubs: is this port free?
  --sudo               become root by sudo there
  --identity FILE      the SSH private key            default: what your SSH agent has
  --known-hosts FILE   whose host keys are trusted    default: ~/.ssh/known_hosts
  --json               everything that was found as JSON

Ends with 0 if nothing stands in the way of any, with 1 if something does, with 2 if the command line is wrong.
`;

const options = {
    hub: { type: "string" },
    port: { type: "string" },
    sudo: { type: "boolean", default: false },
    identity: { type: "string", short: "i" },
    "known-hosts": { type: "string", default: join(homedir(), ".ssh", "known_hosts") },
    json: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
} as const;

export async function doctor(words: string[]): Promise<ExitCode> {
    const { values, positionals } = parsed(usage, { args: words, options, allowPositionals: true });
    if (values.help) {
        process.stdout.write(usage);
        return exitCodes.ok;
    }
    if (positionals.length === 0) throw new UsageError(`which machine?\n${usage}`);
    const questions = questionsOf(values.hub, values.port);
    const privateKey = values.identity && readFileSync(values.identity, "utf8");
    const targets = positionals.map((word): SshTarget => {
        const { user, host, port } = addressOf("machine", word);
        const connection = { host, port, user, ...(privateKey && { privateKey }) };
        return { connection, sudo: values.sudo, knownHosts: values["known-hosts"] };
    });
    if (!existsSync(values["known-hosts"]))
        throw new UsageError(
            `--known-hosts: there is no ${values["known-hosts"]}: log in once by ssh, and compare the key that it shows`,
        );
    const found = await Promise.all(targets.map((target) => examine(target, questions)));
    const machines = positionals.map((machine, index) => ({ machine, findings: found[index] ?? [] }));
    process.stdout.write(
        values.json
            ? `${JSON.stringify(machines, undefined, 2)}\n`
            : machines.map(({ machine, findings }) => section(machine, findings, terminal())).join("\n"),
    );
    const stands = found.flat().some(({ level }) => level === "obstacle");
    return stands ? exitCodes.trouble : exitCodes.ok;
}

function questionsOf(hub: string | undefined, port: string | undefined): Questions {
    const [, name = "", hubPort = "587"] = /^([^:]+)(?::(\d{1,5}))?$/.exec(hub ?? "") ?? [];
    if (hub !== undefined && (name === "" || !isPort(hubPort)))
        throw new UsageError(
            `--hub: given ${JSON.stringify(hub)}, allowed: NAME[:PORT], a port from 1 to 65535`,
        );
    if (port !== undefined && !isPort(port))
        throw new UsageError(`--port: given ${JSON.stringify(port)}, allowed: 1 to 65535`);
    return {
        ...(hub !== undefined && { hub: { name, port: Number(hubPort) } }),
        ...(port !== undefined && { port: Number(port) }),
    };
}

const isPort = (text: string): boolean => /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535;

const signs: Record<Finding["level"], [sign: string, paint: number]> = {
    ok: ["ok     ", colour.green],
    warning: ["look at", colour.yellow],
    obstacle: ["NO     ", colour.red],
};
const indent = " ".repeat(11);

function section(machine: string, findings: Finding[], screen: Terminal): string {
    const lines = findings.flatMap(({ level, what, remedy }) => {
        const said = [what, ...(remedy ? remedy.split("\n") : [])];
        const [first = "", ...more] = said.flatMap((line) => indented(line, indent, screen));
        return [`  ${painted(signs[level][0], signs[level][1], screen)}  ${first.trimStart()}`, ...more];
    });
    return [`${machine}:`, ...lines, ""].join("\n");
}
