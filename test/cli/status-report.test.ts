import assert from "node:assert/strict";
import { test } from "node:test";
import { answersIn } from "../../cli/ask";
import { assess, servedPins } from "../../cli/status/assess";
import { type Fragment, fragmentsOf, missingIn, resourcesOf } from "../../cli/status/fragments";
import { html } from "../../cli/status/html";
import { readSight, type Sight } from "../../cli/status/look";
import type { MachineReport } from "../../cli/status/report";
import { age, table } from "../../cli/status/table";
import { Secret } from "../../provider/values";
import { selfSigned } from "../certificates";

const plainScreen = { coloured: false };
const pin = (byte: string) => Array(32).fill(byte).join(":");
const at = new Date();
const { certificate } = selfSigned("alice");
const urn = (name: string) => `urn:pulumi:dev::mail::postfix:index:RoadWarrior$postfix:index:Host::${name}`;

function laptop(more: Partial<Fragment> = {}): Fragment {
    const inputs = {
        owner: "alice",
        role: "roadWarrior",
        connection: { host: "192.0.2.101", user: "root", privateKey: new Secret("hunter2") },
        main: { relayhost: "[hub]:587" },
        proof: { reaches: { host: "hub", port: 587, pins: [pin("AA"), pin("BB")] } },
        chains: { identity: [{ privateKey: new Secret("hunter2"), certificate }] },
    };
    const outputs = {
        ...inputs,
        provenBy: "postfix",
        pending: false,
        postfixVersion: "3.7.11",
        unmanaged: [],
    };
    return {
        name: "alice",
        urn: urn("alice"),
        id: "alice-00000000/0000000000000000",
        inputs,
        outputs,
        ...more,
    };
}

function sightOf(fragment: Fragment, more: Partial<Sight> = {}): Sight {
    const { id, inputs, outputs } = fragment;
    return {
        seen: new Map([[fragment.urn, { id, inputs, outputs }]]),
        warnings: [],
        running: true,
        queue: 0,
        deferred: 0,
        now: 1_000_000,
        ...more,
    };
}

const stateOf = (fragment: Fragment, sight: Partial<Sight> = {}): MachineReport =>
    assess({ fragments: [fragment], sight: sightOf(fragment, sight) }, at, new Set([pin("AA")]));

test("a laptop as its stack wants it", () => {
    const report = stateOf(laptop(), { queue: 3, deferred: 2, oldestDeferred: 1_000_000 - 7_200 });
    assert.equal(report.state, "applied");
    assert.deepEqual(report.troubles, []);
    assert.deepEqual(report.pins, { current: [pin("AA")], next: [pin("BB")] });
    assert.ok([29, 30].includes(report.certificateDaysLeft ?? 0));
    assert.deepEqual(report.queue, { messages: 3, deferred: 2, oldestDeferredSeconds: 7_200 });
    assert.deepEqual(report.linkedTo, ["hub"]);
});

test("each way in which a machine is not as it should be, and what to do", () => {
    const { outputs } = laptop();
    const drifted = laptop();
    const seen = {
        id: drifted.id,
        inputs: drifted.inputs,
        outputs: { ...outputs, main: { relayhost: "[evil]" } },
    };
    const seenAs = (seenNow: object) => ({
        seen: new Map([[urn("alice"), { id: "i", inputs: {}, ...seenNow }]]),
    });
    const nothingThere = seenAs({ id: "", outputs: {} });
    const exchanged = seenAs({ outputs: { ...outputs, provenBy: "unproven" } });
    for (const [state, fragment, sight, words] of [
        ["unreachable", laptop(), { failure: { reason: "timed out\nhint", unreachable: true } }, /timed out/],
        ["unreadable", laptop(), { failure: { reason: "no main.cf", unreachable: false } }, /no main\.cf/],
        [
            "pending",
            laptop({ outputs: { ...outputs, pending: true } }),
            nothingThere,
            /waits for this machine/,
        ],
        ["unproven", laptop(), exchanged, /has not met its hub/],
        [
            "gone",
            laptop({ outputs: { ...outputs, generation: "0123456789abcdef" } }),
            nothingThere,
            /no longer there/,
        ],
        ["stopped", laptop(), { running: false }, /does not run/],
        ["drifted", drifted, { seen: new Map([[drifted.urn, seen]]) }, /alice: main\.relayhost/],
        ["pending", laptop({ outputs: { ...outputs, pending: true } }), {}, /waits for this machine/],
        ["unproven", laptop({ outputs: { ...outputs, provenBy: "unproven" } }), {}, /has not met its hub/],
    ] as const) {
        const report = stateOf(fragment, sight as Partial<Sight>);
        assert.equal(report.state, state);
        assert.match(report.troubles.join("\n"), words);
    }
});

test("a hub shows the key in use and the one that it has announced", () => {
    const inputs = {
        role: "smartHost",
        connection: { host: "192.0.2.25" },
        proof: { serves: { port: 587, pins: [pin("AA")] } },
        announces: [pin("BB")],
    };
    const hub = { name: "hub", urn: urn("hub"), id: "hub-00000000/0", inputs, outputs: inputs };
    assert.deepEqual(stateOf(hub).pins, { current: [pin("AA")], next: [pin("BB")] });
    assert.deepEqual(servedPins([hub]), [pin("AA")]);
    assert.deepEqual(servedPins([laptop()]), []);
});

test("a state that is no state is told without a word of it", () => {
    assert.throws(() => fragmentsOf(resourcesOf('{"password": "hunter2')), { message: /is no state$/ });
});

test("nothing secret is in any form of it, and nothing that a machine says is obeyed", () => {
    const evil = '<script>alert("x")</script>';
    const fragment = laptop();
    const machine = stateOf(
        laptop({ outputs: { ...fragment.outputs, unmanaged: [`smtp_bind_address = ${evil}`] } }),
        { failure: { reason: evil, unreachable: false } },
    );
    const report = { stack: "dev", at: "2026-11-30T12:00:00Z", machines: [machine] };
    for (const text of [table(report, plainScreen), html(report), JSON.stringify(report)])
        assert.ok(!text.includes("hunter2") && !text.includes("PRIVATE KEY"));
    assert.ok(!html(report).includes(evil));
    assert.ok(html(report).includes("&lt;script&gt;"));
});

test("the table has a line a machine, and below what needs somebody", () => {
    const machines = [
        stateOf(laptop(), {
            sent: "2026-11-30T11:00:00 laptop postfix/smtp[1]: ...",
            verified: "Nov 30 10:59:59 x",
        }),
        { ...stateOf(laptop({ name: "bob" }), { running: false }) },
    ];
    const text = table({ stack: "dev", at: "2026-11-30T12:00:00Z", machines }, plainScreen);
    assert.match(
        text,
        /^alice +laptop +applied +3\.7\.11 +AAAAAAAA BBBBBBBB +(29|30) +0 +2026-11-30 11:00:00, key verified Nov 30 10:59:59$/m,
    );
    assert.match(text, /^bob \(root@192\.0\.2\.101\):\n {2}Postfix does not run\.\n {2}Start it: /m);
    assert.deepEqual([age(59), age(7_200), age(400_000)], ["0 min", "2 h", "4 days"]);
});

test("a machine that the last up has not made is missing, one with a script is not", () => {
    const urn = (type: string, name: string) => `urn:pulumi:dev::mail::${type}::${name}`;
    const component = (name: string, more = {}) => ({
        type: "postfix:index:RoadWarrior",
        urn: urn("postfix:index:RoadWarrior", name),
        ...more,
    });
    const alice = component("alice");
    const host = {
        type: "postfix:index:Host",
        urn: urn("postfix:index:RoadWarrior$postfix:index:Host", "alice"),
        parent: alice.urn,
    };
    const resources = [alice, host, component("bob"), component("carol", { inputs: { bundle: true } })];
    assert.deepEqual(missingIn(resourcesOf(JSON.stringify({ deployment: { resources } }))), [
        { name: "bob", role: "laptop" },
    ]);
});

test("in a terminal a state has its colour, and every column stands where it stood", () => {
    const report = { stack: "dev", at: "2026-11-30T12:00:00Z", machines: [stateOf(laptop())] };
    const coloured = table(report, { coloured: true });
    assert.ok(coloured.includes("\x1b[32mapplied\x1b[39m"), JSON.stringify(coloured));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what a terminal is told a colour by
    assert.equal(coloured.replace(/\x1b\[\d+m/g, ""), table(report, plainScreen));
});

test("a sleeper of whom that was known is not told to be one, and a text ends with the terminal's line", () => {
    const failure = { reason: "not reachable: no answer\nIs the machine on?", unreachable: true };
    const awake = laptop();
    const sleeper = laptop({
        inputs: { ...awake.inputs, onUnreachable: "pending" },
        outputs: { ...awake.outputs, pending: true },
    });
    assert.deepEqual(stateOf(awake, { failure }).troubles, [
        "not reachable: no answer",
        "Is the machine on?",
    ]);
    assert.deepEqual(stateOf(sleeper, { failure }).troubles, [
        "not reachable: no answer",
        "A change waits for it. The first pulumi up that reaches it makes it.",
    ]);
    const report = { stack: "dev", at: "2026-11-30T12:00:00Z", machines: [stateOf(sleeper, { failure })] };
    const lines = table(report, { coloured: false, width: 40 }).split("\n");
    assert.deepEqual(lines.slice(-4), [
        "  not reachable: no answer",
        "  A change waits for it. The first",
        "  pulumi up that reaches it makes it.",
        "",
    ]);
});

test("the page names each machine and each state that there is, and can be read without a script", () => {
    const machines = [stateOf(laptop()), stateOf(laptop({ name: "bob" }), { running: false })];
    const page = html({ stack: "dev", at: "2026-11-30T12:00:00Z", machines });
    const readable = page.replace(/<script>.*<\/script>/s, "").replace(/<style>.*<\/style>/s, "");
    for (const word of ["alice", "bob", "applied", "stopped", "Postfix does not run.", " days left"])
        assert.ok(readable.includes(word), word);
    assert.doesNotMatch(page, /(src|href)=/, "it needs nothing else");
});

test("what a machine answers is read, whatever stands around it", () => {
    const said = (line: string) => `<${line}>`;
    assert.deepEqual(
        readSight(
            answersIn(
                "motd\nnow=1000\nmaster=17\nqueue=4\ndeferred=2\noldest=900\nsent=Nov 30 line\nresult looked\n",
            ),
            said,
        ),
        { running: true, queue: 4, deferred: 2, oldestDeferred: 900, now: 1000, sent: "<Nov 30 line>" },
    );
    assert.deepEqual(readSight(answersIn("oldest=\n"), said), {
        running: false,
        queue: 0,
        deferred: 0,
        now: 0,
    });
});

test("fragments come out of the engine's export with their secrets, and what is to be deleted does not", () => {
    const sealed = {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        plaintext: '"hunter2"',
    };
    const resource = { type: "postfix:index:Host", urn: urn("alice::x"), id: "i" };
    const [found, ...others] = fragmentsOf(
        resourcesOf(
            JSON.stringify({
                deployment: {
                    resources: [
                        { type: "pulumi:pulumi:Stack", urn: "u" },
                        { ...resource, inputs: { connection: { password: sealed } }, outputs: {} },
                        { ...resource, delete: true },
                    ],
                },
            }),
        ),
    );
    assert.equal(found?.name, "alice::x");
    assert.deepEqual(found?.inputs, { connection: { password: new Secret("hunter2") } });
    assert.deepEqual(others, []);
    assert.deepEqual(fragmentsOf(resourcesOf("{}")), []);
});
