import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repo } from "./lab";

/** The script of docs/undo.md for a machine on which nobody else stands, word for word. */
export function undoScript(): string {
    const text = readFileSync(join(repo, "docs", "undo.md"), "utf8");
    const [, script] = /## By hand, a machine of its own\n[\s\S]*?```sh\n([\s\S]*?)```/.exec(text) ?? [];
    assert.ok(script, "docs/undo.md has the script");
    return script;
}
