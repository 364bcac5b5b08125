import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import type { ServerChannel } from "ssh2";
import { stockMain, stockMaster } from "../provider/host/fixtures";
import {
    type FakeHost,
    type FakeHostOptions,
    fakeHost,
    finish,
    flood,
    hostPair,
    newKey,
} from "../provider/ssh/server";
import { DirectProvider, type Values } from "./direct";
import { directHub, newKeyPair } from "./direct-machines";
import { labHost, operatorKey } from "./lab";
import { fails, Stack, succeeds } from "./stack";

/** The real provider process, and at last the real engine, against machines that are not what they seem. */
let provider: DirectProvider;
let idle = 0;
const hosts: FakeHost[] = [];
const hubKey = newKeyPair("hub");

/** Sets the title, clears the screen, goes back over the line. */
const evil = "\x1b]0;owned\x07\x1b[2J\x1b[31mall is well\r\x9b5A\u202e";
/** Where the host's answers are read line by line. */
const evilLine = evil.replace("\r", "");
const unprintable = /[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}]/u;

const blob = (name: string, content: string) => `${name}:${Buffer.from(content).toString("base64")}`;
const facts = (mainCf = stockMain, more: string[] = []): string =>
    [
        "version=3.7.11",
        "config=/etc/postfix",
        "queue=0",
        "hostname=alice",
        "fqdn=alice.example.com",
        "maptypes=hash texthash btree",
        "master=100",
        blob("main.cf", mainCf),
        blob("master.cf", stockMaster),
        ...more,
        "result probed",
        "",
    ].join("\n");

interface Answers {
    probe?: (channel: ServerChannel) => void;
    apply?: (channel: ServerChannel, script: string) => void;
}

/** A machine that answers the probe like a real one, unless a test says otherwise. */
async function machine({ probe, apply }: Answers, options: FakeHostOptions = {}): Promise<FakeHost> {
    const host = await fakeHost({
        allow: () => true,
        exec: (channel, script) => {
            if (/^probe_main$/m.test(script)) (probe ?? say(facts()))(channel);
            else (apply ?? say("final\nresult applied\n"))(channel, script);
        },
        ...options,
    });
    hosts.push(host);
    return host;
}

const say =
    (stdout: string, stderr = "", code = 0) =>
    (channel: ServerChannel) => {
        finish(channel, code, stdout, stderr);
    };

const reaches = ({ port }: FakeHost): Values => ({
    host: "127.0.0.1",
    port,
    user: "root",
    hostKey: hostPair.public,
    privateKey: newKey().private,
});

const wanted = (host: FakeHost): Values => directHub("hub", hubKey, {}, { connection: reaches(host) });

/** What the provider answers instead of doing it. */
async function refusal(host: FakeHost): Promise<string> {
    const error = await provider.create(wanted(host)).then(
        () => assert.fail("it went through"),
        (reason: { details: string }) => reason,
    );
    assert.doesNotMatch(error.details, unprintable);
    assert.ok(error.details.length < 20_000, `${error.details.length} characters`);
    return error.details;
}

/** The most memory that the provider ever had. */
function peak(): number {
    const status = readFileSync(`/proc/${provider.process.pid}/status`, "utf8");
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

let silence: Promise<string>;

before(async () => {
    provider = await DirectProvider.start();
    // Everything is loaded by then.
    assert.match(
        await refusal(await machine({ probe: say("result no-postfix\n") })),
        /Postfix is not installed/,
    );
    idle = peak();
    // Takes a minute, so the others run meanwhile.
    silence = refusal(await machine({ probe: (channel) => void channel.write("version=3.7.11\nconf") }));
    silence.catch(() => undefined);
});
after(async () => {
    provider.stop();
    for (const host of hosts) await host.stop();
});

const floods: Record<string, Answers> = {
    "one line": { probe: (channel) => flood(channel, "x".repeat(8192)) },
    "single bytes": { probe: (channel) => flood(channel, "x") },
    "lines of errors": { probe: (channel) => flood(channel, `${evil}\n`.repeat(100), "stderr") },
    facts: { probe: (channel) => flood(channel, "listen=587 00000000 1 master\n".repeat(300)) },
    "steps of a change": { apply: (channel) => flood(channel, `step ${evil}\n`.repeat(200)) },
};
for (const [what, answers] of Object.entries(floods)) {
    test(`${what} without an end: a clear error`, async () => {
        assert.match(
            await refusal(await machine(answers)),
            /: it wrote more than 4 MiB\n[\s\S]*right machine/,
        );
    });
}

const absurd: Record<string, [string, RegExp]> = {
    "a version of escape codes": [
        facts(stockMain, [`version=3.7${evilLine}`]),
        /answers: the version "3\.7\\/,
    ],
    "a main.cf of megabytes": [facts(`# ${"x".repeat(2_500_000)}\n`), /a main\.cf of 2500003 characters/],
    "a main.cf of thousands of blocks": [
        facts(
            Array.from({ length: 2_000 }, (_, index) => {
                const owner = `a-${String(10_000_000 + index)}`;
                return `# BEGIN pulumi-postfix ${owner} ${"1".repeat(16)}\nx=1\n# END pulumi-postfix ${owner}\n`;
            }).join(""),
        ),
        /the blocks of 2000 programs/,
    ],
    "a queue of less than nothing": [facts(stockMain, ["queue=-4"]), /a queue of no possible length/],
    "a reason of escape codes": [
        `result broken-main-cf ${evilLine}\n`,
        /configuration is broken.*\\x1b\]0;owned/,
    ],
    "listeners by the hundred thousand": [
        facts(
            stockMain,
            Array.from({ length: 30_000 }, (_, index) => `listen=587 00000000 ${index} ${evilLine}`),
        ),
        /services\["?587/,
    ],
    "text where facts should be": [
        `Welcome to ${evil}\n`.repeat(1_000),
        /the probe ended early \(exit code 0\)/,
    ],
};
for (const [what, [answer, said]] of Object.entries(absurd)) {
    test(`it answers ${what}: refused, before anything is changed`, async () => {
        let applied = false;
        const host = await machine({
            probe: say(answer),
            apply: (channel) => {
                applied = true;
                finish(channel, 0);
            },
        });
        assert.match(await refusal(host), said);
        assert.equal(applied, false);
    });
}

const outcomes: Record<string, [string, RegExp]> = {
    "a failure of escape codes": [
        `final\nfailed ${evil}\n${`log ${evil}\n`.repeat(5_000)}result rolled-back\n`,
        /\\x1b\]0;owned[\s\S]*The old configuration is back/,
    ],
    "notes by the hundred thousand": [
        `final\n${`note ${evil}\n`.repeat(80_000)}result refused\n`,
        /Nothing was changed on the host/,
    ],
    "a command of escape codes": [`final\nresult broken rm -rf ${evilLine}\n`, /THE HOST IS BROKEN.*\\x1b/],
    "a queue of no number": [`final\nresult queue ${evilLine}\n`, /1 mail waits in this laptop's queue/],
    "that the host is always another": ["final\nresult conflict\n", /changed meanwhile, 5 times in a row/],
    "nothing at all": ["", /ended without a result \(exit code 0\)/],
};
for (const [what, [answer, said]] of Object.entries(outcomes)) {
    test(`a change ends with ${what}: a clear error`, async () => {
        assert.match(await refusal(await machine({ apply: say(answer) })), said);
    });
}

test("another host key at the second connection: nothing is sent", async () => {
    const right = await machine({});
    const inputs = wanted(right);
    await provider.preview(inputs);
    await right.stop();
    const stranger = await machine({}, { hostKeys: [newKey().private], port: right.port });
    await assert.rejects(provider.create(inputs), ({ details }: { details: string }) =>
        /wrong host key: expected SHA256:.*got SHA256:/.test(details),
    );
    assert.deepEqual([...stranger.logins, ...stranger.commands], []);
});

test("a banner, a greeting and questions with escape codes", async () => {
    const host = await machine(
        {},
        { methods: ["keyboard-interactive"], banner: `${evil}\n`.repeat(100), greeting: evilLine },
    );
    host.onKeyboard = (login) =>
        login.prompt(
            [
                { prompt: evil, echo: false },
                { prompt: evil, echo: false },
            ],
            () => login.reject(),
        );
    const { privateKey, ...others } = reaches(host);
    const connection = { ...others, password: "secret" };
    const inputs = directHub("hub", hubKey, {}, { connection });
    await assert.rejects(provider.create(inputs), ({ details }: { details: string }) => {
        assert.doesNotMatch(details, unprintable);
        assert.match(details, /it also asked: \\x1b\]0;owned/);
        return true;
    });
});

test("nothing for a minute in the middle of its output: the limit ends it", async () => {
    assert.match(await silence, /not finished after 60 s\nLook on that machine for what hangs/);
});

test("in all this nothing unprintable was told, and memory stayed in bounds", () => {
    assert.ok(provider.said.length > 0);
    for (const line of provider.said) assert.doesNotMatch(line, unprintable);
    const grown = (peak() - idle) / 2 ** 20;
    console.log(
        `the provider had ${Math.round(idle / 2 ** 20)} MiB, and at most ${Math.round(grown)} MiB more`,
    );
    assert.ok(grown < 256, `${grown} MiB more than idle`);
});

test("with the engine: neither a preview, an up, a refresh with drift nor a failure passes an escape code on", async () => {
    let mainCf = `${stockMain}header_checks = ${evil}\n`;
    let result = "applied";
    const host = await machine({
        probe: (channel) => finish(channel, 0, facts(mainCf)),
        apply: (channel, script) => {
            const [, base64 = ""] = /^'main\.cf'\) base64 -d <<'B64'\n([\s\S]*?)B64$/m.exec(script) ?? [];
            if (result === "applied") mainCf = Buffer.from(base64, "base64").toString();
            finish(
                channel,
                0,
                `step ${evil}\nfinal\nfailed ${evil}\nnote ${evil}\nproof=match\nresult ${result}\n`,
            );
        },
    });
    const stack = new Stack("hostile");
    const clean = (out: string) => assert.doesNotMatch(out, unprintable);
    try {
        const connection = { host: "127.0.0.1", port: host.port, user: "root", hostKey: hostPair.public };
        const secrets = { 'privateKeys["*"]': operatorKey() };
        const hub = { hostname: labHost("hub").fqdn, connection, takeOver: ["*"] };
        await stack.config({ smartHost: hub, laptops: {} }, secrets);
        clean(await succeeds(stack.preview("--diff")));
        const up = await succeeds(stack.up("--skip-preview"));
        clean(up);
        assert.match(up, /\\x1b\]0;owned/, "the note is told");
        mainCf = mainCf.replace(/^smtpd_tls_security_level = .*$/m, `smtpd_tls_security_level = ${evil}`);
        clean(await succeeds(stack.refresh("--diff")));
        result = "refused";
        clean(await fails(stack.up("--skip-preview")));
    } finally {
        stack.remove();
    }
});
