import assert from "node:assert/strict";
import { test } from "node:test";
import { exitParameters } from "../../../postfix/exits";
import { effectiveValue } from "../../../postfix/main-cf";
import { legacyPartners } from "../../../postfix/parameters";
import { type Plan, planChange, planRemoval } from "../../../provider/host/plan";
import { factsOf, hub, ids, laptop, plain, stockMain, target } from "./fixtures";

const paths = (plan: Plan) => plan.problems.map(({ path }) => path);
const withMain = (lines: string) => factsOf({ mainCf: stockMain + lines });
const lineOf = (text: string, line: string) => text.split("\n").indexOf(line) + 1;

test("a laptop on Debian's stock files needs nobody's word, and its settings are what counts", () => {
    const plan = planChange(laptop(), factsOf(), target(ids.alice));
    assert.deepEqual(plan.problems, []);
    assert.equal(effectiveValue(plan.mainCf, "relayhost"), "[mailhub.example.com]:587");
    assert.equal(effectiveValue(plan.mainCf, "smtp_tls_security_level"), "fingerprint");
    assert.equal(effectiveValue(plan.mainCf, "mydestination"), "");
    assert.equal(
        effectiveValue(plan.mainCf, "smtp_tls_chain_files"),
        `/etc/postfix/pulumi/${ids.alice.owner}/0123456789abcdef/identity.pem`,
    );
    assert.match(plan.mainCf, /^#pulumi-postfix\(alice-a11ce000\)# inet_interfaces = all$/m);
});

test("a hub on stock files: Debian's snakeoil certificate yields though it bears another name", () => {
    const plan = planChange(hub(), factsOf(), target(ids.hub));
    assert.deepEqual(plan.problems, []);
    assert.equal(effectiveValue(plan.mainCf, "smtpd_tls_cert_file"), undefined);
    assert.equal(effectiveValue(plan.mainCf, "smtpd_tls_key_file"), undefined);
});

test("each legacy partner of a chain file yields, and an admin's own one only by the user's word", () => {
    for (const [name, partners] of Object.entries(legacyPartners)) {
        const lines = partners.map((partner) => `${partner} = /etc/mine/${partner}.pem\n`).join("");
        const refused = planChange(plain({ main: { [name]: "/x.pem" } }), withMain(lines), target(ids.plain));
        assert.deepEqual(
            paths(refused),
            partners.map((partner) => `main.${partner}`),
        );
        for (const { reason } of refused.problems) assert.match(reason, /would be commented out/);
        const inputs = plain({ main: { [name]: "/x.pem" } }, { takeOver: partners });
        const taken = planChange(inputs, withMain(lines), target(ids.plain));
        assert.deepEqual(taken.problems, []);
        for (const partner of partners) assert.equal(effectiveValue(taken.mainCf, partner), undefined);
    }
});

test("an admin's line is named with its number, its words, what it would become, and what to write", () => {
    const facts = withMain("relayhost = [smtp.isp.example]:587\n");
    const [problem, ...more] = planChange(laptop(), facts, target(ids.alice)).problems;
    assert.deepEqual(more, []);
    assert.equal(problem?.path, "main.relayhost");
    const line = lineOf(facts.mainCf, "relayhost = [smtp.isp.example]:587");
    assert.ok(
        problem?.reason.startsWith(`main.cf line ${line} of the host, "relayhost = [smtp.isp.example]:587"`),
    );
    assert.match(problem?.reason ?? "", /would become "\[mailhub\.example\.com\]:587"/);
    assert.match(problem?.reason ?? "", /takeOver: \["relayhost"\]/);
});

test("an admin's line behind our block is named with the number that an editor shows", () => {
    const first = planChange(laptop(), factsOf(), target(ids.alice));
    const mainCf = `${first.mainCf}transport_maps = hash:/x\n`;
    const [problem] = planChange(laptop(), factsOf({ mainCf }), target(ids.alice)).problems;
    assert.ok(problem?.reason.startsWith(`main.cf line ${lineOf(mainCf, "transport_maps = hash:/x")} of`));
});

test("a line that came after our block, for what it sets, is drift: it yields, is shown, and comes back", () => {
    const first = planChange(laptop(), factsOf(), target(ids.alice));
    for (const mainCf of [
        `${first.mainCf}relayhost = [evil.example]\n`,
        first.mainCf.replace(/^# BEGIN/m, "relayhost = [evil.example]\n# BEGIN"),
    ]) {
        const plan = planChange(laptop(), factsOf({ mainCf }), target(ids.alice));
        assert.deepEqual(plan.problems, []);
        assert.equal(effectiveValue(plan.mainCf, "relayhost"), "[mailhub.example.com]:587");
        assert.match(plan.mainCf, /^#pulumi-postfix\(alice-a11ce000\)# relayhost = \[evil\.example\]$/m);
        const { mainCf: left } = planRemoval(ids.alice.owner, factsOf({ mainCf: plan.mainCf }));
        assert.match(left, /^relayhost = \[evil\.example\]$/m);
    }
    const behind = factsOf({ mainCf: `${first.mainCf}relayhost = [evil.example]\n` });
    const [change] = planChange(laptop(), behind, target(ids.alice)).changes;
    const line = lineOf(behind.mainCf, "relayhost = [evil.example]");
    assert.deepEqual(
        [change?.name, change?.from, change?.by, change?.line],
        ["relayhost", "[evil.example]", "admin", line],
    );
    // What the block does not set yet was the admin's before.
    const more = laptop({ settings: { header_size_limit: "50001" } });
    const own = factsOf({ mainCf: `${first.mainCf}header_size_limit = 50002\n` });
    assert.deepEqual(paths(planChange(more, own, target(ids.alice))), ["main.header_size_limit"]);
});

test("each of an admin's lines is named, duplicates and lines continued over comments too", () => {
    const lines = "mynetworks = 10.0.0.0/8\n  # the printers\n\n  10.1.0.0/16\nmynetworks=10.2.0.0/16\r\n";
    const { problems } = planChange(laptop(), withMain(lines), target(ids.alice));
    assert.deepEqual(
        problems.map(({ path }) => path),
        ["main.mynetworks", "main.mynetworks"],
    );
    assert.match(problems[0]?.reason ?? "", /"mynetworks = 10\.0\.0\.0\/8 {2}10\.1\.0\.0\/16"/);
    const taken = planChange(laptop({ takeOver: ["mynetworks"] }), withMain(lines), target(ids.alice));
    assert.deepEqual(taken.problems, []);
    // Of a continued line every physical line, its comment too: a stray continuation would join the line before.
    assert.match(taken.mainCf, /^#pulumi-postfix\(alice-a11ce000\)# {3}# the printers$/m);
    assert.match(taken.mainCf, /^#pulumi-postfix\(alice-a11ce000\)# {3}10\.1\.0\.0\/16$/m);
});

test("takeOver names the line it is about and no other; * is all of them", () => {
    const lines =
        "relayhost = [smtp.isp.example]\nmynetworks = 10.0.0.0/8\ntransport_maps = hash:/etc/postfix/transport\n";
    const left = (takeOver: string[]) =>
        paths(planChange(laptop({ takeOver }), withMain(lines), target(ids.alice)));
    assert.deepEqual(left([]), ["main.relayhost", "main.mynetworks", "main.transport_maps"]);
    assert.deepEqual(left(["mynetworks"]), ["main.relayhost", "main.transport_maps"]);
    assert.deepEqual(left(["relay"]), left([]));
    assert.deepEqual(left(["*"]), []);
});

test("an admin's line that says what we say needs no word", () => {
    const facts = withMain("relayhost = [mailhub.example.com]:587\n");
    const plan = planChange(laptop(), facts, target(ids.alice));
    assert.deepEqual(plan.problems, []);
    assert.equal(
        plan.changes.find(({ name }) => name === "relayhost"),
        undefined,
    );
});

test("what was taken over once stays so: no word is asked for again, by us or another owner", () => {
    const facts = withMain("smtp_tls_loglevel = 2\n");
    const inputs = plain({ main: { smtp_tls_loglevel: "1" } }, { takeOver: ["smtp_tls_loglevel"] });
    const { mainCf } = planChange(inputs, facts, target(ids.plain));
    const again = plain({ main: { smtp_tls_loglevel: "3" } });
    assert.deepEqual(planChange(again, factsOf({ mainCf }), target(ids.plain)).problems, []);
    const other = planChange(
        plain({ main: { smtp_tls_loglevel: "1" } }),
        factsOf({ mainCf }),
        target(ids.hub),
    );
    assert.deepEqual(other.problems, []);
    const left = planRemoval(ids.hub.owner, factsOf({ mainCf: other.mainCf })).mainCf;
    assert.equal(planRemoval(ids.plain.owner, factsOf({ mainCf: left })).mainCf, facts.mainCf);
});

test("every parameter that leads around the pin is asked for on a laptop, and is no matter on a hub", () => {
    for (const { name } of exitParameters) {
        const facts = withMain(`${name} = hash:/etc/postfix/mine\n`);
        const refused = planChange(laptop(), facts, target(ids.alice));
        assert.deepEqual(paths(refused), [`main.${name}`]);
        const taken = planChange(laptop({ takeOver: [name] }), facts, target(ids.alice));
        assert.deepEqual(taken.problems, []);
        assert.notEqual(effectiveValue(taken.mainCf, name), "hash:/etc/postfix/mine");
        const onHub = planChange(hub(), facts, target(ids.hub));
        assert.deepEqual(onHub.problems, []);
        assert.equal(effectiveValue(onHub.mainCf, name), "hash:/etc/postfix/mine");
    }
});

test("an exit that is closed or harmless stays as its line has it", () => {
    const lines = [
        ...exitParameters.flatMap(({ name, safe }) => (safe === undefined ? [] : [`${name} = ${safe}`])),
        "mailbox_transport = lmtp:unix:private/dovecot-lmtp",
    ].filter((line) => !line.startsWith("tls_required_enable"));
    const plan = planChange(laptop(), withMain(lines.map((line) => `${line}\n`).join("")), target(ids.alice));
    assert.deepEqual(plan.problems, []);
    for (const line of lines) assert.ok(plan.mainCf.split("\n").includes(line), line);
});

test("Debian's `Local only` answers every other host with an error: on a laptop that yields silently", () => {
    const plan = planChange(
        laptop(),
        withMain("default_transport = error\nrelay_transport = error\n"),
        target(ids.alice),
    );
    assert.deepEqual(plan.problems, []);
    assert.equal(effectiveValue(plan.mainCf, "default_transport"), undefined);
    assert.equal(effectiveValue(plan.mainCf, "relay_transport"), undefined);
});

test("an exit that would count on a laptop is refused, whoever wrote it", () => {
    const own = laptop({ settings: { transport_maps: "texthash:/etc/postfix/elsewhere" } });
    const mine = planChange(own, factsOf(), target(ids.alice));
    assert.deepEqual(paths(mine), ["main.transport_maps"]);
    assert.match(
        mine.problems[0]?.reason ?? "",
        /would count on this laptop, and can send mail past the hub/,
    );
    const other = plain({ main: { content_filter: "scan:127.0.0.1:10026" } });
    const beside = factsOf({ mainCf: planChange(other, factsOf(), target(ids.plain)).mainCf });
    const theirs = planChange(laptop(), beside, target(ids.alice));
    assert.deepEqual(paths(theirs), ["main.content_filter"]);
});
