import assert from "node:assert/strict";
import { test } from "node:test";
import { laptopProofSettings } from "../../../postfix/roles/laptop-proof";
import { relayAccessSettings } from "../../../postfix/roles/relay-access";
import { Role } from "../../../postfix/settings";
import { tableText } from "../../../postfix/tables";
import { readInputs } from "../../../provider/host/inputs";
import { cutOff, keySteps, provenPins, servedBefore, showsAnother } from "../../../provider/host/rotation";

const pin = (number: number): string =>
    Array(32).fill(number.toString(16).padStart(2, "0").toUpperCase()).join(":");
const [one, two, three] = [pin(1), pin(2), pin(3)];
const serves = (...pins: string[]) => ({ proof: { serves: { port: 587, pins } } });
const hub = (keyGeneration: number, pins: string[], more: object = {}) =>
    readInputs({ role: Role.SmartHost, keyGeneration, ...serves(...pins), ...more });

/** What a hub has of laptops, in their files as they lie there. */
const laptops = (
    granted: { name: string; pins: string[] }[],
    proven: { name: string; pins: string[]; hubPins?: string[] }[],
) => ({
    laptops: {
        grants: [tableText(relayAccessSettings(granted).tables.clients ?? {})],
        proofs: [tableText(laptopProofSettings(proven).tables.proofs ?? {})],
    },
});
const alice = { name: "alice", pins: [pin(0xa1)] };
const bob = { name: "bob", pins: [pin(0xb0)] };

test("a key stays or goes on by one, and begins anywhere", () => {
    const steps = (before: number, after: number) => keySteps(before, after).map(({ path }) => path);
    assert.deepEqual([steps(2, 2), steps(2, 3)], [[], []]);
    assert.deepEqual([steps(2, 1), steps(2, 4)], [["keyGeneration"], ["keyGeneration"]]);
    assert.deepEqual(keySteps(undefined, 4), [], "the first one may be any");
});

test("who may relay and has not proven to pin the new key is named", () => {
    const before = { keyGeneration: 1, ...serves(one) };
    const known = { ...alice, hubPins: [one, two] };
    const told = (...proven: Parameters<typeof laptops>[1]) =>
        cutOff(before, hub(2, [two]), laptops([alice, bob], proven));
    assert.deepEqual(told(known, { ...bob, hubPins: [two, three] }), []);
    for (const proof of [{ ...bob, hubPins: [one] }, { ...bob, hubPins: [] }, bob]) {
        const [problem, ...more] = told(known, proof);
        assert.equal(problem?.path, "keyGeneration");
        assert.match(problem?.reason ?? "", /"bob".*leaveBehind: \["bob"\]/);
        assert.doesNotMatch(problem?.reason ?? "", /alice/);
        assert.deepEqual(more, []);
    }
    assert.match(told()[0]?.reason ?? "", /2 of its laptops \("alice", "bob"\)/);
    assert.deepEqual(told(known, { ...bob, hubPins: ["any"] }), [], "it looks at no key");
});

test("leaveBehind lets the step be made without those it names, and without no other", () => {
    const before = { keyGeneration: 1, ...serves(one) };
    const facts = laptops([alice, bob], []);
    const left = (...names: string[]) => cutOff(before, hub(2, [two], { leaveBehind: names }), facts);
    assert.deepEqual(left("alice", "bob"), []);
    assert.match(left("alice")[0]?.reason ?? "", /"bob", which may relay through it, has not/);
});

test("of two new keys a laptop must know both, and of its own two keys one that is proven will do", () => {
    const before = { keyGeneration: 1, ...serves(one) };
    const both = hub(2, [two, three]);
    const half = laptops([alice], [{ ...alice, hubPins: [one, two] }]);
    assert.equal(cutOff(before, both, half).length, 1);
    assert.deepEqual(cutOff(before, both, laptops([alice], [{ ...alice, hubPins: [two, three] }])), []);
    const twoKeys = { name: "carol", pins: [pin(0xc0), pin(0xc1)] };
    const proven = laptops([twoKeys], [{ name: "carol", pins: [pin(0xc1)], hubPins: [two, three] }]);
    assert.deepEqual(cutOff(before, both, proven), []);
});

test("a laptop is known by its key: another one of its name in another fleet proves nothing for it", () => {
    const before = { keyGeneration: 1, ...serves(one) };
    const other = { name: "alice", pins: [pin(0xaa)], hubPins: [two] };
    assert.equal(cutOff(before, hub(2, [two]), laptops([alice], [other])).length, 1);
});

test("only a key that comes to be shown is asked about, also one beside the key of before", () => {
    const before = { keyGeneration: 1, ...serves(one) };
    assert.equal(showsAnother(before, hub(1, [one])), false);
    assert.equal(showsAnother(before, hub(1, [one, two])), true);
    assert.equal(showsAnother({ keyGeneration: 1, ...serves(one, two) }, hub(1, [one])), false);
    assert.equal(showsAnother({}, hub(1, [one])), false, "there was none before");
    const pending = { keyGeneration: 1, ...serves(two), provenServes: [one] };
    assert.equal(showsAnother(pending, hub(2, [two])), true, "what is written down was never made");
});

test("a change to a key of one's own is told at the chains", () => {
    const own = readInputs({ role: Role.SmartHost, ...serves(two) });
    assert.equal(cutOff(serves(one), own, laptops([alice], []))[0]?.path, "chains");
});

test("a laptop proves the pins of all its hubs, or that it looks at none", () => {
    const reaches = { host: "hub", port: 587, pins: [one, two] };
    const main = { smtp_tls_security_level: "fingerprint" };
    const of = (more: object) => provenPins(readInputs({ role: Role.RoadWarrior, main, ...more }));
    assert.deepEqual(of({ proof: { reaches } }), [one, two]);
    assert.deepEqual(of({ proof: { reaches, alsoReaches: [{ ...reaches, pins: [two, three] }] } }), [
        one,
        two,
        three,
    ]);
    assert.deepEqual(of({ proof: { reaches }, main: { smtp_tls_security_level: "secure" } }), ["any"]);
    assert.equal(of({}), undefined);
    assert.equal(provenPins(hub(1, [one])), undefined);
});

test("a hub that a create takes over has keys that laptops pin: those of its fragment there", () => {
    const facts = { pins: { "hub-00000001/aa": [one], "other-00000002/aa": [three] } };
    assert.deepEqual(servedBefore("hub-00000001", facts), { provenServes: [one] });
    const { laptops: there } = laptops([alice], [{ ...alice, hubPins: [one] }]);
    const left = cutOff(servedBefore("hub-00000001", facts), hub(4, [two]), { laptops: there });
    assert.match(left[0]?.reason ?? "", /"alice"/);
    assert.deepEqual(cutOff(servedBefore("hub-99999999", facts), hub(4, [two]), { laptops: there }), []);
});

test("the key in certificateFiles is one that laptops pin", () => {
    const files = { proof: { serves: { port: 587 } }, servedPins: [one] };
    assert.equal(showsAnother(files, hub(1, [two])), true);
    assert.equal(showsAnother(files, hub(1, [one])), false);
});

test("small letters are the same pin; a table of the user's own that is called as a grant's names nobody", () => {
    const before = { keyGeneration: 1, ...serves(one) };
    const proven = { ...alice, hubPins: [two.toLowerCase()] };
    assert.deepEqual(cutOff(before, hub(2, [two]), laptops([alice], [proven])), []);
    const { laptops: there } = laptops([alice], [{ ...alice, hubPins: [two] }]);
    const own = { laptops: { ...there, grants: [...there.grants, "192.0.2.0/24 OK\n"] } };
    assert.deepEqual(cutOff(before, hub(2, [two]), own), []);
});

test("of hundreds nobody gets a list to copy", () => {
    const many = Array.from({ length: 40 }, (_, index) => ({ name: `l${index}`, pins: [pin(index + 40)] }));
    const [problem] = cutOff({ keyGeneration: 1, ...serves(one) }, hub(2, [two]), laptops(many, []));
    assert.match(problem?.reason ?? "", /40 of its laptops \("l0", .*, \.\.\.\)/);
});
