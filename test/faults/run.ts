import { configuration, litter } from "../e2e/lab";
import { hostOf, Resources } from "./fleet";
import type { Slot } from "./kinds";
import { isMixed, look, type Sight, settled } from "./look";
import { labCommand, type Machine, Strike } from "./machine";
import { describeStep, type Step, whole } from "./plan";
import { points } from "./points";
import type { Report } from "./report";
import { hosts, Traffic } from "./traffic";

/** One lab, its resources, its mail, and what went wrong. */
export class Run {
    private readonly resources = new Resources();
    private readonly traffic: Traffic;
    private readonly originals = new Map<string, string>();

    constructor(
        name: string,
        private readonly report: Report,
        private readonly tell: (line: string) => void,
    ) {
        this.traffic = new Traffic(`s${name}`);
    }

    async begin(): Promise<void> {
        this.traffic.prepare();
        for (const host of hosts) this.originals.set(host, configuration(host));
        await this.resources.start();
        await this.resources.bringTo(whole);
        this.traffic.begin(hosts);
    }

    async step(step: Step): Promise<void> {
        const began = performance.now();
        this.report.dealt[step.kind.name] ??= 0;
        await this.breakOne(step);
        const { seconds } = this.report;
        seconds[step.kind.name] = (seconds[step.kind.name] ?? 0) + (performance.now() - began) / 1000;
    }

    private async breakOne(step: Step): Promise<void> {
        const { slot, kind } = step;
        const machine = this.traffic.machine(hostOf(slot));
        const trouble = (list: string[], what: string) => {
            list.push(`${step.number}: ${describeStep(step)}: ${what}`);
            this.tell(`    ${what}`);
        };
        // Where one fault is run again by itself, nothing has taken it away before.
        if (this.resources.has("laptop2") && !step.before.laptop2) await this.traffic.drain("laptop2");
        await this.quietFor(slot, () => this.resources.bringTo(step.before));
        this.tell(`${step.number}: ${describeStep(step)}`);
        if (slot === "laptop2" && step.action === "delete") await this.traffic.drain("laptop2");
        const old = await look(machine);
        await kind.prepare?.(machine, step.amount);
        const impostor = kind.name.startsWith("an impostor");
        if (impostor) await labCommand("takeover", "impostor", "hub");
        let power: Promise<void> | undefined;
        const fallen = (from: number) =>
            kind.act?.({
                machine,
                killProvider: () => this.resources.signal("SIGKILL"),
                interruptProvider: () => this.resources.signal("SIGINT"),
                cancel: () => void this.resources.provider.cancel().catch(() => {}),
                powerCycle: () => (power = machine.powerCycle(from)),
                killed: () => machine.ended("Postfix killed", from),
            });
        const blow = kind.blow ?? "$hit = 1;";
        const strike = step.point && new Strike(machine, points[step.point], step.delaySeconds, blow, fallen);
        await strike?.ready();
        const began = Date.now();
        const { provider } = this.resources;
        const before = provider.warned.length;
        const warned = () => provider.warned.slice(before);
        const wanted = step.after[slot];
        const change = kind.spoils && wanted ? { ...wanted, isSpoilt: true } : wanted;
        const failure = await this.resources.change(slot, change).then(
            () => undefined,
            (error: { details?: string; message: string }) => error.details ?? error.message,
        );
        const took = Date.now() - began;
        await strike?.over();
        await power;
        await settled(machine);
        const struck = strike ? strike.hit > 0 : ((await kind.met?.(machine)) ?? true);
        let mid = await look(machine);
        if (impostor) await labCommand("giveback", "impostor", "hub");
        await kind.mend?.(machine);
        await this.resources.revive();
        if (struck) this.report.dealt[kind.name] = (this.report.dealt[kind.name] ?? 0) + 1;
        else this.report.missed++;
        const said = failure?.replace(/\s+/g, " ") ?? "";
        this.tell(
            `    ${struck ? "struck" : "missed"} in ${took} ms; ${failure === undefined ? "went through" : said.slice(0, 300)}`,
        );

        if (kind.spoils && failure === undefined) trouble(this.report.wrong, "it went through");
        // The blow came behind the last look at what it hit: nobody can know before a refresh, or where nothing of ours
        // is left, before its admin.
        const isDead = kind.killsPostfix && failure === undefined && mid.greets.length < mid.wanted.length;
        if (isDead && wanted === undefined) {
            await machine.get("postfix start");
            mid = await look(machine);
        }
        const isLater =
            failure === undefined && wanted !== undefined && (isDead || (kind.changesKeys && struck));
        if (isLater && (await this.resources.refresh(slot)).length === 0)
            trouble(this.report.silent, "a refresh does not show what the blow has left");
        if (!isLater)
            mid = await this.answers(machine, mid, said, (what) => trouble(this.report.silent, what));
        if (failure !== undefined || isLater)
            await this.converge(step, (what) => trouble(this.report.wrong, what));
        const final = failure === undefined && !isLater ? mid : await look(machine);
        const mixed = isMixed(old, mid, final, kind.agentDies ?? false);
        if (mixed) {
            trouble(this.report.mixed, mixed);
            this.tell(
                `--- old\n${old.main}\n${old.master}\n--- mid\n${mid.main}\n${mid.master}\n--- final\n${final.main}\n${final.master}`,
            );
        }
        const wasSaidOld = /Nothing was changed on the host|The old configuration is back/.test(said);
        if (wasSaidOld && (mid.main !== old.main || mid.master !== old.master))
            trouble(this.report.wrong, `it is not the old configuration: ${said}`);
        if (final.greets.length < final.wanted.length)
            trouble(this.report.silent, "Postfix does not answer after the next change");
        if (failure === undefined) await this.clearLater(step, machine, warned());
        const left = litter(hostOf(slot));
        if (left !== "") trouble(this.report.wrong, `litter: ${left.replaceAll("\n", " ")}`);
        let outstanding = await this.resources.outstanding(slot);
        // The hub was out of reach of the proof, which the next change makes.
        if (outstanding.join() === "provenBy") {
            await this.converge(step, (what) => trouble(this.report.wrong, what));
            outstanding = await this.resources.outstanding(slot);
        }
        if (outstanding.length > 0) trouble(this.report.wrong, `still outstanding: ${outstanding}`);
        if (this.resources.has("laptop2")) this.traffic.goOn("laptop2");
        if (step.number % 5 === 0) await this.traffic.flush();
    }

    /** A Postfix that is silent must have been called broken, with the command that mends it. */
    private async answers(
        machine: Machine,
        mid: Sight,
        said: string,
        trouble: (what: string) => void,
    ): Promise<Sight> {
        if (mid.greets.length === mid.wanted.length) return mid;
        const command = /THE HOST IS BROKEN: .* Run there: (.*?)(?: # |$)/.exec(said)?.[1];
        if (!command) {
            trouble(
                `Postfix answers on ${mid.greets} only, of ${mid.wanted}, and nobody says that it is broken`,
            );
            return mid;
        }
        const { code, out } = await machine.run(command);
        const mended = await look(machine);
        if (mended.greets.length < mended.wanted.length)
            trouble(`the command does not mend it: ${command}: ${code}: ${out}`);
        return mended;
    }

    /** What could not be removed, as the disk was not to be written to any more: by the word that was given, or by the next change. */
    private async clearLater(step: Step, machine: Machine, warned: string[]): Promise<void> {
        for (const warning of warned) {
            const command = /could not be removed.* run: (rm -rf .*)$/.exec(warning)?.[1];
            if (command) await machine.get(command);
        }
        if (!step.kind.clearsLater || litter(hostOf(step.slot)) === "") return;
        // What was removed leaves it to its neighbour on that host.
        for (const slot of [step.slot, "hub", "grant"] as const) {
            const variant = step.after[slot];
            if (!variant || hostOf(slot) !== hostOf(step.slot)) continue;
            return this.resources.change(slot, { ...variant, count: variant.count + 100_001 });
        }
    }

    private async converge(step: Step, trouble: (what: string) => void): Promise<void> {
        for (let count = 1; ; count++) {
            try {
                await this.resources.change(step.slot, step.after[step.slot]);
                return;
            } catch (error) {
                const said = (error as { details?: string; message: string }).details ?? String(error);
                trouble(`the next change fails (${count}): ${said.replace(/\s+/g, " ")}`);
                if (count === 3) throw error;
            }
        }
    }

    /** The laptop that comes and goes posts nothing while it has no pin. */
    private async quietFor(slot: Slot, change: () => Promise<void>): Promise<void> {
        if (slot === "laptop2" && !this.resources.has(slot)) await this.traffic.pause(slot);
        await change();
    }

    /** Everything in place again, all mail on its way: then it is counted. */
    async end(): Promise<void> {
        await this.resources.bringTo(whole);
        this.tell("all is put in place");
        await this.traffic.end(this.report);
        // Only now, when nothing waits: to be undone is to go back to what the host did before.
        await this.resources.bringTo({
            hub: undefined,
            grant: undefined,
            laptop1: undefined,
            laptop2: undefined,
        });
        for (const [host, original] of this.originals) {
            if (configuration(host) !== original)
                this.report.wrong.push(`${host} is not what it was at first`);
        }
    }

    stop(): void {
        this.resources.stop();
        this.traffic.close();
    }
}
