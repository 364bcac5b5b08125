import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { configuration, eventually, litter, mailWith, on, readOn, tryOn } from "./lab";
import { addReleases, releases } from "./releases";
import { Stack, succeeds } from "./stack";

const logOf = (host: string) => readOn(host, "/var/log/mail.log");

/** Hands a mail to a laptop's own Postfix. */
const sendAs = (laptop: string, from: string, subject: string) =>
    on(laptop, `printf 'Subject: ${subject}\\n\\n${subject}\\n' | sendmail -f '${from}' alice@example.com`);

/** Lines that are new since `from`, an earlier length of the log. */
const said = (host: string, from: number, what: RegExp) => what.exec(logOf(host).slice(from))?.[0];

before(addReleases);

for (const { postfix, hub, laptop } of releases) {
    describe(`what a laptop may send as, on Postfix ${postfix}`, () => {
        let stack: Stack;
        const originals = new Map<string, string>();
        const limited = (senders?: string[]) =>
            stack.machines({}, { [laptop]: { ...(senders ? { senders } : {}) }, laptop1: {} }, hub);
        before(async () => {
            for (const host of [hub, laptop, "laptop1"]) originals.set(host, configuration(host));
            stack = new Stack(`senders-${postfix.replace(".", "-")}`);
            await limited(["bob@example.com", "@lists.example.com"]);
            await succeeds(stack.up("--skip-preview"));
        });
        after(() => stack.remove());

        test("its own addresses pass, also with an extension, and so do bounces", async () => {
            for (const [from, subject] of [
                ["bob@example.com", "own"],
                ["Bob+shop@Example.com", "extension"],
                ["owner@lists.example.com", "domain"],
                ["<>", "bounce"],
            ] as const) {
                sendAs(laptop, from, `${subject}-${postfix}`);
                await eventually(`${subject} arrives`, () => mailWith(hub, `${subject}-${postfix}`));
            }
        });

        test("any other waits on the laptop, and says why", async () => {
            for (const from of ["boss@example.com", "x@sub.lists.example.com", "bob@example.org"]) {
                const start = logOf(laptop).length;
                sendAs(laptop, from, `as-${from}-${postfix}`);
                const line = await eventually(`${from} is deferred`, () =>
                    said(laptop, start, /status=deferred .*Sender address rejected.*\n/),
                );
                assert.match(
                    line,
                    /450 4\.7\.1 <\S+>: Sender address rejected: this laptop may not send as this address/,
                );
            }
            assert.equal(mailWith(hub, `as-boss@example.com-${postfix}`), undefined);
        });

        test("a thief with the key has no more, and another laptop's key is as free as before", async () => {
            const key = "/etc/postfix/pulumi/*/*/identity.pem";
            on(laptop, `cp ${key} /tmp/stolen.pem`);
            const swaks = (from: string) =>
                tryOn(
                    laptop,
                    `swaks --server $(postconf -h relayhost | tr -d '[]') --tls --tls-cert /tmp/stolen.pem --tls-key /tmp/stolen.pem \
                        --from ${from} --to alice@example.net --quit-after RCPT 2>&1`,
                ).out;
            assert.match(swaks("boss@example.com"), /<~\* +450 4\.7\.1 .*may not send as this address/);
            assert.match(swaks("bob@example.com"), /<~ +250 2\.1\.5 Ok/);
            sendAs("laptop1", "boss@example.com", `free-${postfix}`);
            await eventually("it arrives", () => mailWith(hub, `free-${postfix}`));
        });

        test("no warning of Postfix's own tools or daemons, and a second run changes nothing", async () => {
            assert.equal(on(hub, "{ postconf -n; postconf -M; } 2>&1 >/dev/null"), "");
            assert.doesNotMatch(logOf(hub), /warning: .*(restriction|access|class|unused|undefined)/i);
            await succeeds(stack.up("--skip-preview", "--expect-no-changes"));
            await succeeds(stack.refresh("--expect-no-changes", "--skip-preview"));
        });

        test("once it may send as anybody again, what waited leaves; destroy leaves nothing", async () => {
            await limited();
            await succeeds(stack.up("--skip-preview"));
            on(laptop, "postqueue -f");
            await eventually("what waited arrives", () => mailWith(hub, `as-boss@example.com-${postfix}`));
            await eventually("the queue is empty", () => /is empty/.test(on(laptop, "postqueue -p")));
            await succeeds(stack.destroy());
            for (const host of [hub, laptop, "laptop1"]) {
                assert.equal(configuration(host), originals.get(host), host);
                assert.equal(litter(host), "", host);
            }
        });
    });
}
