import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const root = join(__dirname, "../..");
const read = (file: string) => JSON.parse(readFileSync(join(root, file), "utf8"));

interface Packed {
    size: number;
    unpackedSize: number;
    files: { path: string }[];
}

const allowed =
    /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|SECURITY\.md|bin\/pulumi-resource-postfix(\.cmd)?|docs\/([A-Za-z-]+\.(md|svg)|picture\/mail\.svg)|dist\/(cli|components|policy|postfix|provider)\/.*(\.js|\.d\.ts|\.sh|\.awk|components\.json))$/;

test("the tarball holds what a user needs, and nothing of the lab, the tests and the bench", (t) => {
    const out = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
        cwd: root,
        encoding: "utf8",
    });
    const [packed] = JSON.parse(out) as Packed[];
    assert.ok(packed);
    const paths = packed.files.map(({ path }) => path);
    assert.deepEqual(
        paths.filter((path) => !allowed.test(path)),
        [],
    );
    for (const needed of [
        "bin/pulumi-resource-postfix",
        "bin/pulumi-resource-postfix.cmd",
        "dist/components/index.js",
        "dist/components/index.d.ts",
        "dist/components/stack-program.js",
        "dist/policy/index.js",
        "dist/cli/main.js",
        "dist/provider/main.js",
        "dist/provider/host/agent/apply.sh",
        "dist/provider/host/agent/plan.awk",
        "dist/provider/schema/components.json",
        "docs/troubleshooting.md",
    ])
        assert.ok(paths.includes(needed), needed);
    t.diagnostic(
        `${paths.length} files, ${Math.round(packed.size / 1024)} KiB packed, ${Math.round(packed.unpackedSize / 1024)} KiB unpacked`,
    );
    assert.ok(packed.size < 700 * 1024, "larger than it was by a third: what has come in?");
});

interface Locked {
    dependencies?: Record<string, string>;
    optionalDependencies?: Record<string, string>;
}

/** Every package that npm installs for a user who has the SDK already. */
function installed(packages: Record<string, Locked>): Set<string> {
    const found = new Set<string>();
    const visit = (name: string, from: string): void => {
        const place = [`${from}/node_modules/${name}`, `node_modules/${name}`].find(
            (path) => path in packages,
        );
        if (!place || found.has(place) || name === "@pulumi/pulumi") return;
        found.add(place);
        const { dependencies = {}, optionalDependencies = {} } = packages[place] ?? {};
        for (const below of Object.keys({ ...dependencies, ...optionalDependencies })) visit(below, place);
    };
    for (const name of Object.keys(read("package.json").dependencies)) visit(name, "");
    return found;
}

test("a dependency that slips in is seen: each of ours has its line in docs/dependencies.md", (t) => {
    const own = Object.keys(read("package.json").dependencies);
    assert.deepEqual(own, [
        "@grpc/grpc-js",
        "@pulumi/command",
        "@pulumi/tls",
        "google-protobuf",
        "ssh2",
        "yaml",
    ]);
    const why = readFileSync(join(root, "docs/dependencies.md"), "utf8");
    for (const name of own) assert.ok(why.includes(`\`${name}\``), name);
    const all = installed(read("package-lock.json").packages);
    t.diagnostic(`${own.length} dependencies, ${all.size} packages with theirs, beside the SDK`);
    assert.ok(all.size >= own.length && all.size <= 50, `${all.size}: ${[...all].sort().join(", ")}`);
});
