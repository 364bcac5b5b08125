// npm run test:mutants [-- [--every N] file ...]: changes the TypeScript in one place after the other and looks whether a
// test goes red. Prints the score of each file, and every change that no test has noticed. With --every only each Nth block
// of eight lines is changed: a sample, where the whole would take hours.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Stryker } from "@stryker-mutator/core";
import { glob } from "glob";

// The real postconf and the slow properties are left out: a mutant that lives here may well die of them. So are tests
// that look at what a sandbox has not.
const leftOut = /(-(oracle|properties)|bad-input-page|agent-mutants)\.test\.ts$/;

const tests = (await glob("test/{unit,provider/host}/*.test.ts"))
    .filter((test) => !leftOut.test(test))
    .sort();
const imports = new Map(tests.map((test) => [test, withHelpers(test)]));

/** A test's text, and that of the files beside it which it reads: what they import is what it is about. */
function withHelpers(test) {
    const text = readFileSync(test, "utf8");
    const helpers = [...text.matchAll(/from "\.\/([\w-]+)"/g)].filter(([, name]) => name !== "fixtures");
    const texts = helpers.map(([, name]) => readFileSync(join(dirname(test), `${name}.ts`), "utf8"));
    return [text, ...texts].join("\n");
}

/** The tests that are about a file: they import it, or bear its name. */
function testsOf(file) {
    const name = basename(file, ".ts");
    // Parts of one whole, which is what their tests import.
    const whole = file.replace(/\/plan-[a-z-]+\.ts$/, "/plan.ts");
    return tests.filter((test) => {
        const text = imports.get(test);
        const reads = [file, whole].some((path) => text.includes(`/${path.replace(/\.ts$/, "")}"`));
        return reads || basename(test, ".test.ts").split("validate-").at(-1) === name;
    });
}

// Not below the repository, whose tests look at all that lies there.
const tempDirName = mkdtempSync(join(tmpdir(), "mutants-"));
process.once("exit", () => rmSync(tempDirName, { recursive: true, force: true, maxRetries: 5 }));

const { values, positionals: given } = parseArgs({
    options: { every: { type: "string", default: "1" } },
    allowPositionals: true,
});
const every = Number(values.every);
const block = 8;

/** Which lines of a file are changed, as Stryker has it: all of a short one. */
function places(file) {
    const lines = readFileSync(file, "utf8").split("\n").length;
    if (every === 1 || lines <= block * every) return [file];
    const blocks = Math.ceil(lines / (block * every));
    return Array.from({ length: blocks }, (_, index) => {
        const first = index * block * every + 1;
        return `${file}:${first}-${Math.min(first + block - 1, lines)}`;
    });
}

const files = (await glob(given.length > 0 ? given : ["postfix/**/*.ts", "provider/host/*.ts"])).sort();
const alive = ["Survived", "NoCoverage"];
const all = [];

function row(name, results) {
    const by = (...statuses) => results.filter(({ status }) => statuses.includes(status)).length;
    const [killed, survived, unseen] = [by("Killed", "Timeout"), by("Survived"), by("NoCoverage")];
    const score = ((100 * killed) / Math.max(1, killed + survived + unseen)).toFixed(1);
    const numbers = [killed, survived, unseen].map((number) => String(number).padStart(6));
    return `${name.padEnd(44)} ${score.padStart(5)} %${numbers.join("")}`;
}

console.log(`${"".padEnd(44)}   score killed  alive unseen`);
for (const file of files) {
    const testFiles = testsOf(file);
    if (testFiles.length === 0) {
        console.log(`${file}: no test is about it alone`);
        continue;
    }
    const results = await new Stryker({
        testRunner: "tap",
        plugins: [fileURLToPath(import.meta.resolve("@stryker-mutator/tap-runner"))],
        tap: {
            testFiles,
            nodeArgs: ["--test-reporter=tap", "-r", "tsx/cjs", "-r", "{{hookFile}}", "{{testFile}}"],
        },
        mutate: places(file),
        // On a machine that has other things to do a mutant must not pass for one that never ends.
        timeoutMS: 60_000,
        dryRunTimeoutMinutes: 30,
        // The words of a message are not what a test is about, and those that matter are compared whole.
        mutator: { excludedMutations: ["StringLiteral"] },
        coverageAnalysis: "perTest",
        concurrency: 2,
        checkers: [],
        reporters: [],
        ignorePatterns: ["dist", "lab", "bench", "examples", "test/e2e", "test/matrix", "test/mutants"],
        tempDirName,
        logLevel: "error",
        allowEmpty: true,
    }).runMutationTest();
    all.push(...results);
    if (results.length > 0) console.log(row(file, results));
    for (const { location, mutatorName, replacement, status } of results) {
        if (!alive.includes(status)) continue;
        const place = `${relative(process.cwd(), file)}:${location.start.line}:${location.start.column}`;
        console.log(
            `    ${status} ${place} ${mutatorName}: ${replacement?.replace(/\s+/g, " ").slice(0, 100)}`,
        );
    }
}
console.log(row("in all", all));
