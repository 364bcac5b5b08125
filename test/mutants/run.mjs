// npm run test:mutants [-- group ...]: changes the TypeScript in one place after the other and looks whether a test
// goes red. Prints the score of each file, and every change that no test has noticed.
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Stryker } from "@stryker-mutator/core";
import { groups } from "./groups.mjs";

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in groups));
if (unknown.length > 0) throw new Error(`no such group: ${unknown}; there are ${Object.keys(groups)}`);

const dead = ["Killed", "Timeout"];
const alive = ["Survived", "NoCoverage"];

/** Killed, alive, and alive because no test comes by. */
function count(results) {
    const by = (status) => results.filter((result) => result.status === status).length;
    return { killed: by("Killed") + by("Timeout"), survived: by("Survived"), uncovered: by("NoCoverage") };
}

function row(name, results) {
    const { killed, survived, uncovered } = count(results);
    const score = ((100 * killed) / Math.max(1, killed + survived + uncovered)).toFixed(1);
    return `${name.padEnd(44)} ${score.padStart(5)} % ${String(killed).padStart(6)} ${String(survived).padStart(6)} ${String(uncovered).padStart(6)}`;
}

const all = [];
for (const name of names.length > 0 ? names : Object.keys(groups)) {
    const { mutate, tests } = groups[name];
    const results = await new Stryker({
        testRunner: "tap",
        plugins: [fileURLToPath(import.meta.resolve("@stryker-mutator/tap-runner"))],
        tap: {
            testFiles: tests,
            nodeArgs: ["--test-reporter=tap", "-r", "tsx/cjs", "-r", "{{hookFile}}", "{{testFile}}"],
        },
        mutate,
        // The words of a message are not what a test is about, and those that matter are compared whole.
        mutator: { excludedMutations: ["StringLiteral"] },
        coverageAnalysis: "perTest",
        concurrency: 2,
        checkers: [],
        reporters: [],
        ignorePatterns: ["dist", "lab", "bench", "examples", "test/e2e", "test/matrix", "test/mutants"],
        logLevel: "warn",
        allowEmpty: true,
    }).runMutationTest();
    all.push(...results.filter(({ status }) => [...dead, ...alive].includes(status)));
}

console.log(`${"".padEnd(44)}   score killed  alive unseen`);
for (const file of [...new Set(all.map(({ fileName }) => fileName))].sort())
    console.log(
        row(
            relative(process.cwd(), file),
            all.filter(({ fileName }) => fileName === file),
        ),
    );
console.log(row("in all", all));
for (const { fileName, location, mutatorName, replacement, status } of all)
    if (alive.includes(status))
        console.log(
            `${status} ${relative(process.cwd(), fileName)}:${location.start.line}:${location.start.column} ${mutatorName}: ${replacement}`,
        );
