import assert from "node:assert/strict";
import { test } from "node:test";
import { effectiveValue } from "../../../postfix/main-cf";
import { parseMasterCf } from "../../../postfix/master-cf";
import { observe } from "../../../provider/host/drift";
import { planChange, planRemoval } from "../../../provider/host/plan";
import { factsOf, grant, hub, ids, laptop, stockMain, stockMaster, target } from "./fixtures";
import { applied, drift, generation, settingsOf } from "./refresh";

const off = { ipv6: false };
const protocols = (text: string) => effectiveValue(text, "inet_protocols");
const stock = (protocol: string) => stockMain.replace("inet_protocols = all", `inet_protocols = ${protocol}`);

test("with IPv6 off a laptop and a dedicated hub are told to use IPv4, by a restart, and the preview says why", () => {
    for (const [inputs, id] of [
        [laptop(), ids.alice],
        [hub(), ids.hub],
    ] as const) {
        const plan = planChange(inputs, factsOf(off), target(id));
        assert.deepEqual(plan.problems, []);
        assert.equal(protocols(plan.mainCf), "ipv4");
        assert.equal(plan.action, "restart");
        assert.deepEqual(plan.notes, ["inet_protocols = ipv4, because IPv6 is switched off on this host"]);
        assert.equal(planRemoval(id.owner, factsOf({ mainCf: plan.mainCf })).mainCf, stockMain);
        const on = planChange(inputs, factsOf(), target(id));
        assert.equal(protocols(on.mainCf), "all");
        assert.deepEqual(on.notes, []);
    }
});

test("nobody else is told: a guest, a grant, and where somebody has said how", () => {
    const cases = [
        [hub({}, { mode: "guest" }), stockMain, ids.hub, "all"],
        [grant(["alice"]), stockMain, ids.laptops, "all"],
        [laptop(), stock("ipv4"), ids.alice, "ipv4"],
        [laptop(), stock("ipv4, ipv6"), ids.alice, "ipv4, ipv6"],
        [laptop({ settings: { inet_protocols: "all" } }), stockMain, ids.alice, "all"],
    ] as const;
    for (const [inputs, mainCf, id, value] of cases) {
        const plan = planChange(inputs, factsOf({ ...off, mainCf }), target(id));
        assert.equal(protocols(plan.mainCf), value);
        assert.deepEqual(plan.notes, []);
    }
});

test("ipv6 on a host without it is refused: Postfix would not start", () => {
    const inputs = laptop({ settings: { inet_protocols: "ipv6" } });
    const { problems } = planChange(inputs, factsOf(off), target(ids.alice));
    assert.deepEqual(
        problems.map(({ path }) => path),
        ["main.inet_protocols"],
    );
    assert.match(problems[0]?.reason ?? "", /IPv6 is switched off on this host/);
    assert.deepEqual(planChange(inputs, factsOf(), target(ids.alice)).problems, []);
});

test("what the host decided is no drift, until the host has IPv6 again", () => {
    const facts = applied([[laptop(), ids.alice]], off);
    assert.deepEqual(observe(laptop(), facts, ids.alice.owner, generation), settingsOf(laptop()));
    assert.deepEqual(drift(laptop(), { ...facts, ipv6: true }, ids.alice), { "main.inet_protocols": "add" });
});

const own = "smtp unix - - y - 5 smtp -o smtp_helo_name=alice.example.com";
const withOwn = stockMaster.replace(/^smtp +unix.*$/m, own);
const outbound = (masterCf: string) =>
    parseMasterCf(masterCf)
        .services.filter(({ service, type }) => type === "unix" && ["smtp", "relay"].includes(service))
        .map(
            ({ service, chroot, options }) =>
                `${service} ${chroot} ${options.map(({ name }) => name).join()}`,
        );

test("the stock lines of outbound mail leave the chroot, and come back", () => {
    const plan = planChange(laptop(), factsOf(), target(ids.alice));
    assert.deepEqual(outbound(plan.masterCf).sort(), ["relay n syslog_name", "smtp n "]);
    const facts = factsOf({ mainCf: plan.mainCf, masterCf: plan.masterCf });
    assert.equal(planRemoval(ids.alice.owner, facts).masterCf, stockMaster);
    assert.deepEqual(planChange(laptop(), facts, target(ids.alice)).masterCf, plan.masterCf);
});

test("an admin's own line stays where nothing is said of the chroot, whatever takeOver says", () => {
    for (const takeOver of [[], ["*"]]) {
        const plan = planChange(laptop({ takeOver }), factsOf({ masterCf: withOwn }), target(ids.alice));
        assert.deepEqual(plan.problems, []);
        assert.deepEqual(outbound(plan.masterCf).sort(), ["relay n syslog_name", "smtp y smtp_helo_name"]);
        assert.deepEqual(plan.notes, ["smtp/unix of master.cf stays as the machine's admin has it"]);
    }
    const facts = applied([[laptop(), ids.alice]], { masterCf: withOwn });
    assert.deepEqual(observe(laptop(), facts, ids.alice.owner, generation), settingsOf(laptop()));
});

test("where the chroot is asked for, an admin's own line yields to takeOver only", () => {
    const facts = factsOf({ masterCf: withOwn });
    const [problem] = planChange(laptop({}, { chroot: true }), facts, target(ids.alice)).problems;
    assert.equal(problem?.path, 'services["smtp/unix"]');
    assert.match(problem?.reason ?? "", /takeOver: \["smtp\/unix"\]/);
    const plan = planChange(laptop({ takeOver: ["smtp/unix"] }, { chroot: true }), facts, target(ids.alice));
    assert.deepEqual(plan.problems, []);
    assert.deepEqual(outbound(plan.masterCf).sort(), ["relay y syslog_name", "smtp y "]);
});

test("ours in the place of an admin's line that leads around the pin is judged by what counts then", () => {
    const around = stockMaster.replace(/^smtp +unix.*$/m, "$& -o smtp_tls_security_level=may");
    const facts = factsOf({ masterCf: around });
    const plan = planChange(laptop({ takeOver: ["smtp/unix"] }, { chroot: false }), facts, target(ids.alice));
    assert.deepEqual(plan.problems, []);
    assert.deepEqual(outbound(plan.masterCf).sort(), ["relay n syslog_name", "smtp n "]);
});
