import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { CliRun, planCliSteps } from "./cli";
import { describeStep, planSteps } from "./plan";
import { newReport, type Report, summary } from "./report";
import { Run } from "./run";

/** One lane of a run, in a lab that is up; or, with --sum, the table of several. */
async function main(): Promise<void> {
    const { values, positionals } = parseArgs({
        options: {
            seed: { type: "string", default: "0" },
            lane: { type: "string", default: "1/1" },
            count: { type: "string", default: "0" },
            "cli-count": { type: "string", default: "0" },
            only: { type: "string" },
            minutes: { type: "string", default: "0" },
            report: { type: "string", default: "/dev/null" },
            plan: { type: "boolean" },
            sum: { type: "boolean" },
        },
        allowPositionals: true,
    });
    if (values.sum) {
        const { text, good } = summary(
            positionals.map((file) => JSON.parse(readFileSync(file, "utf8")) as Report),
        );
        process.stdout.write(`${text}\n`);
        process.exitCode = good ? 0 : 1;
        return;
    }
    const seed = Number(values.seed);
    const [number, of] = values.lane.split("/").map(Number) as [number, number];
    const lane = { number, of };
    const only = values.only?.split(",").map(Number);
    const steps = planSteps(seed, only ? Math.max(...only) : Number(values.count), lane).filter(
        (step) => !only || only.includes(step.number),
    );
    const cliSteps = planCliSteps(seed, only ? 0 : Number(values["cli-count"]), lane);
    if (values.plan) {
        for (const step of steps) process.stdout.write(`${step.number}: ${describeStep(step)}\n`);
        return;
    }
    // Ctrl-C and the end of the time end it behind the present fault: the mail is counted all the same.
    let isOver = false;
    process.on("SIGINT", () => (isOver = true));
    const limit = Number(values.minutes) * 60_000 || Number.POSITIVE_INFINITY;
    const goesOn = () => !isOver && performance.now() < limit;
    const tell = (line: string) =>
        process.stdout.write(`${(performance.now() / 1000).toFixed(1).padStart(7)} ${line}\n`);

    const report = newReport(seed);
    const name = `${seed}-${number}`;
    try {
        if (cliSteps.length > 0) await all(new CliRun(name, report, tell), cliSteps, goesOn);
        if (steps.length > 0) await all(new Run(name, report, tell), steps, goesOn);
    } catch (error) {
        // What was found until then is worth its table.
        report.wrong.push(`the run broke off: ${error instanceof Error ? error.stack : error}`);
    }
    writeFileSync(values.report, JSON.stringify(report));
}

interface Runs<T> {
    begin(): Promise<void>;
    step(step: T): Promise<void>;
    end(): Promise<void>;
    stop(): void;
}

async function all<T>(run: Runs<T>, steps: T[], goesOn: () => boolean): Promise<void> {
    try {
        await run.begin();
        for (const step of steps) if (goesOn()) await run.step(step);
        await run.end();
    } finally {
        run.stop();
    }
}

main().then(
    // What a run that broke off has left open must not keep it.
    () => process.exit(),
    (error) => {
        process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
        process.exit(1);
    },
);
