import { join } from "node:path";
import { repo } from "../test/e2e/lab";
import { Stack } from "../test/e2e/stack";

const rounds = 9;
const goal = 1.3;

async function prepared(name: string, program: string): Promise<Stack> {
    const stack = new Stack(name, program);
    await stack.machines({}, { laptop1: {}, laptop2: {}, laptop3: {} });
    await timed(() => stack.up("--skip-preview"));
    return stack;
}

async function timed(run: () => Promise<{ code: number; out: string }>): Promise<number> {
    const began = process.hrtime.bigint();
    const { code, out } = await run();
    if (code !== 0) throw new Error(out);
    return Number(process.hrtime.bigint() - began) / 1e9;
}

const median = (values: number[]): number =>
    [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Both kinds by turns, so that whatever else the machine does meets both alike. */
async function compare(
    what: string,
    ours: () => Promise<number>,
    empty: () => Promise<number>,
): Promise<boolean> {
    const times: [ours: number, empty: number][] = [];
    for (let round = 0; round < rounds; round++) times.push([await ours(), await empty()]);
    const mine = median(times.map(([time]) => time));
    const floor = median(times.map(([, time]) => time));
    const ratio = mine / floor;
    console.log(
        `${what.padEnd(28)} ours ${mine.toFixed(2)} s   empty provider ${floor.toFixed(2)} s   ratio ${ratio.toFixed(2)} (goal ${goal})   ${rounds} rounds, medians`,
    );
    return ratio <= goal;
}

async function main(): Promise<void> {
    const ours = await prepared("ours", repo);
    const empty = await prepared("empty", join(repo, "bench", "empty-provider"));
    try {
        const up = (stack: Stack) => () => timed(() => stack.up("--skip-preview", "--expect-no-changes"));
        const preview = (stack: Stack) => () => timed(() => stack.preview("--expect-no-changes"));
        const met = [
            await compare("up --skip-preview, no change", up(ours), up(empty)),
            await compare("preview, no change", preview(ours), preview(empty)),
        ];
        if (met.includes(false)) process.exitCode = 1;
        await ours.destroy();
    } finally {
        ours.remove();
        empty.remove();
    }
}

main().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
});
