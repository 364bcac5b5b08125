import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repo } from "./lab";

/** The script of docs/undo.md that takes everything of ours from a machine, word for word. */
export function undoScript(): string {
    const text = readFileSync(join(repo, "docs", "undo.md"), "utf8");
    const [, script] =
        /## By hand, everything of ours on one machine\n[\s\S]*?```sh\n([\s\S]*?)```/.exec(text) ?? [];
    assert.ok(script, "docs/undo.md has the script");
    return script;
}
