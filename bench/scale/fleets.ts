import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { FleetStacks, grantedKeys } from "../../test/e2e/fleet-stacks";
import type { Stack } from "../../test/e2e/stack";
import { newKey } from "./keys";
import { type Counted, type Machine, machinesOf, Site } from "./sites";
import { type Usage, Watch } from "./watch";

export interface Ran {
    seconds: number;
    usage: Watch["usage"];
    /** At the laptops, and at the hub. */
    laptops: Counted;
    hub: Counted;
}

export interface Fleets {
    stacks: number;
    laptops: number;
    roundTripMs?: number;
    /** The plugin is one whose bound of machines at a time can be set. */
    bounded?: boolean;
}

/** A setting of all laptops, to be changed. */
export type Settings = Record<string, string>;

/** A simulated hub and fleets of simulated laptops, each fleet a stack. */
export class SimulatedFleets {
    /** Of the engine: resources at a time. */
    parallel = 64;

    private constructor(
        private readonly environment: Record<string, string>,
        private readonly stacks: FleetStacks,
        private readonly hub: Site,
        private readonly sites: Site[],
    ) {}

    static async start(options: Fleets): Promise<SimulatedFleets> {
        const { private: key, public: publicKey } = newKey();
        const keyFile = join(process.env.SCALE_WORK ?? "", "key");
        writeFileSync(keyFile, key, { mode: 0o600 });
        const { roundTripMs, bounded } = options;
        const hub = await Site.start({ kind: "hub", machines: machinesOf(0, 1, "hub"), publicKey });
        const sites: Site[] = [];
        for (let index = 1; index <= options.stacks; index++) {
            const machines = machinesOf(index, options.laptops, `laptop-${index}`);
            sites.push(await Site.start({ kind: "laptop", machines, publicKey, roundTripMs }));
        }
        const environment: Record<string, string> = { SCALE_BOUND: "64" };
        const provider = bounded ? join(__dirname, "bounded", "bin") : undefined;
        const stacks = new FleetStacks(keyFile, provider, environment, "10m");
        const fleets = new SimulatedFleets(environment, stacks, hub, sites);
        const [machine] = hub.machines as [Machine];
        const smartHost = { hostname: "mailhub.example.com", connection: reach(machine) };
        const up = await stacks.want("hub", { hub: smartHost }).up("--skip-preview");
        assert.equal(up.code, 0, up.out);
        return fleets;
    }

    /** Of the plugin: machines at a time. */
    set bound(machines: number) {
        this.environment.SCALE_BOUND = String(machines);
    }

    /** One `pulumi up` of a fleet, `index` from 1. */
    async up(index: number, settings: Settings, ...more: string[]): Promise<Ran> {
        const site = this.sites[index - 1] as Site;
        const stack = this.stack(index, settings);
        await Promise.all([site.counted(), this.hub.counted()]);
        const words = ["up", "--yes", "--non-interactive", "--skip-preview"];
        const parallel = ["--parallel", String(this.parallel)];
        let watch: Watch | undefined;
        let began = process.hrtime.bigint();
        const { code, out } = await stack.run([...words, ...parallel, ...more], "", ({ pid }) => {
            began = process.hrtime.bigint();
            watch = new Watch(pid as number);
        });
        const seconds = Number(process.hrtime.bigint() - began) / 1e9;
        watch?.stop();
        assert.equal(code, 0, out);
        const [laptops, hub] = await Promise.all([site.counted(), this.hub.counted()]);
        return { seconds, usage: (watch as Watch).usage, laptops, hub };
    }

    /** Several at once. The seconds of all together come first. */
    async together(indices: number[], settings: Settings, ...more: string[]): Promise<[number, Ran[]]> {
        // What is done once for a stack is no part of the run.
        for (const index of indices) await this.stack(index, settings).run(["stack", "output"]);
        const began = process.hrtime.bigint();
        // All of them to their end, also when one fails: what it said must not drown in what the others lose then.
        const ends = await Promise.allSettled(indices.map((index) => this.up(index, settings, ...more)));
        const seconds = Number(process.hrtime.bigint() - began) / 1e9;
        const failed = ends.find((end) => end.status === "rejected");
        if (failed) throw failed.reason;
        return [seconds, ends.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []))];
    }

    /** Keys that the hub relays for, as they lie there. */
    granted(): number {
        const [{ pid }] = this.hub.machines as [Machine];
        const into = ["-t", pid, "--net", "--mount", "--pid", "--uts"];
        const out = execFileSync("nsenter", [...into, "/bin/sh", "-c", grantedKeys], { encoding: "utf8" });
        return out.trim().split("\n").length;
    }

    /** What the engine keeps of a stack. */
    async state(index: number): Promise<{ resources: number; bytes: number }> {
        const { out } = await this.stacks.stack(`fleet-${index}`).exportState();
        const { deployment } = JSON.parse(out) as { deployment: { resources: unknown[] } };
        return { resources: deployment.resources.length, bytes: out.length };
    }

    async stop(): Promise<void> {
        for (const site of [this.hub, ...this.sites]) site.stop();
        this.stacks.remove();
    }

    private stack(index: number, settings: Settings): Stack {
        const [hub] = this.hub.machines as [Machine];
        const laptops = Object.fromEntries(
            (this.sites[index - 1] as Site).machines.map((machine) => [
                machine.name,
                { connection: reach(machine), settings },
            ]),
        );
        return this.stacks.want(`fleet-${index}`, { laptops, grantOn: { connection: reach(hub) } });
    }
}

const reach = ({ address, hostKey }: Machine) => ({ host: address, user: "root", hostKey });

export const peak = (ran: Ran[], role: keyof Watch["usage"]): Usage =>
    ran.map(({ usage }) => usage[role]).reduce((one, other) => (other.peakMiB > one.peakMiB ? other : one));
