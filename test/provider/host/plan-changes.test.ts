import assert from "node:assert/strict";
import { test } from "node:test";
import { restartParameters } from "../../../postfix/parameters";
import { describePlan } from "../../../provider/host/describe";
import { planChange, planRemoval } from "../../../provider/host/plan";
import { factsOf, grant, hub, ids, laptop, plain, stockMain, target } from "./fixtures";

const change = (plan: ReturnType<typeof planChange>, name: string) =>
    plan.changes.find((candidate) => candidate.name === name);

test("a change says what stood there, who wrote it and in which line", () => {
    const facts = factsOf({ mainCf: `${stockMain}soft_bounce = yes\n` });
    const inputs = plain({ main: { soft_bounce: "no", biff: "yes", x: "1" } }, { takeOver: ["*"] });
    const plan = planChange(inputs, facts, target(ids.plain));
    const line = (text: string) => facts.mainCf.split("\n").indexOf(text) + 1;
    assert.deepEqual(plan.changes, [
        { file: "main.cf", name: "biff", from: "no", to: "yes", by: "distribution", line: line("biff = no") },
        {
            file: "main.cf",
            name: "soft_bounce",
            from: "yes",
            to: "no",
            by: "admin",
            line: line("soft_bounce = yes"),
        },
        { file: "main.cf", name: "x", from: undefined, to: "1", by: "nobody", line: undefined },
    ]);
});

test("what we wrote ourselves is said to be of its owner, in both files and in the shared block", () => {
    const first = planChange(hub(), factsOf(), target(ids.hub, "1".repeat(16)));
    const facts = factsOf({ mainCf: first.mainCf, masterCf: first.masterCf });
    const moved = planChange(hub(), facts, target(ids.hub, "2".repeat(16)));
    assert.equal(change(moved, "smtpd_tls_chain_files")?.by, ids.hub.owner);
    assert.equal(change(moved, "587/inet -o smtpd_tls_chain_files")?.by, ids.hub.owner);
    const granted = planChange(grant(["alice"]), facts, target(ids.laptops));
    assert.equal(change(granted, "pulumi_relay_clientcerts")?.by, "shared");
});

test("a service of the distribution that yields is said to be the distribution's", () => {
    const facts = factsOf({ running: false });
    const inputs = plain({ services: { "25/inet": { command: "smtpd", options: {} } } });
    const plan = planChange(inputs, facts, target(ids.plain));
    assert.deepEqual(plan.problems, []);
    assert.equal(change(plan, "smtp/inet")?.by, "distribution");
    assert.equal(change(plan, "smtp/inet")?.to, undefined);
    assert.equal(change(plan, "25/inet")?.by, "nobody");
    const own = factsOf({ masterCf: "2525 inet n - n - - smtpd\n" });
    const taking = plain({ services: { "2525/inet": { command: "smtpd", options: { x: "y" } } } });
    const taken = planChange({ ...taking, takeOver: ["2525/inet"] }, own, target(ids.plain));
    assert.deepEqual(change(taken, "2525/inet -o x"), {
        file: "master.cf",
        name: "2525/inet -o x",
        from: undefined,
        to: "y",
        by: "admin",
        line: 1,
    });
});

test("reload, but restart where postconf(5) wants it: added, changed and removed", () => {
    for (const name of restartParameters) {
        const value = name === "inet_interfaces" ? "loopback-only" : "x";
        const inputs = plain({ main: { [name]: value } }, { takeOver: ["*"] });
        const added = planChange(inputs, factsOf(), target(ids.plain));
        assert.equal(added.action, "restart", name);
        const facts = factsOf({ mainCf: added.mainCf });
        assert.equal(planChange(inputs, facts, target(ids.plain)).action, "reload", name);
        assert.equal(planRemoval(ids.plain.owner, facts).action, "restart", name);
    }
    assert.equal(planChange(hub(), factsOf(), target(ids.hub)).action, "reload");
    assert.equal(planChange(laptop(), factsOf(), target(ids.alice)).action, "restart");
    // The same value from another line changes nothing for master(8).
    const same = plain({ main: { inet_interfaces: "all" } });
    assert.equal(planChange(same, factsOf(), target(ids.plain)).action, "reload");
});

test("nothing only where the live folder is right, no byte changes and Postfix has read them", () => {
    const at = target(ids.hub);
    const first = planChange(hub(), factsOf(), at);
    const facts = factsOf({ mainCf: first.mainCf, masterCf: first.masterCf });
    const plan = planChange(hub(), facts, { ...at, isLive: true });
    assert.equal(plan.action, "none");
    assert.deepEqual(describePlan(plan, "3.7.11"), [
        "Postfix 3.7.11: everything stands on the host as it should: nothing is written and nothing reloaded, only looked at",
    ]);
    assert.equal(planChange(hub(), facts, at).action, "reload");
    const other = target(ids.hub, "2".repeat(16));
    assert.equal(planChange(hub(), facts, { ...other, isLive: true }).action, "reload");
    const touched = { ...facts, mainCf: `${facts.mainCf}# a comment\n` };
    assert.equal(planChange(hub(), touched, { ...at, isLive: true }).action, "none");
    for (const more of [{ running: false }, { interrupted: true }, { mainCf: stockMain }])
        assert.equal(planChange(hub(), { ...facts, ...more }, { ...at, isLive: true }).action, "reload");
});

test("a change that leaves the host as it is has no lines, and removal names what comes back", () => {
    const inputs = plain({ main: { biff: "yes" } }, { takeOver: ["biff"] });
    const first = planChange(inputs, factsOf(), target(ids.plain));
    const facts = factsOf({ mainCf: first.mainCf });
    assert.deepEqual(planChange(inputs, facts, target(ids.plain)).changes, []);
    assert.deepEqual(
        planRemoval(ids.plain.owner, facts).changes.map(({ name, from, to, by }) => ({ name, from, to, by })),
        [{ name: "biff", from: "yes", to: "no", by: ids.plain.owner }],
    );
});

test("the preview's lines", () => {
    const facts = factsOf();
    const inputs = plain({ main: { biff: "yes", x: "" } }, { takeOver: ["biff"] });
    const plan = planChange(inputs, facts, target(ids.plain));
    const line = stockMain.split("\n").indexOf("biff = no") + 1;
    assert.deepEqual(describePlan(plan, "3.7.11"), [
        "Postfix 3.7.11 on the host, 2 changes (reload):",
        `  ~ main.cf:${line} biff: "no" => "yes" (set by: distribution)`,
        '  + main.cf x: ""',
    ]);
    // A new owner's digits are other ones in the `up`; a service has a line for each option.
    const digits = ids.plain.owner.slice(-8);
    const service = { command: "smtpd", options: { a: "1", b: `/${ids.plain.owner}/x` } };
    const withService = planChange(plain({ services: { "26/inet": service } }), facts, target(ids.plain));
    const told = describePlan(withService, "3.7.11", ids.plain.owner);
    assert.ok(!told.join("\n").includes(digits));
    assert.match(told[1] ?? "", /^ {2}\+ master\.cf 26\/inet: "smtpd\n {8}-o a=1\n {8}-o b=\/plain-…\/x"$/);
    const again = planChange(inputs, factsOf({ mainCf: plan.mainCf }), target(ids.plain));
    assert.equal(describePlan(again, "3.7.11").length, 1);
    assert.match(describePlan(again, "3.7.11")[0] ?? "", /stay as they are/);
    const restart = planChange(
        plain({ main: { inet_interfaces: "loopback-only" } }),
        facts,
        target(ids.plain),
    );
    assert.match(
        describePlan(restart, "3.7.11")[0] ?? "",
        /1 change \(restart: Postfix reads inet_interfaces only when it starts\)/,
    );
});

test("a line behind our block is the admin's, though our block sets the same", () => {
    const first = planChange(plain({ main: { x: "1" } }), factsOf(), target(ids.plain));
    const facts = factsOf({ mainCf: `${first.mainCf}x = 2\n` });
    const plan = planChange(plain({ main: { x: "1" } }, { takeOver: ["x"] }), facts, target(ids.plain));
    const line = facts.mainCf.split("\n").indexOf("x = 2") + 1;
    assert.deepEqual(plan.changes, [{ file: "main.cf", name: "x", from: "2", to: "1", by: "admin", line }]);
});
