import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const provider = join(__dirname, "..", "..", "provider");

test("a hundred names are looked up at once, not four", { skip: !existsSync("/proc/self/task") }, () => {
    // As plain Node runs it: a loader of TypeScript has used the pool before.
    const source = readFileSync(join(provider, "lookups.ts"), "utf8").replace("export {};", "");
    const program = `${source}
        require("node:dns").lookup("localhost", () =>
            console.log(require("node:fs").readdirSync("/proc/self/task").length));`;
    const { UV_THREADPOOL_SIZE: _, ...env } = process.env;
    const threads = Number(execFileSync(process.execPath, ["-e", program], { env, encoding: "utf8" }));
    assert.ok(threads > 100, `${threads} threads`);
    assert.match(readFileSync(join(provider, "main.ts"), "utf8"), /^import "\.\/lookups";\n/);
});
