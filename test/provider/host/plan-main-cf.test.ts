import assert from "node:assert/strict";
import { test } from "node:test";
import { readBlocks } from "../../../postfix/fragment/read";
import { effectiveValue } from "../../../postfix/main-cf";
import { generationFolder, planChange, planRemoval, resolveFiles } from "../../../provider/host/plan";
import { factsOf, grant, hub, ids, laptop, plain, stockMain, target } from "./fixtures";

const blockOf = (text: string, owner: string) =>
    readBlocks(text).find((block) => block.owner === owner)?.body;
const ownList = "$pulumi_relay_clientcerts";

test("a file's name becomes its path of this generation, every other word stays as it is", () => {
    const settings = {
        ...plain({}),
        chains: { identity: [], "second-1": [] },
        tables: { clients: { entries: {} } },
    };
    const folder = generationFolder({ configDirectory: "/usr/local/etc/postfix" }, "a-00000000", "ffff");
    assert.equal(folder, "/usr/local/etc/postfix/pulumi/a-00000000/ffff");
    assert.equal(
        resolveFiles("@{identity}, @{second-1} @{clients} @{other} ${x} $y @{", settings, folder),
        `${folder}/identity.pem, ${folder}/second-1.pem texthash:${folder}/clients @{other} \${x} $y @{`,
    );
});

test("the block holds what is wanted, in the words of the host's version", () => {
    const inputs = plain({
        main: { smtp_tls_mandatory_protocols: ">=TLSv1.2", tls_required_enable: "no", x: "" },
    });
    const of = (version: string) =>
        blockOf(planChange(inputs, factsOf({ version }), target(ids.plain)).mainCf, ids.plain.owner);
    assert.deepEqual(of("3.5.25"), [
        "smtp_tls_mandatory_protocols = !SSLv2, !SSLv3, !TLSv1, !TLSv1.1",
        "x =",
    ]);
    assert.deepEqual(of("3.7.11"), ["smtp_tls_mandatory_protocols = >=TLSv1.2", "x ="]);
    assert.deepEqual(of("3.10.13"), [
        "smtp_tls_mandatory_protocols = >=TLSv1.2",
        "tls_required_enable = no",
        "x =",
    ]);
});

test("a version that cannot do what is wanted is a problem, and no plan goes on without it", () => {
    const plan = planChange(laptop(), factsOf({ version: "3.4.14" }), target(ids.alice));
    assert.match(plan.problems[0]?.reason ?? "", /3\.4\.14/);
});

test("the admin's own clients stand before ours in a list, however often the change is made", () => {
    const facts = factsOf({
        mainCf: `${stockMain}relay_clientcerts = hash:/etc/postfix/certs,\n   hash:/x\n`,
    });
    const inputs = hub({ takeOver: ["smtpd_relay_restrictions"] }, { port: 25 });
    const first = planChange(inputs, facts, target(ids.hub));
    assert.deepEqual(first.problems, []);
    const wanted = `hash:/etc/postfix/certs,   hash:/x ${ownList}`;
    assert.equal(effectiveValue(first.mainCf, "relay_clientcerts"), wanted);
    const second = planChange(inputs, factsOf({ mainCf: first.mainCf }), target(ids.hub));
    assert.deepEqual(second.problems, []);
    assert.equal(second.mainCf, first.mainCf);
    const alone = planChange(inputs, factsOf(), target(ids.hub));
    assert.equal(effectiveValue(alone.mainCf, "relay_clientcerts"), ownList);
    assert.equal(planRemoval(ids.hub.owner, factsOf({ mainCf: first.mainCf })).mainCf, facts.mainCf);
});

test("an admin's list with a stray CR in it is joined as the words that Postfix sees", () => {
    const facts = factsOf({ mainCf: "relay_clientcerts = hash:/a,\r\r\n  hash:/b\r\n" });
    const plan = planChange(hub({ takeOver: ["*"] }, { port: 25 }), facts, target(ids.hub));
    const words = effectiveValue(plan.mainCf, "relay_clientcerts")?.split(/[ ,]+/);
    assert.deepEqual(words, ["hash:/a", "hash:/b", ownList]);
    assert.equal(planRemoval(ids.hub.owner, factsOf({ mainCf: plan.mainCf })).mainCf, facts.mainCf);
});

test("parts of several owners meet in the shared block, which goes with the last part", () => {
    const limits = ["limits", "classes"].map(
        (name) => `pulumi_laptop_sender_${name} = $pulumi_hub_00000001_laptop_sender_${name}`,
    );
    const one = planChange(hub(), factsOf(), target(ids.hub));
    assert.deepEqual(blockOf(one.mainCf, "shared"), [
        "pulumi_relay_clientcerts = $pulumi_hub_00000001_relay_clientcerts",
        ...limits,
    ]);
    const two = planChange(grant(["alice"]), factsOf({ mainCf: one.mainCf }), target(ids.laptops));
    assert.deepEqual(blockOf(two.mainCf, "shared"), [
        "pulumi_relay_clientcerts = $pulumi_hub_00000001_relay_clientcerts $pulumi_laptops_00000003_relay_clientcerts",
        ...limits,
    ]);
    const table = `texthash:/etc/postfix/pulumi/${ids.laptops.owner}/0123456789abcdef/clients`;
    assert.deepEqual(blockOf(two.mainCf, ids.laptops.owner), [
        `pulumi_laptops_00000003_relay_clientcerts = ${table}`,
    ]);
    assert.deepEqual(two.tables, [table]);
    const left = planRemoval(ids.laptops.owner, factsOf({ mainCf: two.mainCf }));
    assert.equal(left.mainCf, one.mainCf);
    assert.deepEqual(left.tables, []);
    assert.equal(planRemoval(ids.hub.owner, factsOf({ mainCf: left.mainCf })).mainCf, stockMain);
});

test("what two owners set alike is written once, and stays when the first of them leaves", () => {
    const inputs = plain({ main: { smtp_tls_loglevel: "1", biff: "yes" } }, { takeOver: ["biff"] });
    const first = planChange(plain({ main: { smtp_tls_loglevel: "1" } }), factsOf(), target(ids.plain));
    const both = planChange(inputs, factsOf({ mainCf: first.mainCf }), target(ids.guest));
    assert.deepEqual(both.problems, []);
    assert.equal(both.mainCf.match(/^smtp_tls_loglevel/gm)?.length, 1);
    assert.deepEqual(blockOf(both.mainCf, "shared"), ["smtp_tls_loglevel = 1"]);
    const left = planRemoval(ids.plain.owner, factsOf({ mainCf: both.mainCf })).mainCf;
    assert.equal(effectiveValue(left, "smtp_tls_loglevel"), "1");
    assert.equal(blockOf(left, "shared"), undefined);
});

test("two owners who want one parameter unlike: both values and the other owner's name", () => {
    const first = planChange(
        plain({ main: { biff: "yes", x: "1" } }, { takeOver: ["biff"] }),
        factsOf(),
        target(ids.plain),
    );
    const facts = factsOf({ mainCf: first.mainCf });
    const { problems } = planChange(plain({ main: { biff: "no", x: "1" } }), facts, target(ids.guest));
    assert.equal(problems.length, 1);
    assert.equal(problems[0]?.path, "main.biff");
    assert.match(problems[0]?.reason ?? "", /given "no", but plain-00000004 sets "yes"/);
    // The same owner may change its mind.
    assert.deepEqual(planChange(plain({ main: { biff: "no" } }), facts, target(ids.plain)).problems, []);
});

test("two laptops on one machine: whether its disk is a copy is asked where keys differ, and nowhere else", () => {
    const chain = (path: string) => plain({ main: { smtp_tls_chain_files: path, biff: path } });
    const first = planChange({ ...chain("/a"), takeOver: ["biff"] }, factsOf(), target(ids.alice));
    const facts = factsOf({ mainCf: first.mainCf });
    const { problems } = planChange(chain("/b"), facts, target(ids.plain));
    const reasons = Object.fromEntries(problems.map(({ path, reason }) => [path, reason]));
    assert.match(
        reasons["main.smtp_tls_chain_files"] ?? "",
        /alice-a11ce000 sets "\/a" .* is its disk a copy of that one's\? Then take "alice-a11ce000" off it/,
    );
    assert.match(reasons["main.biff"] ?? "", /must agree on it$/);
});

test("owners who fill one list agree on it though the admin's part of it has changed meanwhile", () => {
    const role = { mode: "guest", port: 25 } as const;
    const inputs = hub({ takeOver: ["smtpd_relay_restrictions"] }, role);
    const first = planChange(inputs, factsOf(), target(ids.hub));
    const mainCf = `${first.mainCf}relay_clientcerts = hash:/etc/postfix/certs\n`;
    const second = planChange(inputs, factsOf({ mainCf }), target(ids.guest));
    assert.deepEqual(second.problems, []);
    assert.equal(effectiveValue(second.mainCf, "relay_clientcerts"), `hash:/etc/postfix/certs ${ownList}`);
});

test("a block of an owner is replaced in place, and foreign text behind it stays", () => {
    const first = planChange(plain({ main: { x: "1" } }), factsOf(), target(ids.plain));
    const mainCf = `${first.mainCf}# mine\nsoft_bounce = no\n`;
    const second = planChange(plain({ main: { x: "2" } }), factsOf({ mainCf }), target(ids.plain));
    assert.equal(second.mainCf, mainCf.replace("\nx = 1\n", "\nx = 2\n"));
    assert.equal(
        planRemoval(ids.plain.owner, factsOf({ mainCf: second.mainCf })).mainCf,
        `${stockMain}# mine\nsoft_bounce = no\n`,
    );
});

test("names are of all owners' blocks: a warning about one of them is ours", () => {
    const first = planChange(hub({}, { mode: "guest" }), factsOf(), target(ids.hub));
    const lists = ["relay_clientcerts", "laptop_sender_limits", "laptop_sender_classes"];
    const parts = ["pulumi_hub_00000001_", "pulumi_"].flatMap((start) => lists.map((list) => start + list));
    assert.deepEqual(first.names, parts);
    const second = planChange(
        plain({ main: { x: "1" } }),
        factsOf({ mainCf: first.mainCf }),
        target(ids.plain),
    );
    assert.deepEqual([...second.names].sort(), [...first.names, "x"].sort());
    assert.deepEqual(planRemoval(ids.hub.owner, factsOf({ mainCf: second.mainCf })).names, ["x"]);
});

test("every table of every owner is looked at, whoever makes the change", () => {
    const table = (owner: string) => `texthash:/etc/postfix/pulumi/${owner}/0123456789abcdef/clients`;
    const one = planChange(grant(["alice"]), factsOf(), target(ids.laptops));
    const two = planChange(grant(["bob"]), factsOf({ mainCf: one.mainCf }), target(ids.guest));
    const three = planChange(plain({ main: { x: "1" } }), factsOf({ mainCf: two.mainCf }), target(ids.plain));
    assert.deepEqual(three.tables, [table(ids.guest.owner), table(ids.laptops.owner)]);
});

test("a host's settings are spread over its files as Postfix reads them, in CRLF and without a final newline", () => {
    for (const mainCf of [
        stockMain.replaceAll("\n", "\r\n"),
        stockMain.trimEnd(),
        "",
        "\n",
        "# only a comment",
    ]) {
        const plan = planChange(laptop(), factsOf({ mainCf }), target(ids.alice));
        assert.deepEqual(plan.problems, [], JSON.stringify(mainCf.slice(-40)));
        assert.equal(effectiveValue(plan.mainCf, "inet_interfaces"), "loopback-only");
        assert.equal(effectiveValue(plan.mainCf, "smtp_tls_security_level"), "fingerprint");
        assert.equal(planRemoval(ids.alice.owner, factsOf({ mainCf: plan.mainCf })).mainCf, mainCf);
    }
});

test("a setting with whitespace around it is what Postfix makes of it: no conflict with an owner who wrote none", () => {
    const first = planChange(plain({ main: { x: "1 2" } }), factsOf(), target(ids.plain));
    const facts = factsOf({ mainCf: first.mainCf });
    const second = planChange(plain({ main: { x: "  1 2 " } }), facts, target(ids.guest));
    assert.deepEqual(second.problems, []);
    assert.equal(effectiveValue(second.mainCf, "x"), "1 2");
});

test("parts of lists that nobody reads any more are no names whose warning stops a change", () => {
    const first = planChange(hub(), factsOf(), target(ids.hub));
    const { mainCf } = planChange(grant(["alice"]), factsOf({ mainCf: first.mainCf }), target(ids.laptops));
    const both = planChange(plain({ main: { x: "1" } }), factsOf({ mainCf }), target(ids.plain));
    const { mainCf: left, names } = planRemoval(ids.hub.owner, factsOf({ mainCf: both.mainCf }));
    assert.equal(
        effectiveValue(left, "pulumi_relay_clientcerts"),
        "$pulumi_laptops_00000003_relay_clientcerts",
    );
    assert.deepEqual(names, ["x"]);
});
