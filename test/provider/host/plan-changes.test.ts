import assert from "node:assert/strict";
import { test } from "node:test";
import { restartParameters } from "../../../postfix/parameters";
import { describePlan } from "../../../provider/host/describe";
import { planChange, planRemoval } from "../../../provider/host/plan";
import { factsOf, hub, ids, laptop, plain, stockMain, target } from "./fixtures";

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
        `  main.cf:${line} biff: "no" => "yes" (set by: distribution)`,
        '  main.cf x: not set => ""',
    ]);
    const again = planChange(inputs, factsOf({ mainCf: plan.mainCf }), target(ids.plain));
    assert.equal(describePlan(again, "3.7.11").length, 1);
    assert.match(describePlan(again, "3.7.11")[0] ?? "", /stay as they are/);
    const restart = planChange(
        plain({ main: { inet_interfaces: "loopback-only" } }),
        facts,
        target(ids.plain),
    );
    assert.match(describePlan(restart, "3.7.11")[0] ?? "", /1 changes \(restart: an address/);
});
