import { parseArgs } from "node:util";
import { measureBounds } from "./bounds";
import { type Ran, SimulatedFleets } from "./fleets";
import { circumstances, Report } from "./report";

const { values } = parseArgs({
    options: {
        stacks: { type: "string", default: "2" },
        laptops: { type: "string", default: "5" },
        parallel: { type: "string", default: "64" },
        bounds: { type: "boolean", default: false },
        write: { type: "boolean", default: false },
    },
});
const number = (name: "stacks" | "laptops" | "parallel", most: number): number => {
    const value = Number(values[name]);
    if (Number.isInteger(value) && value >= 1 && value <= most) return value;
    throw new Error(`--${name} is "${values[name]}"; it is a whole number from 1 to ${most}`);
};

async function measureFleets(report: Report): Promise<void> {
    const [stacks, laptops] = [number("stacks", 40), number("laptops", 500)];
    const began = Date.now();
    const fleets = await SimulatedFleets.start({ stacks, laptops });
    fleets.parallel = number("parallel", 1000);
    const booted = ((Date.now() - began) / 1000).toFixed(0);
    report.say(`${stacks} stacks of ${laptops} simulated laptops, booted in ${booted} s:`);
    const all = Array.from({ length: stacks }, (_, index) => index + 1);
    const others = all.slice(1);
    const before = { smtp_helo_timeout: "250s" };
    const after = { smtp_helo_timeout: "200s" };
    const alone = (what: string, ran: Ran) => report.row(what, "one stack alone", ran.seconds, [ran]);
    const atOnce = (what: string, [seconds, ran]: [number, Ran[]]) =>
        report.row(what, `${ran.length} stacks at once`, seconds, ran);
    try {
        alone("first apply", (await fleets.together([1], before))[1][0] as Ran);
        if (others.length > 0) atOnce("first apply", await fleets.together(others, before));
        alone("no change", await fleets.up(1, before, "--expect-no-changes"));
        atOnce("no change", await fleets.together(all, before, "--expect-no-changes"));
        alone("one setting on all", await fleets.up(1, after));
        if (others.length > 0) atOnce("one setting on all", await fleets.together(others, after));
        const { resources, bytes } = await fleets.state(1);
        report.say(`A stack's state: ${resources} resources, ${(bytes / 2 ** 20).toFixed(1)} MiB.`);
        const granted = fleets.granted();
        if (granted !== stacks * laptops)
            throw new Error(`the hub relays for ${granted} keys of ${stacks * laptops}`);
        report.say(`The hub relays for all ${granted} keys.`);
    } finally {
        await fleets.stop();
    }
}

async function main(): Promise<void> {
    const report = new Report(values.bounds ? "bounds" : "fleets");
    report.say(circumstances());
    if (values.bounds) await measureBounds(report, number("laptops", 500));
    else await measureFleets(report);
    report.say(circumstances("after it"));
    if (values.write) report.write();
}

main().then(
    () => process.exit(0),
    (error: Error) => {
        console.error(error.stack ?? error.message);
        process.exit(1);
    },
);
