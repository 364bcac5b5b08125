import assert from "node:assert/strict";
import { test } from "node:test";
import { effectiveValue } from "../../../postfix/main-cf";
import { relayAccessSettings } from "../../../postfix/roles/relay-access";
import { senderClass } from "../../../postfix/roles/sender-limits";
import { planChange, planRemoval } from "../../../provider/host/plan";
import { factsOf, grant, hub, ids, pin, stockMain, target } from "./fixtures";
import { applied, drift } from "./refresh";

const limited = (senders: string[], n = 20) =>
    grant([], relayAccessSettings([{ name: "alice", pins: [pin(n)], senders }]));

test("several sets of laptops fill one list of limits, and one class that they share stands there once", () => {
    const facts = applied([
        [hub(), ids.hub],
        [limited(["@example.com"]), ids.laptops],
    ]);
    const other = { ...limited(["@example.com"], 30), owner: "berlin" };
    const plan = planChange(other, facts, target(ids.plain));
    assert.deepEqual(plan.problems, []);
    const { name, restrictions } = senderClass(["@example.com"]);
    assert.equal(effectiveValue(plan.mainCf, name), restrictions);
    assert.equal(plan.mainCf.split("\n").filter((line) => line.startsWith(`${name} =`)).length, 1);
    assert.equal(
        effectiveValue(plan.mainCf, "pulumi_laptop_sender_limits")?.split(" ").length,
        3,
        "the hub's empty part, and one of each set",
    );
    let left = factsOf({ mainCf: plan.mainCf, masterCf: plan.masterCf });
    for (const { owner } of [ids.laptops, ids.plain, ids.hub])
        left = factsOf({ ...left, ...planRemoval(owner, left) });
    assert.equal(left.mainCf, stockMain);
});

test("limits that nobody would read are refused", () => {
    const wanted = limited(["@example.com"]);
    const onShared = applied([[hub({ takeOver: ["*"] }, { port: 25 }), ids.hub]]);
    assert.deepEqual(planChange(wanted, onShared, target(ids.laptops)).problems, []);
    const mainCf = onShared.mainCf.replace(
        "$pulumi_laptop_sender_limits permit_mynetworks",
        "permit_mynetworks",
    );
    const [problem] = planChange(wanted, { ...onShared, mainCf }, target(ids.laptops)).problems;
    assert.equal(problem?.path, "lists.laptop_sender_limits");
    assert.match(problem?.reason ?? "", /^port 25 of the hub does not look at.*or leave senders out/);
    const older = applied([[hub(), ids.hub]]);
    const masterCf = older.masterCf.replace(/ +-o smtpd_sender_restrictions=.*\n/, "");
    assert.match(
        planChange(wanted, { ...older, masterCf }, target(ids.laptops)).problems[0]?.reason ?? "",
        /^service 587\/inet of the hub does not look at what laptops send as/,
    );
    assert.deepEqual(
        planChange(grant(["bob"]), { ...onShared, mainCf }, target(ids.laptops)).problems,
        [],
        "without limits",
    );
});

test("a limit that somebody has widened on the hub is seen", () => {
    const wanted = limited(["alice@example.com"]);
    const facts = applied([
        [hub(), ids.hub],
        [wanted, ids.laptops],
    ]);
    assert.deepEqual(drift(wanted, facts, ids.laptops), {});
    const { name } = senderClass(["alice@example.com"]);
    const widened = {
        ...facts,
        mainCf: facts.mainCf.replace(`{alice@example.com = OK}`, "{example.com = OK}"),
    };
    assert.deepEqual(drift(wanted, widened, ids.laptops), { [`main.${name}`]: "update" });
});

test("the admin's own classes of restrictions stay beside ours on the shared port", () => {
    const facts = factsOf({ mainCf: `${stockMain}smtpd_restriction_classes = strict\nstrict = reject\n` });
    const plan = planChange(
        hub({ takeOver: ["smtpd_relay_restrictions"] }, { port: 25 }),
        facts,
        target(ids.hub),
    );
    assert.deepEqual(plan.problems, []);
    assert.equal(
        effectiveValue(plan.mainCf, "smtpd_restriction_classes"),
        "strict $pulumi_laptop_sender_classes",
    );
});
