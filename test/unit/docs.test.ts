import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";

const root = join(__dirname, "../..");
const skipped = new Set(["node_modules", "dist", ".git"]);

function markdown(folder = ""): string[] {
    return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
        if (skipped.has(entry.name)) return [];
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return markdown(path);
        return entry.name.endsWith(".md") ? [path] : [];
    });
}

const pages = markdown().map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
};

test("every link between our pages leads somewhere", () => {
    const dead = pages.flatMap(({ path, text }) =>
        [...text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)]
            .map(([, target = ""]) => target)
            .filter((target) => !existsSync(join(root, dirname(path), target)))
            .map((target) => `${path}: ${target}`),
    );
    assert.deepEqual(dead, []);
});

test("every script that our pages name exists, and every script for people is named", () => {
    const named = new Set(
        pages.flatMap(({ text }) => [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, name = ""]) => name)),
    );
    assert.deepEqual(
        [...named].filter((name) => !(name in scripts)),
        [],
    );
    assert.deepEqual(
        ["demo", "lab", "bench", "check", "fix"].filter((name) => !named.has(name)),
        [],
    );
});

test("every file of the repo that our pages name is there", () => {
    const top = "components|postfix|provider|lab|test|stacks|docs|bench|examples|bin";
    const pattern = new RegExp(`\`((?:${top})/[\\w./-]*)\``, "g");
    // A decision may speak of what is still to be built.
    const present = pages.filter(({ path }) => !path.startsWith("docs/decisions/"));
    const missing = present.flatMap(({ path, text }) =>
        [...text.matchAll(pattern)]
            .map(([, file = ""]) => file)
            // NAME stands for a name that the reader chooses.
            .filter(
                (file) =>
                    !file.includes("NAME") &&
                    ![root, dirname(join(root, path))].some((base) => existsSync(join(base, file))),
            )
            .map((file) => `${path}: ${file}`),
    );
    assert.deepEqual(missing, []);
});

test("stacks/ holds what its README speaks of, and nothing that a run has left", () => {
    const tracked = execFileSync("git", ["ls-files", "stacks"], { cwd: root, encoding: "utf8" })
        .trim()
        .split("\n");
    assert.deepEqual(tracked.sort(), [
        "stacks/Pulumi.example.yaml",
        "stacks/Pulumi.fleet-berlin.yaml",
        "stacks/Pulumi.fleet-field.yaml",
        "stacks/Pulumi.lab.yaml",
        "stacks/Pulumi.prod.yaml",
        "stacks/Pulumi.staging.yaml",
        "stacks/README.md",
        "stacks/field.csv",
        "stacks/tsconfig.json",
    ]);
});

test("the end-to-end tests that take turns are there", () => {
    const names = readFileSync(join(root, "test", "e2e", "in-turn"), "utf8")
        .split("\n")
        .filter((line) => line !== "" && !line.startsWith("#"));
    assert.ok(names.length > 10);
    const missing = names.filter((name) => !existsSync(join(root, "test", "e2e", `${name}.test.ts`)));
    assert.deepEqual([missing, new Set(names).size], [[], names.length]);
});

test("the lockfile has every platform's build of a package, or npm ci refuses it elsewhere", () => {
    const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
        packages: Record<string, { optionalDependencies?: Record<string, string> }>;
    };
    const wanted = Object.values(packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
    const missing = wanted.filter(
        (name) => !Object.keys(packages).some((path) => path.endsWith(`node_modules/${name}`)),
    );
    assert.ok(wanted.length > 10);
    assert.deepEqual(missing, []);
});
