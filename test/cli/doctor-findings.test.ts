import assert from "node:assert/strict";
import { test } from "node:test";
import { type Examination, findings } from "../../cli/doctor/findings";
import { readFacts } from "../../provider/host/facts";

const facts = (...lines: string[]) => readFacts(["version=3.7.11", "master=17", ...lines]);
const well: Examination = { facts: facts(), clockAhead: 2, tls: "OpenSSL 3.0.20 7 Apr 2026", fatal: "" };
const hub = { name: "mailhub.example.com", port: 587, address: "192.0.2.25" };

const troubles = (more: Partial<Examination>) =>
    findings({ ...well, ...more }).filter(({ level }) => level !== "ok");

test("nothing stands in the way of a machine as a distribution makes it", () => {
    assert.deepEqual(troubles({}), []);
    assert.deepEqual(troubles({ hub, port: 587 }), []);
    assert.deepEqual(troubles({ facts: facts("listen=587 0 17 master"), port: 587 }), [], "its own port");
});

for (const [what, more, level, words] of [
    ["an old Postfix", { facts: readFacts(["version=2.10.1", "master=1"]) }, "obstacle", /2\.10\.1 is older/],
    ["a Postfix of tomorrow", { facts: readFacts(["version=4.0.0", "master=1"]) }, "warning", /newer than/],
    [
        "a configuration that nothing can start with",
        { fatal: "missing '}'" },
        "obstacle",
        /broken: missing '}'/,
    ],
    ["no TLS", { tls: "" }, "obstacle", /without TLS/],
    ["a Postfix that is off", { facts: readFacts(["version=3.7.11", "master="]) }, "warning", /does not run/],
    [
        "another mail server",
        { facts: facts("sendmail=/usr/sbin/sendmail") },
        "obstacle",
        /another mail server/,
    ],
    ["a change broken off", { facts: facts("journal=x") }, "warning", /broken off/],
    [
        "a taken port",
        { facts: facts("listen=587 0 99 dovecot"), port: 587 },
        "obstacle",
        /587 is taken by dovecot/,
    ],
    ["a clock ahead", { clockAhead: 4_000 }, "warning", /4000 seconds ahead/],
    ["a clock behind", { clockAhead: -4_000 }, "warning", /4000 seconds behind/],
    ["a hub without an address", { hub: { ...hub, address: "" } }, "obstacle", /no address for mailhub/],
    [
        "a hub that nobody reaches",
        { hub: { ...hub, failure: "refused" } },
        "warning",
        /does not reach.*refused/,
    ],
    ["mail that waits", { facts: facts("queue=3") }, "warning", /3 messages/],
] as const) {
    test(`${what} is told, with what to do`, () => {
        const [found, ...others] = troubles(more as Partial<Examination>);
        assert.deepEqual(others, []);
        assert.equal(found?.level, level);
        assert.match(found?.what ?? "", words);
        assert.ok((found?.remedy ?? "").length > 10);
    });
}
