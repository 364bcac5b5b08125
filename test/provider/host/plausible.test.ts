import assert from "node:assert/strict";
import { test } from "node:test";
import { RemoteError } from "../../../provider/errors";
import { generationInUse } from "../../../provider/host/generation";
import { implausible } from "../../../provider/host/plausible";
import { probe } from "../../../provider/host/probe";
import type { RemoteHost } from "../../../provider/ssh/connect";
import { factsOf, stockMain, stockMaster } from "./fixtures";

/** Answers in the right form that no host with Postfix gives. */
const answering = (lines: string[], stderr = "", exitCode = 0): RemoteHost => ({
    label: "root@hub:22",
    run: async () => ({ exitCode, stdout: [...lines, "result probed", ""].join("\n"), stderr }),
    forward: () => assert.fail("not asked for"),
});
const blob = (name: string, content: string) => `${name}:${Buffer.from(content).toString("base64")}`;
const good = [
    "version=3.7.11",
    "config=/etc/postfix",
    "queue=0",
    blob("main.cf", stockMain),
    blob("master.cf", stockMaster),
];
const asked = { ports: [587] };

test("what real hosts answer is plausible", async () => {
    assert.equal(implausible(factsOf()), undefined);
    for (const version of ["3.5.25", "3.11.0", "3.11-20251101", "3.8.5-RC1", "3.10.2+deb13u1"])
        assert.equal(implausible(factsOf({ version })), undefined, version);
    const mainCf = `${stockMain}mynetworks =\n${"  192.0.2.0/24\n".repeat(20_000)}`;
    assert.equal(implausible(factsOf({ mainCf })), undefined, "a long list");
    assert.equal((await probe(answering(good), asked)).version, "3.7.11");
});

for (const [what, line, said] of [
    ["a version with escape codes", "version=3.7\x1b[2J", /the version "3\.7\\u001b\[2J"/],
    ["no version", "version=", /the version ""/],
    ["a version of a million digits", `version=${"9".repeat(1_000_000)}.1`, /the version "9+… \(999902 more/],
    ["a queue of less than nothing", "queue=-1", /a queue of no possible length/],
    ["a queue of more than there are numbers", "queue=1e308", /a queue of no possible length/],
    ["a queue of no number", "queue=many", /a queue of no possible length/],
    ["a folder that is none", "config=../../x", /the folder "\.\.\/\.\.\/x"/],
    [
        "megabytes of main.cf",
        blob("main.cf", `# ${"x".repeat(2_000_000)}`),
        /a main\.cf of 2000002 characters/,
    ],
    [
        "thousands of settings",
        blob("main.cf", "relayhost = x\n".repeat(6_000)),
        /a main\.cf with 6000 settings/,
    ],
    [
        "thousands of services",
        blob("master.cf", "smtp inet n - y - - smtpd\n".repeat(1_001)),
        /a master\.cf with 1001 services/,
    ],
    [
        "blocks of thousands of programs",
        blob("main.cf", "# BEGIN pulumi-postfix a-00000001 0123456789abcdef\n".repeat(501)),
        /a main\.cf with the blocks of 501 programs/,
    ],
] as const) {
    test(`${what}: refused before anything is planned`, async () => {
        await assert.rejects(probe(answering([...good, line]), asked), (error: RemoteError) => {
            assert.ok(error instanceof RemoteError);
            assert.match(
                error.shortMessage,
                /^root@hub:22: what it answers is not what a host with Postfix answers: /,
            );
            assert.match(error.shortMessage, said);
            assert.match(error.hint ?? "", /^Nothing was changed on it\. Is this the right machine/);
            return true;
        });
    });
}

test("a folder of pins that climbs out of ours is not looked at", async () => {
    const pins = [
        "../../x",
        "a/../../b",
        "hub-00000001/../../../etc",
        "hub-00000001/0123456789abcdef",
        "__proto__",
    ];
    const facts = await probe(
        answering([...good, ...pins.map((name) => blob(`pins ${name}`, "AA:BB\n"))]),
        asked,
    );
    assert.deepEqual(facts.pins, { "hub-00000001/0123456789abcdef": ["AA:BB"] });
});

test("a folder in use that this state does not know, as somebody with another copy of it has made one, is plausible", async () => {
    const [known, inUse] = ["hub-00000001/00000000000000aa", "hub-00000001/00000000000000bb"];
    const mainCf = `${stockMain}smtpd_tls_chain_files = /etc/postfix/pulumi/${inUse}/identity.pem\n`;
    const folders = [known, inUse].map((folder) => blob(`pins ${folder}`, "AA:BB\n"));
    const files = ["file=600 root:root 00ff identity.pem", blob("content identity.pem", "CERTIFICATE")];
    const lines = [...good, blob("main.cf", mainCf), ...folders, ...files];
    const facts = await probe(answering(lines), { ...asked, live: known });
    assert.equal(generationInUse(facts, "hub-00000001", "00000000000000aa"), "00000000000000bb");
    assert.deepEqual(
        facts.generationFiles.map(({ name, content }) => [name, content]),
        [["identity.pem", "CERTIFICATE"]],
    );
});

test("a hundred thousand listeners and a million words are read at once", async () => {
    const listeners = Array.from(
        { length: 100_000 },
        (_, index) => `listen=587 00000000 ${index} a b\x1b[2J`,
    );
    const facts = await probe(
        answering([...good, ...listeners, `maptypes=${"x ".repeat(1_000_000)}`]),
        asked,
    );
    assert.equal(facts.listeners.length, 100_000);
});

test("an exit code and nothing else: the exit code and the last words are told", async () => {
    const mute = {
        ...answering([]),
        run: async () => ({ exitCode: 255, stdout: "", stderr: "last words\n" }),
    };
    await assert.rejects(probe(mute, asked), (error: RemoteError) => {
        assert.match(error.message, /the probe ended early \(exit code 255\)\n {2}\| last words/);
        assert.match(error.hint ?? "", /log in there/i);
        return true;
    });
});
