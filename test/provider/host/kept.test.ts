import assert from "node:assert/strict";
import { test } from "node:test";
import { generationFiles, sha256 } from "../../../provider/host/apply";
import type { GenerationFile, HostFacts } from "../../../provider/host/facts";
import { isLiveFolderRight } from "../../../provider/host/kept";
import { factsOf, hub, ids, plain } from "./fixtures";

const tables = { pins: { type: "hash", entries: { a: "b" } }, words: { text: "/x/ y\n", type: "regexp" } };
const inputs = { ...hub(), tables: plain({ tables: { indexed: tables.pins, words: tables.words } }).tables };
const lies = (name: string, text: string): GenerationFile => ({
    name,
    mode: "600",
    owner: "root:root",
    sha256: sha256(text),
    content: "",
});
const written = [
    ...Object.entries(generationFiles(inputs)).map(([name, text]) => lies(name, text)),
    lies("indexed.db", "what postmap made of it"),
];
const isRight = (generationFiles: GenerationFile[], more: Partial<HostFacts> = {}) =>
    isLiveFolderRight(inputs, factsOf({ generationFiles, ...more }), ids.hub.owner, "0123456789abcdef");

test("a folder is right when each file is there as it would be written, indexes beside their tables", () => {
    assert.equal(isRight(written), true);
});

test("and is not when one is missing, another's, changed, readable for others or without its index", () => {
    assert.equal(isRight([]), false);
    for (const file of written) {
        const others = written.filter((other) => other !== file);
        assert.equal(isRight(others), false, `without ${file.name}`);
        assert.equal(isRight([...others, { ...file, mode: "644" }]), false, `${file.name} for all`);
        assert.equal(isRight([...others, { ...file, owner: "bob:root" }]), false, `${file.name} of bob`);
        if (file.name === "indexed.db") continue;
        assert.equal(
            isRight([...others, { ...file, sha256: sha256("other") }]),
            false,
            `another ${file.name}`,
        );
    }
    assert.equal(isRight([...written, lies("stray", "x")]), false);
    assert.equal(isRight([...written, lies("stray", "")]), false);
    assert.equal(isRight(written, { altered: ["/etc/postfix/pulumi/x/y/indexed.db"] }), false);
    const open = { path: "/etc/postfix/pulumi", mode: "755", owner: "root:root" };
    assert.equal(isRight(written, { places: [open] }), false);
    assert.equal(isRight(written, { places: [{ ...open, mode: "700" }] }), true);
    assert.equal(isRight([...written, lies("built.sums", "what the agent wrote")]), true);
});
