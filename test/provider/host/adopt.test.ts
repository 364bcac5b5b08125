import assert from "node:assert/strict";
import { test } from "node:test";
import { UserError } from "../../../provider/errors";
import { adoptOwner } from "../../../provider/host/adopt";
import { formatId, labelOf, newOwner, parseId } from "../../../provider/host/identity";
import { planChange } from "../../../provider/host/plan";
import { factsOf, grant, hub, ids, pin, target } from "./fixtures";

const owner = ids.laptops.owner;
/** A hub with the fragment of the owner `laptops-...` on it, which holds this pin. */
const taken = (held: string, more: Record<string, string[]> = {}) => {
    const { mainCf } = planChange(grant(["alice"]), factsOf(), target(ids.laptops));
    return factsOf({ mainCf, pins: { [`${owner}/0123456789abcdef`]: [pin(99), held], ...more } });
};
const problemOf = (work: () => unknown) => {
    try {
        work();
    } catch (error) {
        assert.ok(error instanceof UserError);
        return error.problems;
    }
    return assert.fail("no error");
};

test("on a host without a fragment of that label, an owner of its own with a random number", () => {
    const first = adoptOwner(grant(["alice"]), factsOf());
    assert.match(first, /^laptops-[0-9a-f]{8}$/);
    assert.notEqual(adoptOwner(grant(["alice"]), factsOf()), first);
    // Another label's fragment is no matter, though it holds the same pins.
    const other = planChange(hub(), factsOf(), target(ids.hub));
    const facts = factsOf({
        mainCf: other.mainCf,
        pins: { [`${ids.hub.owner}/0000000000000000`]: [pin(10)] },
    });
    assert.match(adoptOwner(grant(["alice"]), facts), /^laptops-/);
});

test("a fragment of that label with a pin in common is taken over: a replace, or an answer that was lost", () => {
    assert.equal(adoptOwner(grant(["alice"]), taken(pin(10))), owner);
    assert.equal(adoptOwner(grant(["zoe", "bob"]), taken(pin(11))), owner, "one of several is enough");
});

test("a fragment of that label with other pins belongs to another program: refused, with its name and the word", () => {
    const problems = problemOf(() => adoptOwner(grant(["alice"]), taken(pin(50))));
    assert.equal(problems.length, 1);
    assert.equal(problems[0]?.path, "owner");
    assert.match(problems[0]?.reason ?? "", new RegExp(`takeOver: \\["${owner}"\\]`));
    // A pin in common with somebody else's fragment proves nothing.
    const beside = taken(pin(50), {
        "laptops-99999999/0123456789abcdef": [pin(10)],
        [`${owner}x/0`]: [pin(10)],
    });
    problemOf(() => adoptOwner(grant(["alice"]), beside));
});

test("of a fragment that somebody has taken out of both files, or one, the keys tell whose it was", () => {
    const pins = { [`${owner}/0123456789abcdef`]: [pin(10)] };
    assert.equal(adoptOwner(grant(["alice"]), factsOf({ pins })), owner);
    assert.notEqual(adoptOwner(grant(["zoe"]), factsOf({ pins: { [`${owner}/0`]: [pin(50)] } })), owner);
    const { masterCf } = planChange(hub(), factsOf(), target(ids.hub));
    const held = { [`${ids.hub.owner}/0`]: [pin(50)] };
    problemOf(() =>
        adoptOwner({ ...hub(), ...grant(["x"]), owner: "hub" }, factsOf({ masterCf, pins: held })),
    );
});

test("a grant without any laptop has no pin, so it asks for the word", () => {
    problemOf(() => adoptOwner(grant([]), taken(pin(10))));
    assert.equal(adoptOwner(grant([], { takeOver: [owner] }), taken(pin(10))), owner);
});

test("takeOver names that very owner; neither its label nor * will do", () => {
    assert.equal(adoptOwner(grant(["alice"], { takeOver: [owner] }), taken(pin(50))), owner);
    problemOf(() => adoptOwner(grant(["alice"], { takeOver: ["laptops", "*"] }), taken(pin(50))));
});

test("of two fragments of that label, the one that shares a pin or was named is taken", () => {
    const second = "laptops-99999999";
    const first = planChange(grant(["alice"]), factsOf(), target(ids.laptops));
    const both = planChange(
        grant(["bob"]),
        factsOf({ mainCf: first.mainCf }),
        target({ ...ids.laptops, owner: second }),
    );
    const facts = factsOf({
        mainCf: both.mainCf,
        pins: { [`${owner}/0`]: [pin(50)], [`${second}/0`]: [pin(10)] },
    });
    assert.equal(adoptOwner(grant(["alice"]), facts), second);
    assert.equal(
        adoptOwner(grant(["zoe", "yan", "xi"], { takeOver: [second] }), { ...facts, pins: {} }),
        second,
    );
});

test("owner, label and id read back, and nothing else is taken for an id", () => {
    const id = { owner: newOwner("alice-laptop-0"), instance: "0123456789abcdef" };
    assert.equal(labelOf(id.owner), "alice-laptop-0");
    assert.deepEqual(parseId(formatId(id)), id);
    for (const text of [
        "",
        "alice",
        "alice-00000000",
        "alice/0123456789abcdef",
        "alice-00000000/0",
        "Alice-00000000/0123456789abcdef",
    ])
        assert.throws(() => parseId(text), /not the id/);
});
