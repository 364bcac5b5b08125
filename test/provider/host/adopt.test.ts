import assert from "node:assert/strict";
import { test } from "node:test";
import { Role } from "../../../postfix/settings";
import { UserError } from "../../../provider/errors";
import { adoptOwner } from "../../../provider/host/adopt";
import { readInputs } from "../../../provider/host/inputs";
import { readFacts } from "../../../provider/host/probe";

const owner = "hub-laptops-0a1b2c3d";
const [alice, bob] = ["AA", "BB"].map((byte) => Array(32).fill(byte).join(":"));

/** A grant of these keys, as Create sees it: it knows neither its old id nor its old state. */
const grant = (pins: (string | undefined)[], takeOver: string[] = []) =>
    readInputs({
        owner: "hub-laptops",
        role: Role.RelayAccess,
        takeOver,
        tables: { clients: Object.fromEntries(pins.map((pin, index) => [pin, `laptop${index}`])) },
    });

/** A hub on which a grant of these keys stands. */
function hub(pins: (string | undefined)[]) {
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    const block = `# BEGIN pulumi-postfix ${owner} 0123456789abcdef\n# END pulumi-postfix ${owner}\n`;
    return readFacts([
        `main.cf:${base64(block)}`,
        `pins ${owner}/00112233445566ff:${base64(pins.map((pin) => `${pin}\n`).join(""))}`,
    ]);
}

test("a grant with a laptop in common is its own, made anew", () => {
    assert.equal(adoptOwner(grant([alice, bob]), hub([bob])), owner);
});

test("a grant of other laptops is another program's, and says what to write", () => {
    assert.throws(
        () => adoptOwner(grant([alice]), hub([bob])),
        (error: unknown) => error instanceof UserError && error.message.includes(`takeOver: ["${owner}"]`),
    );
});

test("a grant without any laptop has nothing to be known by: made anew, it wants the word", () => {
    assert.throws(() => adoptOwner(grant([]), hub([])), UserError);
    assert.equal(adoptOwner(grant([], [owner]), hub([])), owner);
});
