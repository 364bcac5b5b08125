import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { CliRun, planCliSteps } from "./cli";
import { describeStep, planSteps, type Step } from "./plan";
import { newReport, type Report, summary } from "./report";
import { Run } from "./run";

/** One lane of a run, in a lab that is up; or, with --sum, the table of several. */
async function main(): Promise<void> {
    const { values, positionals } = parseArgs({
        options: {
            seed: { type: "string" },
            count: { type: "string" },
            only: { type: "string" },
            report: { type: "string" },
            plan: { type: "boolean" },
            sum: { type: "boolean" },
            "cli-count": { type: "string" },
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
    const only = values.only?.split(",").map(Number);
    const steps = planSteps(seed, only ? Math.max(...only) : Number(values.count ?? 0)).filter(
        ({ number }) => !only || only.includes(number),
    );
    if (values.plan) {
        for (const step of steps) process.stdout.write(`${step.number}: ${describeStep(step)}\n`);
        return;
    }
    const tell = (line: string) =>
        process.stdout.write(`${(performance.now() / 1000).toFixed(1).padStart(6)} ${line}\n`);
    const report = newReport(seed);
    const cliCount = only ? 0 : Number(values["cli-count"] ?? 0);
    try {
        if (steps.length > 0) await runSteps(seed, steps, report, tell);
        if (cliCount > 0) await runCli(seed, cliCount, report, tell);
    } catch (error) {
        // What was found until then is worth its table.
        report.wrong.push(`the run broke off: ${error instanceof Error ? error.stack : error}`);
    }
    writeFileSync(values.report ?? "/dev/null", JSON.stringify(report));
    const { text, good } = summary([report]);
    process.stdout.write(`\n${text}\n`);
    process.exitCode = good ? 0 : 1;
}

/** Ctrl-C ends it behind the present fault: the mail is counted all the same. */
async function runSteps(
    seed: number,
    steps: Step[],
    report: Report,
    tell: (line: string) => void,
): Promise<void> {
    const run = new Run(seed, report, tell);
    await run.begin();
    let isOver = false;
    process.once("SIGINT", () => (isOver = true));
    for (const step of steps) if (!isOver) await run.step(step);
    await run.end();
}

/** On the same hosts, when they are as they were at first. */
async function runCli(
    seed: number,
    count: number,
    report: Report,
    tell: (line: string) => void,
): Promise<void> {
    const run = new CliRun(seed, report, tell);
    await run.begin();
    for (const step of planCliSteps(seed, count)) await run.step(step);
    await run.end();
}

main().then(
    // What a run that broke off has left open must not keep it.
    () => process.exit(),
    (error) => {
        process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
        process.exit(1);
    },
);
