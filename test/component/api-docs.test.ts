import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
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

test("every optional argument says its default, and every argument of hub, laptop and fleet has an example", () => {
    const folder = join(root, "components");
    const files = readdirSync(folder).filter((file) =>
        /-args\.ts$|^(smart-host|road-warrior|relay-access)\.ts$/.test(file),
    );
    const field = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n {4}(\w+)(\??): /g;
    const all = files.flatMap((file) =>
        [...readFileSync(join(folder, file), "utf8").matchAll(field)].map(([, doc = "", name, optional]) => ({
            name: `${file}: ${name}`,
            lacks: [
                ...(optional && !doc.includes("@default") ? ["@default"] : []),
                ...(doc.includes("@example") ? [] : ["@example"]),
            ],
        })),
    );
    assert.ok(all.length > 80, `only ${all.length} found`);
    assert.deepEqual(
        all.filter(({ lacks }) => lacks.length > 0),
        [],
    );
});
