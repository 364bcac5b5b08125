import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

const root = join(__dirname, "../..");

test("every public name has a docstring, and every link in one leads somewhere", () => {
    const typedoc = join(root, "node_modules/typedoc/bin/typedoc");
    const { status, stdout, stderr } = spawnSync("node", [typedoc, "--emit", "none"], {
        cwd: root,
        encoding: "utf8",
    });
    assert.equal(status, 0, stdout + stderr);
});
