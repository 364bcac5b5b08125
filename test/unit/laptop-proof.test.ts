import assert from "node:assert/strict";
import { test } from "node:test";
import { laptopProofSettings, provenLaptop, readProofs } from "../../postfix/roles/laptop-proof";
import { tableText } from "../../postfix/tables";

const pin = (byte: string): string => Array(32).fill(byte).join(":");
const proofs = [
    { name: "alice", pins: [pin("A1"), pin("A2")], hubPins: [pin("01"), pin("02")] },
    { name: "bob", pins: [pin("B0")] },
];

test("a record says for each key of a laptop which of the hub's keys it pins; who proved nothing has no line", () => {
    const { tables, lists, main } = laptopProofSettings(proofs);
    const read = readProofs(tableText(tables.proofs ?? {}));
    assert.deepEqual([...read.keys()], [pin("A1"), pin("A2")]);
    assert.deepEqual(read.get(pin("A1")), [pin("01"), pin("02")]);
    assert.deepEqual([lists, main], [{ relay_clientcerts: "@{proofs}" }, {}]);
});

test("no line of a record is a pin: it lets nobody relay", () => {
    for (const key of Object.keys(laptopProofSettings(proofs).tables.proofs?.entries ?? {})) {
        assert.ok(key.startsWith("proven-"));
        assert.equal(provenLaptop(key), key.slice(7));
    }
    assert.equal(provenLaptop(pin("A1")), undefined);
});

test("lines that say nothing of a laptop are passed over", () => {
    assert.deepEqual([...readProofs(`# x\n${pin("A1")} alice\n`)], []);
});
