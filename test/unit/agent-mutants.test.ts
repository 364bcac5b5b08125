import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const repo = join(__dirname, "..", "..");

/** Else a mistake that is to be made would be none, or break off the run that makes them all. */
test("each mistake of the table can be made in one place of the agent, and names a test that is there", async () => {
    const { mutants } = (await import(join(repo, "test", "mutants", "agent-table.mjs"))) as {
        mutants: [name: string, script: string, from: string, to: string, file: string][];
    };
    assert.ok(mutants.length > 20);
    for (const [name, script, from, to, file] of mutants) {
        const text = readFileSync(join(repo, "provider", "host", "agent", `${script}.sh`), "utf8");
        assert.equal(text.split(from).length - 1, 1, name);
        assert.notEqual(from, to, name);
        readFileSync(join(repo, "test", "e2e", `${file}.test.ts`));
    }
    assert.equal(new Set(mutants.map(([name]) => name)).size, mutants.length);
});
