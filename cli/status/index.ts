import { writeFileSync } from "node:fs";
import { sshTarget } from "../../provider/host/connection";
import { machineOf } from "../../provider/ssh/target";
import { parsed } from "../command-line";
import { type ExitCode, exitCodes } from "../exit-codes";
import { terminal } from "../terminal";
import { assess, servedPins } from "./assess";
import { exportStack } from "./engine";
import { type Fragment, fragmentsOf, missingIn, resourcesOf } from "./fragments";
import { html } from "./html";
import { inputsOf, lookAt } from "./look";
import { type MachineReport, machineStates, type Report } from "./report";
import { table } from "./table";

const usage = `usage: pulumi-postfix status [--stack NAME] [--cwd FOLDER] [--json] [--html FILE]

Looks at each machine of a stack over SSH, as its state says how, and changes nothing.

  --stack    which stack                     default: the selected one
  --cwd      folder of its Pulumi.yaml       default: this one
  --json     the whole report as JSON
  --html     writes the report as one page for a browser, also for print

Ends with 0 if every machine is as its stack wants it, with 1 if one is not, with 2 if the command line is wrong.
`;

const options = {
    stack: { type: "string", short: "s" },
    cwd: { type: "string", default: "." },
    json: { type: "boolean", default: false },
    html: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
} as const;

export async function status(words: string[]): Promise<ExitCode> {
    const { values } = parsed(usage, { args: words, options });
    if (values.help) {
        process.stdout.write(usage);
        return exitCodes.ok;
    }
    const resources = resourcesOf(await exportStack(values.stack, values.cwd));
    const [fragments, missing] = [fragmentsOf(resources), missingIn(resources)];
    if (fragments.length + missing.length === 0) {
        process.stderr.write("pulumi-postfix: this stack has no machine yet: pulumi up\n");
        return exitCodes.trouble;
    }
    const report = await look(fragments, missing.map(neverMade));
    if (values.html !== undefined) {
        writeFileSync(values.html, html(report), { mode: 0o600 });
        process.stderr.write(`written: ${values.html}\n`);
    }
    process.stdout.write(
        values.json ? `${JSON.stringify(report, undefined, 2)}\n` : table(report, terminal()),
    );
    return report.machines.every(({ state }) => state === "applied") ? exitCodes.ok : exitCodes.trouble;
}

const neverMade = ({ name, role }: { name: string; role: "hub" | "laptop" }): MachineReport => ({
    name,
    role,
    address: "",
    state: "missing",
    troubles: ["It was asked for and not made: see why with pulumi up."],
    pins: { current: [], next: [] },
    others: [],
    linkedTo: [],
});

async function look(fragments: Fragment[], missing: MachineReport[]): Promise<Report> {
    const machines = byMachine(fragments);
    const stop = new AbortController();
    process.once("SIGINT", () => stop.abort(new Error("interrupted")));
    const at = new Date();
    const served = new Set(machines.flatMap(servedPins));
    let done = 0;
    const counted = process.stderr.isTTY
        ? () => process.stderr.write(`\r${++done} of ${machines.length} machines looked at `)
        : () => {};
    const reports = await Promise.all(
        machines.map(async (own) => {
            const sight = await lookAt(own, stop.signal);
            counted();
            return assess({ fragments: own, sight }, at, served);
        }),
    );
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
    stop.signal.throwIfAborted();
    return {
        stack: stackOf(fragments),
        at: at.toISOString().replace(/\.\d+Z$/, "Z"),
        machines: [...reports, ...missing].toSorted(byUrgency),
    };
}

/** A hub may hold fragments of several fleets, and each names the machine as it likes. */
function byMachine(fragments: Fragment[]): Fragment[][] {
    const found = new Map<string, Fragment[]>();
    for (const fragment of fragments) {
        const machine = machineOf(sshTarget(inputsOf(fragment))).toLowerCase();
        found.set(machine, [...(found.get(machine) ?? []), fragment]);
    }
    return [...found.values()];
}

const stackOf = ([first]: Fragment[]): string => /^urn:pulumi:([^:]+)::/.exec(first?.urn ?? "")?.[1] ?? "";

/** Hubs first, then whoever needs somebody. */
function byUrgency(a: MachineReport, b: MachineReport): number {
    const rank = ({ role, state }: MachineReport) =>
        (role === "hub" ? 0 : 100) + machineStates.indexOf(state);
    return rank(a) - rank(b) || a.name.localeCompare(b.name, "en", { numeric: true });
}
