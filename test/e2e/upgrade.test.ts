/** The states of earlier releases with the code of today (`states/README.md`). No host is needed: nothing is to be done. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Stack, succeeds } from "./stack";

const folder = join(__dirname, "states");
const files = readdirSync(folder).filter((file) => file.endsWith(".json"));

test("there is a state to read", () => assert.ok(files.length > 0));

for (const file of files) {
    test(`${file}: no change is wanted, and no host is asked`, async () => {
        const { config, state } = JSON.parse(readFileSync(join(folder, file), "utf8")) as {
            config: Record<string, unknown>;
            state: unknown;
        };
        const stack = new Stack("kept");
        try {
            await stack.config(config);
            await succeeds(stack.run(["stack", "import"], JSON.stringify(state)));
            const said = await succeeds(stack.preview("--expect-no-changes", "--diff"));
            assert.doesNotMatch(said, /unreachable|cannot say what stands there/);
            // It is the state that is read, and not one of nothing.
            assert.match(said, /\b1[0-9] unchanged|\b2[0-9] unchanged/);
        } finally {
            stack.remove();
        }
    });
}
