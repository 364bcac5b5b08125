import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { configuration, litter } from "../e2e/lab";
import { type CliResult, Stack } from "../e2e/stack";
import { isMixed, look, settled } from "./look";
import { Strike } from "./machine";
import { type Lane, laneRandom, shareOf } from "./plan";
import { allPoints, comesBy, type Point, points } from "./points";
import type { Report } from "./report";
import { Traffic } from "./traffic";

/** Ways in which a run of the real CLI is broken. */
const ways = ["Ctrl-C", "CLI killed", "Ctrl-C twice", "pulumi cancel", "CLI and provider killed"] as const;
type Way = (typeof ways)[number];

interface CliStep {
    number: number;
    host: "hub" | "laptop1";
    way: Way;
    point: Point;
    delaySeconds: number;
    protocols: "all" | "ipv4";
}

/** A few are dealt the first ways of the list. */
export function planCliSteps(seed: number, count: number, lane: Lane): CliStep[] {
    const random = laneRandom(seed, lane);
    let deck = shareOf(ways, lane);
    return Array.from({ length: count }, (_, index) => {
        if (deck.length === 0) deck = random.shuffle(ways);
        const host = random.pick(["hub", "hub", "laptop1"] as const);
        const before = allPoints.filter((point) => comesBy(point, host, "update", false));
        return {
            number: index + 1,
            host,
            way: deck.shift() as Way,
            point: random.pick(before),
            delaySeconds: random.next() < 0.35 ? random.next() * 0.4 : 0,
            protocols: random.next() < 0.3 ? "ipv4" : "all",
        };
    });
}

function signal(target: number, name: NodeJS.Signals): void {
    try {
        process.kill(target, name);
    } catch {
        // It has ended meanwhile.
    }
}

/** The same as `Run` with the engine and the CLI in it, for what only they can suffer. */
export class CliRun {
    private readonly stack: Stack;
    private readonly traffic: Traffic;
    private readonly originals = new Map<string, string>();

    constructor(
        name: string,
        private readonly report: Report,
        private readonly tell: (line: string) => void,
    ) {
        this.traffic = new Traffic(`c${name}`);
        this.stack = new Stack(`faults-${name}`);
    }

    async begin(): Promise<void> {
        this.traffic.prepare();
        for (const host of ["hub", "laptop1"]) this.originals.set(host, configuration(host));
        await this.stack.machines();
        const { code, out } = await this.stack.up("--skip-preview");
        if (code !== 0) throw new Error(out);
        this.traffic.begin(["hub", "laptop1"]);
    }

    async step(step: CliStep): Promise<void> {
        const began = performance.now();
        this.report.dealt[step.way] ??= 0;
        await this.breakOne(step);
        const { seconds } = this.report;
        seconds[step.way] = (seconds[step.way] ?? 0) + (performance.now() - began) / 1000;
    }

    private async breakOne(step: CliStep): Promise<void> {
        const { host, way } = step;
        const machine = this.traffic.machine(host);
        const trouble = (list: string[], what: string) => {
            list.push(`${step.number}: ${way} at ${host}, when ${step.point}: ${what}`);
            this.tell(`    ${what}`);
        };
        this.tell(`${step.number}: ${way} at ${host}, when ${step.point}`);
        const settings: Record<string, string> = step.protocols === "ipv4" ? { inet_protocols: "ipv4" } : {};
        const own: [Record<string, unknown>, Record<string, unknown>] =
            host === "hub"
                ? [{ settings: { ...settings, smtpd_banner: `$myhostname ESMTP ${step.number}` } }, {}]
                : [{}, { settings: { ...settings, qmgr_message_active_limit: `${10000 + step.number}` } }];
        // The other machine goes back to what it was, which is a change too, and may be under way as well.
        await this.stack.machines(own[0], { laptop1: own[1] });
        const old = await look(machine);
        let cli: ChildProcess | undefined;
        let other: Promise<unknown> | undefined;
        const strike = new Strike(machine, points[step.point], step.delaySeconds, "$hit = 1;", () => {
            if (cli?.pid) other = this.blow(way, cli.pid);
        });
        await strike.ready();
        const words = ["up", "--yes", "--non-interactive", "--skip-preview"];
        const { code, out } = await this.stack.run(words, "", (child) => {
            cli = child;
        });
        await strike.over();
        await other;
        await settled(machine);
        // What a killed CLI has left running.
        if (cli?.pid) signal(-cli.pid, "SIGKILL");
        if (strike.hit > 0) this.report.dealt[way] = (this.report.dealt[way] ?? 0) + 1;
        else this.report.missed++;
        const mid = await look(machine);
        this.tell(`    ${strike.hit > 0 ? "struck" : "missed"}; ended with ${code}`);
        if (mid.greets.length < mid.wanted.length)
            trouble(this.report.silent, `Postfix does not answer: ${out}`);
        await this.converge((what) => trouble(this.report.wrong, what));
        const final = await look(machine);
        const mixed = isMixed(old, mid, final, false);
        if (mixed) trouble(this.report.mixed, mixed);
        for (const each of ["hub", "laptop1"]) {
            const left = litter(each);
            if (left !== "") trouble(this.report.wrong, `litter on ${each}: ${left.replaceAll("\n", " ")}`);
        }
        const again = await this.stack.preview("--expect-no-changes");
        if (again.code !== 0) trouble(this.report.wrong, `a further up would change something: ${again.out}`);
        await this.traffic.flush();
    }

    private async blow(way: Way, pid: number): Promise<CliResult | undefined> {
        switch (way) {
            case "Ctrl-C":
                signal(-pid, "SIGINT");
                return undefined;
            case "Ctrl-C twice":
                signal(-pid, "SIGINT");
                await sleep(300);
                signal(-pid, "SIGINT");
                return undefined;
            case "CLI killed":
                signal(pid, "SIGKILL");
                return undefined;
            case "CLI and provider killed":
                signal(-pid, "SIGKILL");
                return undefined;
            case "pulumi cancel":
                return this.stack.run(["cancel", "--yes"]);
        }
    }

    /** What a user does: `up`, and what it asks for when the run before was killed. */
    private async converge(trouble: (what: string) => void): Promise<void> {
        let { code, out } = await this.stack.up("--skip-preview");
        if (code !== 0 && /stack is currently locked/.test(out)) {
            this.tell("    the stack is locked: pulumi cancel");
            await this.stack.run(["cancel", "--yes"]);
            ({ code, out } = await this.stack.up("--skip-preview"));
        }
        if (/pending operations/.test(out)) {
            this.tell("    pending operations: pulumi refresh");
            const refreshed = await this.stack.refresh("--clear-pending-creates");
            if (refreshed.code !== 0) trouble(`refresh fails: ${refreshed.out}`);
            if (code !== 0) ({ code, out } = await this.stack.up("--skip-preview"));
        }
        if (code !== 0) {
            trouble(`the next up fails: ${out}`);
            throw new Error("cannot go on");
        }
    }

    async end(): Promise<void> {
        await this.traffic.end(this.report);
        const { code, out } = await this.stack.destroy();
        if (code !== 0) this.report.wrong.push(`destroy fails: ${out}`);
        for (const [host, original] of this.originals) {
            if (configuration(host) !== original)
                this.report.wrong.push(`${host} is not what it was at first`);
        }
    }

    stop(): void {
        this.stack.remove();
        this.traffic.close();
    }
}
