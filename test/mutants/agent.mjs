// npm run test:agent-mutants [-- name ...]: makes one mistake after the other in the agent's scripts, in dist/ and each
// in a lab of its own, and looks whether the end-to-end test goes red. Needs `npm run build`, and what test:e2e needs.
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { mutants } from "./agent-table.mjs";

const names = process.argv.slice(2);
const chosen = mutants.filter(([name]) => names.length === 0 || names.includes(name));
if (chosen.length < names.length)
    throw new Error(`no such mutant; there are:\n${mutants.map(([name]) => name).join("\n")}`);

/** What is to be put right however this ends. */
const undo = new Set();
process.once("exit", () => {
    for (const each of undo) each();
});
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));

/** The first test that goes red, or nothing. What comes behind it says nothing more, so it is not waited for. */
function firstFailure(file) {
    return new Promise((resolve) => {
        const node = ["node", "--import", "tsx", "--test", "--test-reporter=tap", `test/e2e/${file}.test.ts`];
        const run = spawn("bash", ["test/in-lab.sh", "3", ...node], {
            stdio: ["ignore", "pipe", "ignore"],
            detached: true,
        });
        const end = () => process.kill(-run.pid, "SIGTERM");
        undo.add(end);
        let output = "";
        let failure;
        let last;
        run.stdout.on("data", (data) => {
            output += data;
            const found = /^ *not ok \d+ - (.*)$/m.exec(output)?.[1];
            if (found === undefined || failure !== undefined) return;
            failure = found;
            end();
            // A runner of tests that was told to end may go on for ever, with nobody to write to.
            last = setTimeout(() => process.kill(-run.pid, "SIGKILL"), 30_000);
        });
        run.on("close", (code) => {
            clearTimeout(last);
            undo.delete(end);
            resolve(failure ?? (code === 0 ? undefined : `it ends with ${code}`));
        });
    });
}

let alive = 0;
for (const [name, script, from, to, file] of chosen) {
    const path = `dist/provider/host/agent/${script}.sh`;
    const original = readFileSync(path, "utf8");
    if (original.split(from).length !== 2)
        throw new Error(`${name}: "${from}" does not stand once in ${path}`);
    const restore = () => writeFileSync(path, original);
    undo.add(restore);
    writeFileSync(
        path,
        original.replace(from, () => to),
    );
    const failure = await firstFailure(file);
    restore();
    undo.delete(restore);
    if (failure === undefined) alive++;
    console.log(
        `${failure === undefined ? "ALIVE " : "killed"} ${name} (${file}${failure === undefined ? "" : `: ${failure}`})`,
    );
}
console.log(`${chosen.length - alive} of ${chosen.length} killed`);
process.exitCode = alive === 0 ? 0 : 1;
