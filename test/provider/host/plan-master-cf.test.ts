import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMasterCf } from "../../../postfix/master-cf";
import { planChange, planRemoval } from "../../../provider/host/plan";
import { factsOf, hub, ids, laptop, plain, stockMaster, target } from "./fixtures";

const serving = (port: number, options: Record<string, string> = {}) => ({
    services: { [`${port}/inet`]: { command: "smtpd", options } },
});
const withMaster = (lines: string) => factsOf({ masterCf: stockMaster + lines });
const lineOf = (text: string, line: string) => text.split("\n").indexOf(line) + 1;

test("our service is one line with its options, and goes without a trace", () => {
    const plan = planChange(hub(), factsOf(), target(ids.hub));
    const service = parseMasterCf(plan.masterCf).services.find(({ service: name }) => name === "587");
    assert.equal(service?.command, "smtpd");
    const chain = service?.options.find(({ name }) => name === "smtpd_tls_chain_files")?.value;
    assert.equal(chain, `/etc/postfix/pulumi/${ids.hub.owner}/0123456789abcdef/identity.pem`);
    assert.deepEqual(parseMasterCf(plan.masterCf).broken, []);
    const facts = factsOf({ mainCf: plan.mainCf, masterCf: plan.masterCf });
    assert.equal(planRemoval(ids.hub.owner, facts).masterCf, stockMaster);
});

test("services that an owner had before go", () => {
    const before = planChange(plain(serving(2525)), factsOf(), target(ids.plain));
    const facts = factsOf({ mainCf: before.mainCf, masterCf: before.masterCf });
    assert.equal(planChange(plain({}), facts, target(ids.plain)).masterCf, stockMaster);
});

const taken: [line: string, called: string][] = [
    ["587 inet n - y - - smtpd", "587/inet"],
    ["submission inet n - y - - smtpd", "submission/inet"],
    ["127.0.0.1:587 inet n - y - - smtpd", "127.0.0.1:587/inet"],
    ["[::1]:submission inet n - y - - smtpd", "[::1]:submission/inet"],
];
for (const [line, called] of taken) {
    test(`port 587 clashes with "${called}", which yields to the user's word only`, () => {
        const facts = withMaster(`# mine\n${line}\n  -o smtpd_sasl_auth_enable=yes\n# and more\n  -o x=y\n`);
        const { problems } = planChange(hub(), facts, target(ids.hub));
        assert.equal(problems.length, 1);
        assert.equal(problems[0]?.path, 'services["587/inet"]');
        const where = lineOf(facts.masterCf, line);
        assert.ok(
            problems[0]?.reason.startsWith(`master.cf line ${where} of the host already serves port 587`),
        );
        assert.ok(problems[0]?.reason.includes(`takeOver: ["${called}"]`));
        assert.notDeepEqual(planChange(hub({ takeOver: ["submit"] }), facts, target(ids.hub)).problems, []);
        const plan = planChange(hub({ takeOver: [called] }), facts, target(ids.hub));
        assert.deepEqual(plan.problems, []);
        const services = parseMasterCf(plan.masterCf).services.filter(({ type }) => type === "inet");
        assert.deepEqual(
            services.map(({ service }) => service),
            ["smtp", "587"],
        );
        const after = factsOf({ mainCf: plan.mainCf, masterCf: plan.masterCf });
        assert.deepEqual(
            planChange(hub(), after, target(ids.hub)).problems,
            [],
            "no word is asked for again",
        );
        assert.equal(planRemoval(ids.hub.owner, after).masterCf, facts.masterCf);
    });
}

test("no clash: another port, a comment, a socket that only bears the port's name", () => {
    const lines = "2587 inet n - y - - smtpd\n#587 inet n - y - - smtpd\nsubmission unix - - y - - smtpd\n";
    assert.deepEqual(planChange(hub(), withMaster(lines), target(ids.hub)).problems, []);
});

test("Debian's own smtp service yields silently only where Postfix does not run", () => {
    const inputs = plain(serving(25));
    const [problem] = planChange(inputs, factsOf(), target(ids.plain)).problems;
    assert.ok(problem?.reason.includes('takeOver: ["smtp/inet"]'));
    assert.deepEqual(planChange(inputs, factsOf({ running: false }), target(ids.plain)).problems, []);
});

test("a port of another owner is refused, whatever takeOver says", () => {
    const first = planChange(hub(), factsOf(), target(ids.hub));
    const facts = factsOf({ mainCf: first.mainCf, masterCf: first.masterCf });
    const inputs = plain(serving(587), { takeOver: ["*"] });
    const { problems } = planChange(inputs, facts, target(ids.plain));
    assert.equal(problems.length, 1);
    assert.match(problems[0]?.reason ?? "", /port 587 is served by hub-00000001/);
    assert.deepEqual(planChange(plain(serving(2587)), facts, target(ids.plain)).problems, []);
});

test("a foreign process on our port is named, Postfix on it is not", () => {
    const listening = (port: number, command: string, pid = "77") =>
        factsOf({ listeners: [{ port, address: "00000000", pid, command }], masterPid: "100" });
    const { problems } = planChange(hub(), listening(587, "exim4"), target(ids.hub));
    assert.equal(problems.length, 1);
    assert.equal(problems[0]?.path, 'services["587/inet"]');
    assert.match(problems[0]?.reason ?? "", /port 587 is taken on this host by exim4 \(process 77\)/);
    assert.deepEqual(planChange(hub(), listening(587, "master", "100"), target(ids.hub)).problems, []);
    // Another mail server's daemon of the same name is no Postfix of this host.
    assert.equal(planChange(hub(), listening(587, "master"), target(ids.hub)).problems.length, 1);
    assert.deepEqual(planChange(hub(), listening(588, "exim4"), target(ids.hub)).problems, []);
});

test("a service that is called like a port but has none is asked for nothing", () => {
    const slow = { "smtp/unix": { command: "smtp", options: {} } };
    const facts = factsOf({ listeners: [{ port: 25, address: "00000000", pid: "77", command: "exim4" }] });
    const plan = planChange(plain({ services: slow }), facts, target(ids.plain));
    assert.deepEqual([plan.problems, plan.ownPorts], [[], []]);
});

test("of our own services only those are asked for a greeting that speak SMTP", () => {
    const wrapped = { command: "smtpd", options: { smtpd_tls_wrappermode: "yes" } };
    const filter = { command: "spawn user=nobody argv=/bin/cat", options: {} };
    const services = {
        "465/inet": wrapped,
        "10025/inet": filter,
        "2525/inet": { command: "smtpd", options: {} },
    };
    const plan = planChange(plain({ services }), factsOf(), target(ids.plain));
    assert.deepEqual([plan.ownPorts, plan.wrappedPorts], [[2525, 465], [465]]);
});

test("ports of others that greet in clear are seen to afterwards, ours are told apart", () => {
    const lines = [
        "127.0.0.1:10025 inet n - y - - smtpd",
        "smtps inet n - y - - smtpd\n  -o smtpd_tls_wrappermode=yes",
        "2525 inet n - y - 1 postscreen",
        "628 inet n - y - - qmqpd",
        "smtp inet n - y - - smtpd",
    ];
    const facts = withMaster(`${lines.join("\n")}\n`);
    const plan = planChange(hub(), facts, target(ids.hub));
    assert.deepEqual(plan.ownPorts, [587]);
    assert.deepEqual(plan.otherPorts, [25, 10025, 2525]);
    const after = factsOf({ mainCf: plan.mainCf, masterCf: plan.masterCf });
    const other = planChange(plain({ main: { x: "1" } }), after, target(ids.plain));
    assert.deepEqual([other.ownPorts, other.otherPorts], [[], [25, 10025, 2525, 587]]);
    const removal = planRemoval(ids.hub.owner, after);
    assert.deepEqual([removal.ownPorts, removal.otherPorts], [[], [25, 10025, 2525]]);
});

const exits: [lines: string, name: string][] = [
    ["smtp unix - - y - - smtp -o smtp_tls_security_level=may", "smtp/unix"],
    ["slow unix - - n - - smtp\n  -o smtp_tls_policy_maps=hash:/x", "slow/unix"],
    ["relay unix - - n - - lmtp", "relay/unix"],
    ["pickup unix n - y 60 1 pickup -o content_filter=scan:127.0.0.1:10026", "pickup/unix"],
];
for (const [lines, name] of exits) {
    test(`a laptop is refused where ${name} leads around the pin, and no takeOver makes it safe`, () => {
        const facts = withMaster(`${lines}\n`);
        for (const takeOver of [[], ["*"], [name]]) {
            const { problems } = planChange(laptop({ takeOver }), facts, target(ids.alice));
            assert.equal(problems.length, 1);
            assert.equal(problems[0]?.path, "services");
            assert.match(problems[0]?.reason ?? "", /there, takeOver does not cover it/);
            const where = lineOf(facts.masterCf, lines.split("\n")[0] ?? "");
            assert.ok(problems[0]?.reason.startsWith(`master.cf line ${where} of the host, "${name} `));
        }
        assert.deepEqual(planChange(hub(), facts, target(ids.hub)).problems, []);
    });
}

test("the line of an exit behind a block of ours is the one that an editor shows", () => {
    const first = planChange(plain(serving(2525)), factsOf(), target(ids.plain));
    const line = "smtp unix - - y - - smtp -o smtp_tls_security_level=may";
    const facts = factsOf({ mainCf: first.mainCf, masterCf: `${first.masterCf}${line}\n` });
    const [problem] = planChange(laptop(), facts, target(ids.alice)).problems;
    assert.ok(problem?.reason.startsWith(`master.cf line ${lineOf(facts.masterCf, line)} of`));
    const clash = factsOf({ masterCf: `${first.masterCf}587 inet n - y - - smtpd\n` });
    const [clashing] = planChange(hub(), clash, target(ids.hub)).problems;
    assert.ok(
        clashing?.reason.startsWith(
            `master.cf line ${lineOf(clash.masterCf, "587 inet n - y - - smtpd")} of`,
        ),
    );
});

test("a service of another kind than inet is told by its name: the stock line yields, an admin's by takeOver only", () => {
    const wanted = { services: { "smtp/unix": { command: "smtp", options: {}, chroot: "n" } } };
    const plan = planChange(plain(wanted), factsOf(), target(ids.plain));
    assert.deepEqual(plan.problems, []);
    const { services } = parseMasterCf(plan.masterCf);
    const found = services.filter(({ service, type }) => service === "smtp" && type === "unix");
    assert.deepEqual(
        found.map(({ chroot, command }) => [chroot, command]),
        [["n", "smtp"]],
    );
    assert.deepEqual(
        plan.changes.map(({ name, from, to }) => [name, from, to]),
        [["smtp/unix chroot", "y", "n"]],
    );
    const facts = factsOf({ mainCf: plan.mainCf, masterCf: plan.masterCf });
    assert.equal(planRemoval(ids.plain.owner, facts).masterCf, stockMaster);

    const edited = stockMaster.replace(/^smtp +unix .*$/m, "smtp unix - - y - 7 smtp");
    const [problem] = planChange(plain(wanted), factsOf({ masterCf: edited }), target(ids.plain)).problems;
    assert.match(problem?.reason ?? "", /already has this service \("smtp\/unix smtp"\).*takeOver/);
    const allowed = planChange(
        { ...plain(wanted), takeOver: ["smtp/unix"] },
        factsOf({ masterCf: edited }),
        target(ids.plain),
    );
    assert.deepEqual(allowed.problems, []);
});

test("a service of ours that leads around a laptop's pin is refused under its own path", () => {
    const options = { smtp_tls_security_level: "may" };
    const services = { "smtp/unix": { command: "smtp", options } };
    const [problem] = planChange({ ...laptop(), services }, factsOf(), target(ids.alice)).problems;
    assert.equal(problem?.path, 'services["smtp/unix"].options.smtp_tls_security_level');
    const pinned = { "smtp/unix": { command: "smtp", options: {} } };
    // What the hidden line said counts no more.
    const masterCf = stockMaster.replace(/^(smtp +unix .*)$/m, "$1 -o smtp_tls_security_level=may");
    const facts = factsOf({ masterCf });
    const wanted = { ...laptop(), services: pinned, takeOver: ["smtp/unix"] };
    assert.deepEqual(planChange(wanted, facts, target(ids.alice)).problems, []);
});

const closing = (more = {}) => hub(more, { hubTls: { publicPort: "none" } });

test("a hub for laptops alone has no port 25 while it stands: the distribution's line yields, and comes back", () => {
    const plan = planChange(closing(), factsOf(), target(ids.hub));
    assert.deepEqual(plan.problems, []);
    const ports = (text: string) =>
        parseMasterCf(text).services.flatMap(({ type, service }) => (type === "inet" ? [service] : []));
    assert.deepEqual(ports(plan.masterCf), ["587"]);
    assert.deepEqual(plan.otherPorts, [], "it need not answer any more");
    const change = plan.changes.find(({ name }) => name === "smtp/inet");
    assert.deepEqual([change?.from, change?.to, change?.by], ["smtpd", undefined, "distribution"]);
    const after = factsOf({ mainCf: plan.mainCf, masterCf: plan.masterCf });
    assert.deepEqual(planChange(closing(), after, target(ids.hub)).problems, []);
    assert.equal(planRemoval(ids.hub.owner, after).masterCf, stockMaster);
    assert.deepEqual(
        ports(planChange(hub(), after, target(ids.hub)).masterCf),
        ["smtp", "587"],
        "opened again",
    );
});

test("an admin's own line for port 25 yields to the user's word only", () => {
    const line = "smtp inet n - y - 1 postscreen";
    const facts = factsOf({ masterCf: stockMaster.replace(/^smtp +inet .*$/m, line) });
    const [problem] = planChange(closing(), facts, target(ids.hub)).problems;
    assert.equal(problem?.path, "closed");
    assert.ok(
        problem?.reason.startsWith(
            `master.cf line ${lineOf(facts.masterCf, line)} of the host, "smtp/inet postscreen"`,
        ),
    );
    const plan = planChange(closing({ takeOver: ["smtp/inet"] }), facts, target(ids.hub));
    assert.deepEqual(plan.problems, []);
    assert.equal(planRemoval(ids.hub.owner, factsOf({ ...facts, ...plan })).masterCf, facts.masterCf);
});

test("a port of ours with TLS from the first byte is greeted in TLS; those of others are left alone", () => {
    const facts = withMaster("2465 inet n - y - - smtpd\n  -o smtpd_tls_wrappermode=yes\n");
    const plan = planChange(hub({}, { hubTls: { implicitTlsPort: 465 } }), facts, target(ids.hub));
    assert.deepEqual(plan.problems, []);
    assert.deepEqual(plan.ownPorts, [587, 465]);
    assert.deepEqual(plan.wrappedPorts, [465]);
    assert.deepEqual(plan.otherPorts, [25]);
});

test("a policy that the host's Postfix could not read is a problem of the preview", () => {
    const outboundPolicy = { "example.org": "encrypt protocols=>=TLSv1.2" };
    const inputs = hub({}, { hubTls: { outboundPolicy } });
    assert.deepEqual(planChange(inputs, factsOf(), target(ids.hub)).problems, []);
    const [problem] = planChange(inputs, factsOf({ version: "3.5.25" }), target(ids.hub)).problems;
    assert.equal(problem?.path, 'tables["outbound-policy"].entries["example.org"]');
    assert.match(problem?.reason ?? "", /needs Postfix 3\.6/);
});
