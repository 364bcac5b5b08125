import assert from "node:assert/strict";
import { test } from "node:test";
import { isIndexed, readEntries, tableText, tableType, tableTypes } from "../../postfix/tables";
import { tableProblems } from "../../postfix/validate/tables";

const known = () => true;
const paths = (table: unknown) => tableProblems(table, known).map(({ path }) => path);

test("a table of entries is texthash unless told otherwise, and needs no index then", () => {
    assert.equal(tableType({ entries: {} }), "texthash");
    assert.equal(isIndexed({ entries: {} }), false);
    const indexed = tableTypes.filter((type) => isIndexed({ type, entries: {} }));
    assert.deepEqual(indexed, ["hash", "btree", "lmdb", "cdb"]);
});

test("entries are written in one order whatever the program's, ordered text as it is", () => {
    assert.equal(tableText({ entries: { b: "2", a: "1" } }), "a 1\nb 2\n");
    assert.equal(tableText({ type: "regexp", text: "/b/ 2\n/a/ 1" }), "/b/ 2\n/a/ 1\n");
    assert.equal(tableText({ type: "regexp", text: "" }), "");
});

test("what is written is read back; comments and continued lines as postmap(1) reads them", () => {
    const entries = { "a@b": "c d", "[hub]:587": "x" };
    assert.deepEqual(readEntries(tableText({ entries })), entries);
    assert.deepEqual(readEntries("# no\n\na 1\n # no\n  2\nb   3\n"), { a: "1 2", b: "3" });
    const odd = { "a\u00a0": "x\u2028y\u00a0", "b\u2028": "" };
    assert.deepEqual(readEntries(tableText({ entries: odd })), odd);
});

test("a malformed table has each problem under its path, and no value is repeated", () => {
    assert.deepEqual(paths({ entries: { a: "1" } }), []);
    assert.deepEqual(paths({ type: "cidr", text: "10.0.0.0/8 OK" }), []);
    assert.deepEqual(paths("x"), [""]);
    assert.deepEqual(paths({}), [""]);
    assert.deepEqual(paths({ type: "hsah", entries: {} }), ["type"]);
    assert.deepEqual(paths({ type: "regexp", entries: {} }), ["entries"]);
    assert.deepEqual(paths({ type: "hash", text: "a 1" }), []);
    assert.deepEqual(paths({ text: "a\0" }), ["text"]);
    assert.deepEqual(paths({ entry: {}, entries: {} }), ["entry"]);
    assert.deepEqual(paths({ entries: { "Bob@x": "1", "bob@x": "2" } }), ['entries["bob@x"]']);
    const secret = "s3cret";
    const wrong = { entries: { "a b": secret, "#c": secret, d: `${secret}\nx`, e: " ", f: 5 } };
    assert.deepEqual(paths(wrong), [
        'entries["a b"]',
        'entries["#c"]',
        "entries.d",
        "entries.e",
        "entries.f",
    ]);
    assert.doesNotMatch(JSON.stringify(tableProblems(wrong, known)), new RegExp(secret));
});
