import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lab, repo } from "../test/e2e/lab";
import { LabState } from "./lab-state";
import type { Results } from "./measurement";
import { type Options, parseOptions } from "./options";
import { sectionOf, withSection } from "./page";
import { roundName, roundsOf } from "./plan";
import { plot } from "./plot";
import { print } from "./report";
import { asJson, joined, readResults } from "./results-file";
import { versionsOf } from "./versions";

async function main(): Promise<void> {
    const options = parseOptions(process.argv.slice(2));
    const found =
        options.render.length > 0 ? joined(options.render.map(readResults)) : await measured(options);
    print(found);
    if (options.write) write(found);
    if (found.failures.length > 0) process.exitCode = 1;
}

async function measured(options: Options): Promise<Results> {
    const folder = mkdtempSync(join(tmpdir(), "bench-"));
    process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
    const date = new Date().toISOString().slice(0, 10);
    const found: Results = { date, versions: {}, measurements: [], failures: [] };
    // A long run that is broken off has not measured for nothing.
    const kept = options.write ? fileOf(found) : join(tmpdir(), "pulumi-postfix-bench.json");
    const rounds = roundsOf(options);
    let state: LabState | undefined;
    try {
        for (const [index, round] of rounds.entries()) {
            say(`${index + 1} of ${rounds.length}: ${roundName(round)}`);
            const began = Date.now();
            if (state?.hosts !== round.hosts) state = new LabState(round.hosts, join(folder, "round.json"));
            try {
                await state.readyFor(round);
                if (Object.keys(found.versions).length === 0) found.versions = versionsOf(options.only);
                found.measurements.push(...(await state.round(round)));
            } catch (error) {
                const reason = error instanceof Error ? error.message : String(error);
                say(`FAILED: ${reason}`);
                found.failures.push(
                    `${roundName(round)}: ${reason
                        .trim()
                        .split(/\s*\n\s*/)
                        .join(" / ")
                        .slice(0, 300)}`,
                );
                // Whatever it has left is not the next one's business.
                state = undefined;
            }
            say(`  ${((Date.now() - began) / 1000).toFixed(0)} s, lab and checks included`);
            writeFileSync(kept, asJson(found));
        }
    } finally {
        lab("down");
    }
    say(`every figure: ${kept}`);
    return found;
}

function write(found: Results): void {
    const page = join(repo, "docs", "performance.md");
    writeFileSync(fileOf(found), asJson(found));
    const temperature = found.measurements.some((one) => one.temperature === "warm") ? "warm" : "cold";
    writeFileSync(join(repo, "docs", "performance.svg"), plot(found.measurements, temperature));
    const section = sectionOf(found, `${found.date}.json`);
    writeFileSync(page, withSection(readFileSync(page, "utf8"), section));
    say("written: docs/performance.md, docs/performance.svg");
}

const fileOf = ({ date }: Results): string => join(repo, "bench", "results", `${date}.json`);

const say = (words: string): void => console.error(`bench: ${words}`);

main().catch((error: Error) => {
    console.error(`bench: ${error.message}`);
    process.exitCode = 1;
});
