import { monitorEventLoopDelay } from "node:perf_hooks";

import { dial } from "../../provider/ssh/dial";
import { Limiter } from "../../provider/ssh/limits";
import { runScript } from "../../provider/ssh/run";
import { SimulatedFleets } from "./fleets";
import { newKey } from "./keys";
import type { Report } from "./report";
import { type Machine, machinesOf, Site } from "./sites";

/** How far away a laptop is, and what it takes for a probe and for a change: figures of a lab host by itself. */
const roundTripMs = 40;
const answerAfterMs = 500;
/** Two commands, as an operation on a machine has them; of the size of the agent. */
const script = `${"#".repeat(79)}\n`.repeat(1_000);
const machineCount = 100;

export async function measureBounds(report: Report, laptops: number): Promise<void> {
    await farMachines(report);
    await realRuns(report, laptops);
}

/**
 * Machines that have processors of their own, as laptops do: only the line and their answer take time, and what limits
 * the operator is the operator alone. The provider's own code connects and runs.
 */
async function farMachines(report: Report): Promise<void> {
    const { private: privateKey, public: publicKey } = newKey();
    const machines = machinesOf(9, machineCount, "far");
    const site = await Site.start({ kind: "laptop", machines, publicKey, roundTripMs, answerAfterMs });
    report.say(
        `${machineCount} machines ${roundTripMs} ms away that take ${answerAfterMs} ms for each of two commands and none of this machine's processors; connected by the provider's own code:`,
    );
    const reach = ({ address, hostKey }: Machine) => ({
        connection: { host: address, user: "root", hostKey, privateKey },
    });
    for (const bound of [4, 8, 16, 32, 64, 100]) {
        await site.counted();
        const limiter = new Limiter(bound);
        const lag = monitorEventLoopDelay({ resolution: 5 });
        lag.enable();
        const cpu = process.cpuUsage();
        const began = process.hrtime.bigint();
        let retries = 0;
        await Promise.all(
            site.machines.map(async (machine) => {
                const leave = await limiter.acquire();
                const line = await dial(reach(machine), { deadlineSeconds: 60, onRetry: () => retries++ });
                const session = {
                    client: line.client,
                    label: machine.name,
                    command: "/bin/sh -s",
                    mask: (text: string) => text,
                };
                for (const step of ["probe", "apply"])
                    await runScript(session, { step, stdin: script, timeoutSeconds: 60 });
                line.close();
                leave();
            }),
        );
        const seconds = Number(process.hrtime.bigint() - began) / 1e9;
        const { user, system } = process.cpuUsage(cpu);
        lag.disable();
        const { most } = await site.counted();
        report.table(
            "bound | s | machines a second | CPU s | event loop late, 99 % | RSS MiB | most at once | tried again",
            [
                String(bound),
                seconds.toFixed(1),
                (machineCount / seconds).toFixed(1),
                ((user + system) / 1e6).toFixed(1),
                `${(lag.percentile(99) / 1e6 - 5).toFixed(0)} ms`,
                (process.memoryUsage().rss / 2 ** 20).toFixed(0),
                String(most),
                String(retries),
            ],
        );
    }
    site.stop();
}

/** The whole: engine, plugin, agent. Here laptops and operator share the processors. */
async function realRuns(report: Report, laptopCount: number): Promise<void> {
    const fleets = await SimulatedFleets.start({
        stacks: 1,
        laptops: laptopCount,
        roundTripMs,
        bounded: true,
    });
    const settings = (round: number) => ({ smtp_helo_timeout: `${200 + round}s` });
    report.say(
        `\`pulumi up\` that changes one setting of ${laptopCount} simulated laptops ${roundTripMs} ms away, with the real agent, which shares this machine's processors with the operator:`,
    );
    try {
        await fleets.up(1, settings(0));
        for (const [round, [bound, parallel]] of pairs.entries()) {
            fleets.bound = bound;
            fleets.parallel = parallel;
            const { seconds, usage, laptops } = await fleets.up(1, settings(round + 1));
            report.table(
                "bound | --parallel | s | plugin MiB | engine MiB | CPU s: plugin, engine | most at once",
                [
                    String(bound),
                    String(parallel),
                    seconds.toFixed(1),
                    usage.plugin.peakMiB.toFixed(0),
                    usage.engine.peakMiB.toFixed(0),
                    `${usage.plugin.cpuSeconds.toFixed(1)}, ${usage.engine.cpuSeconds.toFixed(1)}`,
                    String(laptops.most),
                ],
            );
        }
    } finally {
        await fleets.stop();
    }
}

/** The engine's default on two processors is 8. */
const pairs: [bound: number, parallel: number][] = [
    [4, 32],
    [8, 32],
    [16, 8],
    [16, 16],
    [16, 32],
    [32, 32],
    [32, 64],
    [64, 64],
    [64, 128],
];
