import assert from "node:assert/strict";
import { test } from "node:test";
import { validateRelayAccess } from "../../postfix/validate/relay-access";
import { hostKey, later, pin, problemsOf } from "./validate-helpers";

const connection = { host: "192.0.2.25", hostKey };
const alice = { name: "alice", pins: [pin("AA")] };
const bob = { name: "bob", pins: [pin("BB")] };

const check = (more: Record<string, unknown>): string[] =>
    problemsOf(validateRelayAccess, { connection, laptops: [alice, bob], ...more });

function only(more: Record<string, unknown>): string {
    const found = check(more);
    assert.equal(found.length, 1, `one problem expected, found:\n${found.join("\n")}`);
    return found[0] ?? "";
}

test("good arguments pass, nobody too", () => {
    assert.deepEqual(check({}), []);
    assert.deepEqual(check({ laptops: [] }), []);
    assert.deepEqual(check({ takeOver: ["hub-laptops-1a2b3c4d"] }), []);
    assert.deepEqual(check({ laptops: [later, { name: later, pins: [later] }] }), []);
});

for (const [what, laptops, problem] of [
    [
        "two laptops of one name",
        [alice, { ...bob, name: "alice" }],
        /^laptops\[1\]\.name: given "alice".*which laptops\[0\] has too/,
    ],
    [
        "one key for two laptops",
        [alice, { ...bob, pins: alice.pins }],
        /^laptops\[1\]\.pins: holds a pin of alice too/,
    ],
    [
        "a laptop without pins",
        [{ name: "alice" }],
        /^laptops\[0\]\.pins: given nothing, allowed: at least one pin/,
    ],
    ["a laptop with no pin", [{ name: "alice", pins: [] }], /^laptops\[0\]\.pins: given an empty list/],
    ["a malformed pin", [{ name: "alice", pins: ["AA"] }], /^laptops\[0\]\.pins\[0\]: /],
    ["a name with a line break", [{ ...alice, name: "a\nb" }], /^laptops\[0\]\.name: given "a\\nb"/],
    ["no name", [{ pins: alice.pins }], /^laptops\[0\]\.name: given nothing/],
    ["a name alone", ["alice"], /^laptops\[0\]: given "alice".*allowed: \{ name, pins \}/],
    ["a map", { alice }, /^laptops: given an object, allowed: a list of identities/],
] as const) {
    test(`${what}: refused`, () => assert.match(only({ laptops }), problem));
}

test("an unknown field is named", () => {
    assert.match(only({ onDelete: "stop" }), /^onDelete: unknown; /);
    assert.match(only({ laptosp: [] }), /^laptosp: unknown; is laptops meant\?/);
});

test("a grant takes over fragments and nothing else", () => {
    assert.match(only({ takeOver: ["relayhost"] }), /^takeOver\[0\]: given "relayhost".*owner of a fragment/);
});
