import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { after, afterEach, before, describe, test } from "node:test";
import {
    arrives,
    configuration,
    eventually,
    litter,
    mailWith,
    on,
    readOn,
    send,
    startPerl,
    tryOn,
} from "./lab";
import { Needles } from "./needles";
import { bring, OwnBundles } from "./own-bundles";
import { addReleases, oneByOne, releases } from "./releases";
import { fails, succeeds } from "./stack";
import { journal, slowDisk, strike, struck } from "./strike";

const own = new OwnBundles("bundle");
const wrongPin = Array(32).fill("AB").join(":");
const laptops = {
    alice: {},
    lines: { takeOver: ["relayhost", "smtp/unix"], rootMail: "admin@example.com" },
    broken: { settings: { qmgr_message_active_limit: "abc" } },
    fooled: { pins: [wrongPin] },
    waiting: { onDelete: "hold" },
    unknown: { settings: { smtp_tpyo: "1" } },
};
let scripts: Record<keyof typeof laptops, string>;
const needles = new Needles();

const run = (host: string, words = "", shell = "sh") => tryOn(host, `${shell} /root/bundle.sh ${words}`);

/** Runs it, and what it prints must go with that exit code. */
function expect(code: number, host: string, words = "", shell = "sh"): string {
    const result = run(host, words, shell);
    assert.equal(result.code, code, result.out);
    assert.deepEqual(needles.in(result.out), []);
    return result.out;
}

/** All that lies in the files of a host's Postfix, with times and modes. */
const state = (host: string) =>
    on(host, "cd /etc/postfix && find . -printf '%p %T@ %m %U:%G %s\\n' | sort && cat main.cf master.cf");

const scratch = (host: string) => tryOn(host, "ls -A /run/pulumi-postfix 2>/dev/null").out;

before(async () => {
    addReleases();
    own.want(laptops);
    await succeeds(own.stack.up("--skip-preview"));
    scripts = (await own.bundles()) as typeof scripts;
    for (const [name, script] of Object.entries(scripts)) {
        const encoded =
            /^'identity\.pem'\) base64 -d <<'B64'\n([A-Za-z0-9+/=\n]+)B64$/m.exec(script)?.[1] ?? "";
        const pem = Buffer.from(encoded, "base64").toString();
        const [key = "", certificate = ""] = [pem.slice(0, pem.indexOf("-----BEGIN CERT")), pem];
        assert.match(key, /PRIVATE KEY/);
        const publicKey = createPublicKey(key).export({ type: "spki", format: "pem" });
        needles.addKey(`the key of ${name}`, key, certificate.slice(key.length) + publicKey);
    }
});

after(async () => {
    const { code, out } = await own.stack.destroy();
    own.remove();
    assert.equal(code, 0, out);
});

test("made anew the scripts are the same; state, outputs and the CLI's words hold no key", async () => {
    const out = await succeeds(own.stack.up("--skip-preview"));
    assert.match(out, /unchanged/);
    assert.doesNotMatch(out, /^ *[~+-] *(bundles|provenBy)/m, "an output that changes has a mark");
    assert.deepEqual(await own.bundles(), scripts);
    const { out: exported } = await own.stack.exportState();
    const { out: shown } = await own.stack.run(["stack", "output", "--json"]);
    assert.deepEqual(needles.in(exported + shown + out), []);
    assert.match(shown, /"bundles": "\[secret\]"/);
});

for (const { postfix, laptop } of oneByOne) {
    describe(`on Postfix ${postfix}`, () => {
        let before_ = "";
        before(() => {
            before_ = configuration(laptop);
            bring(laptop, scripts.alice);
        });

        test(`--check says what would change and changes nothing, on Postfix ${postfix}`, () => {
            const said = expect(2, laptop, "--check");
            assert.match(said, /main\.cf: relayhost: "" -> "\[mailhub\.example\.com\]:587"/);
            assert.equal(configuration(laptop), before_);
            assert.equal(scratch(laptop), "");
        });

        test(`the hub's key is proven, and mail arrives over TLS to it, on Postfix ${postfix}`, async () => {
            const said = expect(0, laptop);
            assert.match(said, /^changed: .*\nproven: the hub shows a pinned key to this laptop\.$/m);
            const mail = await arrives(laptop, "hub", `bundle-${postfix}`);
            assert.match(mail, /using TLSv1\.3/);
            assert.match(
                readOn(laptop, "/var/log/mail.log"),
                /Verified TLS connection established to mailhub\.example\.com/,
            );
            assert.equal(litter(laptop), "");
            assert.equal(scratch(laptop), "");
        });

        test(`run again it proves anew, writes nothing and does not wake Postfix, on Postfix ${postfix}`, () => {
            const stands = state(laptop);
            on(laptop, "truncate -s 0 /var/log/mail.log");
            const said = expect(0, laptop);
            assert.match(said, /^no change\.\nproven: /m);
            assert.equal(state(laptop), stands);
            assert.doesNotMatch(readOn(laptop, "/var/log/mail.log"), /reload|daemon started|terminating/);
            assert.match(expect(0, laptop, "--check"), /^no change\.$/m);
            assert.equal(state(laptop), stands);
        });

        test(`nobody but root can read the key, and no log holds it, on Postfix ${postfix}`, () => {
            const open = on(
                laptop,
                "find /etc/postfix/pulumi -type d -perm /077; find /etc/postfix/pulumi/alice-* -perm /077",
            );
            assert.equal(open, "");
            const logs = on(laptop, "cat /var/log/mail.log /var/log/syslog 2>/dev/null; true");
            assert.deepEqual(needles.in(logs), []);
            for (const text of needles.texts) {
                const found = tryOn(
                    laptop,
                    `grep -rlF -- '${text}' /etc /run /tmp /var/log /var/spool/postfix /var/lib/postfix /dev/shm 2>/dev/null | grep -v '^/etc/postfix/pulumi/alice-'`,
                );
                assert.equal(found.out, "");
            }
        });

        test(`--undo makes both files what they were and removes the keys, on Postfix ${postfix}`, () => {
            assert.match(expect(0, laptop, "--undo"), /^undone: /m);
            assert.equal(configuration(laptop), before_);
            assert.equal(scratch(laptop), "");
            assert.match(expect(0, laptop, "--undo"), /^nothing to undo: /m);
        });
    });
}

const laptop = "laptop1";
let original = "";
before(() => {
    original = configuration(laptop);
});

/** Whatever a test did: without the fragment, and as the lab made it. */
function reset(): void {
    on(laptop, "postsuper -d ALL >/dev/null 2>&1; rm -f /root/bundle.sh");
}

describe("with an admin's own lines", () => {
    let edited = "";
    before(() => {
        on(
            laptop,
            "cp -p /etc/postfix/main.cf /root/main.saved && cp -p /etc/postfix/master.cf /root/master.saved",
        );
        on(
            laptop,
            `cd /etc/postfix && sed -i '/^relayhost/d' main.cf && printf 'relayhost = [isp.example.net]\\n# the end' >>main.cf &&
            sed -i 's/^smtp *unix.*/smtp unix - - n - 7 smtp/' master.cf && printf '# no newline' >>master.cf`,
        );
        edited = configuration(laptop);
    });
    after(() => {
        on(
            laptop,
            "cp -p /root/main.saved /etc/postfix/main.cf && cp -p /root/master.saved /etc/postfix/master.cf && postfix reload",
        );
        assert.equal(configuration(laptop), original);
        reset();
    });

    test("a line is refused by its number, with what to write", () => {
        bring(laptop, scripts.alice);
        const number = on(laptop, "grep -n '^relayhost' /etc/postfix/main.cf | cut -d : -f 1").trim();
        const said = expect(1, laptop);
        assert.match(
            said,
            new RegExp(
                `main\\.cf line ${number} of the host, "relayhost = \\[isp.example.net\\]".*takeOver: \\["relayhost"\\]`,
            ),
        );
        assert.match(said, /Nothing was changed/);
        assert.equal(expect(1, laptop, "--check"), said);
        assert.equal(configuration(laptop), edited);
    });

    test("with takeOver it yields, and comes back byte for byte, also without a final newline", async () => {
        bring(laptop, scripts.lines);
        assert.match(expect(0, laptop), /proven/);
        assert.match(
            readOn(laptop, "/etc/postfix/main.cf"),
            /^#pulumi-postfix\(lines-[0-9a-f]{8}\)# relayhost = \[isp/m,
        );
        await arrives(laptop, "hub", "taken-over");
        assert.match(expect(0, laptop), /no change/);
        assert.match(expect(0, laptop, "--undo"), /undone/);
        assert.equal(configuration(laptop), edited);
    });
});

describe("on a machine as it is", () => {
    afterEach(() => {
        bring(laptop, scripts.alice);
        expect(0, laptop, "--undo");
        assert.equal(configuration(laptop), original);
        assert.equal(scratch(laptop), "");
        reset();
    });

    test("a hub with another key gets nothing: the pin stays, mail waits, and the exit code says so", async () => {
        bring(laptop, scripts.fooled);
        assert.match(expect(5, laptop), /shows another key than the pinned one/);
        send(laptop, "never-sent");
        await eventually("it is deferred", () =>
            on(laptop, "postqueue -p").includes("(Server certificate not verified)"),
        );
        assert.equal(mailWith("hub", "never-sent"), undefined);
        const stands = configuration(laptop);
        assert.match(expect(6, laptop, "--undo"), /1 mail\(s\) wait/);
        assert.equal(configuration(laptop), stands);
        on(laptop, "postsuper -d ALL");
        expect(0, laptop, "--undo");
    });

    test("mail that waits at --undo follows onDelete", async () => {
        bring(laptop, scripts.waiting);
        expect(0, laptop);
        on(laptop, "postconf -e 'defer_transports = smtp' && postfix reload");
        send(laptop, "held-back");
        await eventually("it waits", () => on(laptop, "postqueue -p").includes("deferred transport"));
        on(laptop, "sed -i '/^defer_transports/d' /etc/postfix/main.cf");
        assert.match(expect(0, laptop, "--undo"), /undone/);
        assert.match(on(laptop, "postqueue -p"), /^[0-9A-F]+!/m);
        assert.equal(mailWith("hub", "held-back"), undefined);
    });

    test("settings with which Postfix does not work are rolled back, with its own words", () => {
        bring(laptop, scripts.broken);
        const said = expect(3, laptop);
        assert.match(said, /bad numerical configuration: qmgr_message_active_limit/);
        assert.match(said, /The old configuration is back and Postfix works with it/);
        assert.equal(configuration(laptop), original);
    });

    test("a name that this Postfix does not know is refused before anything is touched", () => {
        bring(laptop, scripts.unknown);
        assert.match(expect(1, laptop), /smtp_tpyo: .*knows no such parameter/);
        assert.equal(configuration(laptop), original);
    });

    test("a file that others may read is not run, and neither is it by another user", () => {
        bring(laptop, scripts.alice);
        on(laptop, "chmod 755 /root/bundle.sh");
        assert.match(expect(1, laptop), /others may read it: run chmod 700/);
        on(laptop, "chmod 700 /root/bundle.sh");
        const said = tryOn(
            laptop,
            "setpriv --reuid=65534 --regid=65534 --clear-groups sh -s </root/bundle.sh",
        );
        assert.equal(said.code, 1, said.out);
        assert.match(said.out, /run as nobody.*run it as root/);
        assert.equal(configuration(laptop), original);
    });

    test("it can be piped to a shell, and bash(1) runs it as well", () => {
        bring(laptop, scripts.alice);
        const piped = tryOn(laptop, "sh -s -- --check </root/bundle.sh");
        assert.equal(piped.code, 2, piped.out);
        assert.match(expect(0, laptop, "", "bash"), /proven/);
        assert.match(expect(0, laptop), /no change/);
    });

    test("another owner's fragment, and one of the same name by another program, are left alone", () => {
        bring(laptop, scripts.lines);
        expect(0, laptop);
        const stands = configuration(laptop);
        bring(laptop, scripts.alice);
        assert.match(
            expect(1, laptop),
            /is a fragment of another owner, lines-[0-9a-f]{8}: a bundle must be the only one/,
        );
        on(
            laptop,
            "cd /etc/postfix && sed -i 's/lines-[0-9a-f]\\{8\\}/alice-00000000/g' main.cf master.cf && mv pulumi/lines-* pulumi/alice-00000000",
        );
        assert.match(
            expect(1, laptop),
            /fragment of the same name by another program.*--undo alice-00000000/,
        );
        // What lies beside the owners' folders is none.
        for (const none of ["backup", "../..", "-x"])
            assert.match(expect(64, laptop, `--undo ${none}`), /usage/);
        assert.equal(tryOn(laptop, "test -d /etc/postfix/pulumi/backup").code, 0);
        assert.match(expect(0, laptop, "--undo alice-00000000"), /undone/);
        assert.equal(configuration(laptop), original);
        assert.notEqual(stands, original);
    });

    for (const [when, condition] of [
        ["before it begins to write", "glob('/run/pulumi-postfix/*/config')"],
        ["in the middle", journal],
    ] as const) {
        test(`killed ${when}, with the script itself: the next run puts the machine in order and does it`, async () => {
            bring(laptop, scripts.alice);
            const quick = slowDisk(laptop);
            strike(laptop, condition, "/run/pulumi-postfix/|bundle\\.sh");
            const { code } = run(laptop);
            await struck(laptop);
            quick();
            assert.notEqual(code, 0);
            assert.match(expect(0, laptop), /proven/);
            assert.equal(litter(laptop), "");
            assert.equal(scratch(laptop), "");
            await arrives(laptop, "hub", `after-the-blow-${when.length}`);
        });
    }

    test("no process of the machine has the key in its arguments or its environment", async () => {
        bring(laptop, scripts.alice);
        on(laptop, "rm -f /run/seen /run/watch && touch /run/watch");
        startPerl(
            laptop,
            `while (-e "/run/watch") { for (glob("/proc/[0-9]*/cmdline"), glob("/proc/[0-9]*/environ")) {
                open(F, $_) or next; local $/; $c = <F>; next if $all{$c}++; open(O, ">>", "/run/seen"); print O "$c\\n"; close(O); } }`,
        );
        expect(0, laptop);
        on(laptop, "rm /run/watch");
        const seen = on(laptop, "cat /run/seen | tr '\\000' ' '");
        assert.match(seen, /bundle\.sh/);
        assert.deepEqual(needles.in(seen), []);
        on(laptop, "rm /run/seen");
    });
});

test("the hub's next key: a bundle that is made anew takes the place of the one before, and mail goes on", async () => {
    bring(laptop, scripts.alice);
    expect(0, laptop);
    const pins = on(laptop, "postconf -h smtp_tls_fingerprint_cert_match");
    own.want(laptops, { keyGeneration: 2 });
    assert.match(
        await fails(own.stack.up("--skip-preview")),
        /keyGeneration.*has not proven|have not proven/,
    );
    own.want(laptops, { keyGeneration: 2, leaveBehind: Object.keys(laptops) });
    await succeeds(own.stack.up("--skip-preview"));
    await arrives(laptop, "hub", "by-the-key-announced");
    const anew = (await own.bundles()) as typeof scripts;
    assert.notEqual(anew.alice, scripts.alice);
    bring(laptop, anew.alice);
    const said = expect(0, laptop);
    assert.match(said, /^changed: .*\nproven: /m);
    const later = on(laptop, "postconf -h smtp_tls_fingerprint_cert_match");
    assert.notEqual(later, pins);
    assert.equal(on(laptop, "grep -c '^# BEGIN pulumi-postfix' /etc/postfix/main.cf").trim(), "1");
    await arrives(laptop, "hub", "by-the-next-key");
    expect(0, laptop, "--undo");
    assert.equal(configuration(laptop), original);
});

test("there are releases to run it on", () => assert.ok(releases.length >= 4));
