import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import {
    containsSecret,
    containsUnknown,
    deepEqual,
    keepSecrets,
    reveal,
    Secret,
    unknown,
    unknownPaths,
} from "../../../provider/values";

test("reveal unwraps secrets at any depth and keeps unknowns", () => {
    const value = { a: new Secret({ b: [new Secret("x"), unknown] }) };
    assert.deepEqual(reveal(value), { a: { b: ["x", unknown] } });
});

test("a secret shows nothing of itself when it is printed by accident", () => {
    const secret = new Secret("hunter2");
    for (const text of [`${secret}`, JSON.stringify({ secret }), inspect({ secret }, { depth: 9 })]) {
        assert.ok(!text.includes("hunter2"), text);
    }
});

test("unknowns and secrets are found inside of secrets", () => {
    const value = { a: [new Secret({ b: unknown })] };
    assert.ok(containsUnknown(value));
    assert.ok(containsSecret(value));
    assert.ok(!containsUnknown({ a: ["b"] }));
    assert.ok(!containsSecret({ a: ["b"] }));
    assert.deepEqual(unknownPaths({ ...value, services: { "587/inet": unknown } }), [
        "a[0].b",
        'services["587/inet"]',
    ]);
});

test("values are equal whatever is secret and in whatever order their keys stand", () => {
    assert.ok(deepEqual({ a: 1, b: new Secret([2]) }, { b: [new Secret(2)], a: 1, c: undefined }));
    assert.ok(!deepEqual({ a: 1 }, { a: "1" }));
    assert.ok(!deepEqual([1, 2], [2, 1]));
    assert.ok(!deepEqual([], {}));
    assert.ok(!deepEqual(null, {}));
    assert.ok(!deepEqual({ a: null }, {}));
});

test("an unknown equals nothing, not even itself", () => {
    assert.ok(!deepEqual(unknown, unknown));
    assert.ok(!deepEqual({ a: unknown }, { a: unknown }));
});

test("what was secret in the state is secret in what was read from the host", () => {
    const like = {
        main: { relayhost: "a" },
        chains: [{ key: new Secret("k1"), cert: "c1" }],
        whole: new Secret({}),
    };
    const seen = { main: { relayhost: "b" }, chains: [{ key: "k2", cert: "c2" }], whole: { pw: "p" } };
    assert.deepEqual(keepSecrets(seen, like), {
        main: { relayhost: "b" },
        chains: [{ key: new Secret("k2"), cert: "c2" }],
        whole: new Secret({ pw: "p" }),
    });
});

test("a value without a counterpart is secret if its neighbours are", () => {
    const like = { list: [{ key: new Secret("k1") }], map: { a: new Secret("x") }, open: { a: "x" } };
    const seen = { list: [{ key: "k1" }, { key: "k2" }], map: { a: "x", b: "y" }, open: { a: "x", b: "y" } };
    assert.deepEqual(keepSecrets(seen, like), {
        list: [{ key: new Secret("k1") }, new Secret({ key: "k2" })],
        map: { a: new Secret("x"), b: new Secret("y") },
        open: { a: "x", b: "y" },
    });
});
