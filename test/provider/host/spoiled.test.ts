import assert from "node:assert/strict";
import { test } from "node:test";
import { configurationDiff } from "../../../provider/host/diff";
import { observe } from "../../../provider/host/drift";
import type { HostFacts } from "../../../provider/host/facts";
import { hostResource } from "../../../provider/host/index";
import type { HostInputs } from "../../../provider/host/inputs";
import { spoiled } from "../../../provider/host/spoiled";
import { hub, ids, laptop, plain } from "./fixtures";
import { append, applied, drift, edit, editFile, generation, settingsOf } from "./refresh";

const alice = laptop();
const home = "/etc/postfix/pulumi";
const folders = [
    home,
    `${home}/backup`,
    `${home}/${ids.alice.owner}`,
    `${home}/${ids.alice.owner}/${generation}`,
];
const right = folders.map((path) => ({ path, mode: "700", owner: "root:root" }));
const facts: HostFacts = { ...applied([[alice, ids.alice]]), places: right };
const seen = (changed: HostFacts, inputs: HostInputs = alice, { owner } = ids.alice) =>
    spoiled(inputs, changed, owner, generation);

test("on a host as it was left nothing is spoiled", () => {
    assert.deepEqual(seen(facts), []);
});

test("each folder with another mode or owner is named with both, and nothing else", () => {
    for (const [index, place] of right.entries())
        for (const [mode, owner] of [
            ["755", "root:root"],
            ["700", "eve:root"],
            ["700", "root:eve"],
        ] as const) {
            const places = right.with(index, { ...place, mode, owner });
            assert.deepEqual(seen({ ...facts, places }), [
                `${place.path} has mode ${mode} ${owner}, not 700 root:root`,
            ]);
        }
});

test("what a host says is spelt out before it is told", () => {
    const places = [{ path: home, mode: "755", owner: "\x1b[31mroot:root" }];
    assert.deepEqual(seen({ ...facts, places }), [
        `${home} has mode 755 \\x1b[31mroot:root, not 700 root:root`,
    ]);
});

test("pins that are missing, or that others may read", () => {
    const without = facts.generationFiles.filter(({ name }) => name !== "pins");
    assert.deepEqual(seen({ ...facts, generationFiles: without }), ["pins is missing on the host"]);
    assert.deepEqual(seen(editFile(facts, "pins", { mode: "640" })), [
        "pins has mode 640 root:root, not 600 root:root",
    ]);
});

test("a second line for a parameter of the block is named where the value counts all the same", () => {
    const value = "relayhost = [mailhub.example.com]:587";
    const before = edit(facts, /^# BEGIN/m, "relayhost = [evil.example]\n# BEGIN");
    const line = before.mainCf.split("\n").indexOf("relayhost = [evil.example]") + 1;
    assert.deepEqual(seen(before), [`main.cf line ${line} sets relayhost too, outside our block`]);
    assert.deepEqual(drift(alice, before, ids.alice), {});
    const behind = append(facts, value);
    assert.deepEqual(seen(behind), [
        `main.cf line ${behind.mainCf.split("\n").length - 1} sets relayhost too, outside our block`,
    ]);
    // One that counts is drift of the setting itself, one of another parameter nobody's business.
    assert.deepEqual(seen(append(facts, "relayhost = [evil.example]")), []);
    assert.deepEqual(seen(append(facts, "soft_bounce = yes")), []);
});

test("another owner's block beside ours is no second line", () => {
    const same = plain({ main: { smtp_tls_loglevel: "1" } });
    const both = applied([
        [hub(), ids.hub],
        [same, ids.plain],
    ]);
    assert.deepEqual(seen(both, same, ids.plain), []);
    assert.deepEqual(seen(both, hub(), ids.hub), []);
});

const sasl = `${home}-sasl`;
const database = `${sasl}/${ids.plain.owner}/${generation}`;
const withLogins = plain({ tables: { "sasl-users": { type: "sasldb", entries: { alice: "secret" } } } });
const saslPlaces = [
    ...[sasl, `${sasl}/${ids.plain.owner}`, database].map((path) => ({
        path,
        mode: "750",
        owner: "root:postfix",
    })),
    ...["smtpd.conf", "sasldb2"].map((name) => ({
        path: `${database}/${name}`,
        mode: "640",
        owner: "root:postfix",
    })),
];
const logins: HostFacts = { ...applied([[withLogins, ids.plain]]), places: saslPlaces, group: "postfix" };

test("of names and passwords each folder and file with another mode or owner, missing or changed", () => {
    const told = (changed: Partial<HostFacts>) => seen({ ...logins, ...changed }, withLogins, ids.plain);
    assert.deepEqual(told({}), []);
    for (const [index, place] of saslPlaces.entries()) {
        const places = saslPlaces.with(index, { ...place, owner: "root:root" });
        assert.deepEqual(told({ places }), [
            `${place.path} has mode ${place.mode} root:root, not ${place.mode} root:postfix`,
        ]);
        if (index < 3) continue;
        assert.deepEqual(told({ places: saslPlaces.filter((other) => other !== place) }), [
            `${place.path} is missing`,
        ]);
        assert.deepEqual(told({ altered: [place.path] }), [`${place.path} was changed`]);
    }
});

test("an index that is missing, changed or open is drift of its table", () => {
    const entries = { a: "b" };
    const inputs = plain({ tables: { words: { type: "hash", entries } } });
    const host = applied([[inputs, ids.plain]]);
    const index = { name: "words.db", mode: "600", owner: "root:root", sha256: "", content: "" };
    const told = (changed: HostFacts) => drift(inputs, changed, ids.plain);
    const withIndex = { ...host, generationFiles: [...host.generationFiles, index] };
    assert.deepEqual(told(withIndex), {});
    const row = (words: string) => ({ [`tables.words.entries["(${words})"]`]: "add" });
    assert.deepEqual(told(host), row("the index of words is missing on the host"));
    assert.deepEqual(
        told({ ...withIndex, altered: [`${home}/x/y/words.db`] }),
        row("words.db was changed on the host"),
    );
    assert.deepEqual(
        told(editFile(withIndex, "words.db", { owner: "eve:root" })),
        row("words.db has mode 600 eve:root, not 600 root:root"),
    );
});

test("what one refresh has said of a file's mode, the next one says again, and takes back when it is mended", () => {
    const rules = plain({ tables: { rules: { type: "regexp", text: "/a/ OK" } } });
    const cases: [HostInputs, string, { owner: string; instance: string }][] = [
        [alice, "identity.pem", ids.alice],
        [rules, "rules", ids.plain],
        [plain({ authorities: { ca: "PEM" } }), "ca.pem", ids.plain],
    ];
    for (const [inputs, name, id] of cases) {
        const host = applied([[inputs, id]], { mapTypes: ["regexp", "texthash"] });
        const open = editFile(host, name, { mode: "644" });
        const first = observe(inputs, open, id.owner, generation);
        assert.ok(first);
        const paths = Object.keys(configurationDiff({ ...inputs }, { ...inputs, ...first }));
        assert.equal(paths.length, 1, name);
        assert.match(JSON.stringify(first), /has mode 644 root:root, not 600 root:root/);
        assert.deepEqual(observe({ ...inputs, ...first }, open, id.owner, generation), first);
        assert.deepEqual(observe({ ...inputs, ...first }, host, id.owner, generation), {
            ...settingsOf(inputs),
            ...(inputs.authorities ? { authorities: inputs.authorities } : {}),
        });
    }
});

test("what is spoiled is a difference until an up has mended it", async () => {
    const inputs = { main: {} };
    const told = async (state: string[] | undefined) =>
        (
            await hostResource.diff({
                urn: "",
                name: "",
                id: "",
                olds: { ...inputs, pending: false, ...(state ? { spoiled: state } : {}) },
                oldInputs: inputs,
                news: inputs,
            })
        ).detailed;
    assert.deepEqual(await told(["a folder"]), { spoiled: "delete" });
    assert.deepEqual(await told([]), {});
    assert.deepEqual(await told(undefined), {});
});
