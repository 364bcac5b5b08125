import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { configuration, eventually, lab, mailWith, on, readOn, tryOn } from "./lab";
import { addReleases, releases } from "./releases";
import { Stack } from "./stack";

const stack = new Stack("pinned-mail");
const originals = new Map<string, string>();

before(async () => {
    addReleases();
    for (const { laptop } of releases) originals.set(laptop, configuration(laptop));
    await stack.machines({}, Object.fromEntries(releases.map(({ laptop }) => [laptop, {}])));
    await up();
});

after(async () => {
    const { code, out } = await stack.destroy();
    stack.remove();
    assert.equal(code, 0, out);
    for (const { laptop } of releases) assert.equal(configuration(laptop), originals.get(laptop), laptop);
});

async function up(): Promise<void> {
    const { code, out } = await stack.up("--skip-preview");
    assert.equal(code, 0, out);
}

/** A mail that asks to be delivered even where TLS cannot be had as wanted (RFC 8689). */
function sendUnprotected(laptop: string, subject: string): void {
    const mail = `TLS-Required: No\\nSubject: ${subject}\\n\\n${subject}\\n`;
    on(laptop, `printf '${mail}' | sendmail -f bob@example.com alice@example.com`);
}

function sendTo(laptop: string, subject: string, to: string): void {
    on(laptop, `printf 'Subject: ${subject}\\n\\n${subject}\\n' | sendmail -f bob@example.com ${to}`);
}

const queue = (laptop: string) => on(laptop, "postqueue -p");
const caught = (subject: string) => mailWith("impostor", subject, "caught");

describe("a mail that says TLS-Required: No", () => {
    before(() => lab("takeover", "impostor", "hub"));
    after(() => lab("giveback", "impostor", "hub"));

    for (const { postfix, laptop, debian } of releases) {
        test(`waits for the real hub all the same, on Postfix ${postfix}`, async () => {
            sendUnprotected(laptop, `header-${debian}`);
            await eventually("it is deferred", () =>
                queue(laptop).includes("(Server certificate not verified)"),
            );
            assert.equal(caught(`header-${debian}`), undefined);
        });
    }

    for (const { postfix, laptop, debian } of releases.slice(2)) {
        test(`would go to the impostor without tls_required_enable = no, on Postfix ${postfix}`, async () => {
            on(laptop, "sed -i '/^tls_required_enable = no$/d' /etc/postfix/main.cf && postfix reload");
            sendUnprotected(laptop, `unset-${debian}`);
            await eventually("the impostor has it", () => caught(`unset-${debian}`));
        });
    }
});

test("the mails leave once the real hub is back, and up repairs what was taken out", async () => {
    const { code, out } = await stack.refresh("--skip-preview");
    assert.equal(code, 0, out);
    await up();
    for (const { laptop, debian } of releases) {
        on(laptop, "postqueue -f");
        const mail = await eventually("it arrives", () => mailWith("hub", `header-${debian}`));
        assert.match(mail, /using TLSv1\.3/);
    }
});

for (const { postfix, laptop, debian } of releases) {
    test(`a laptop that lost its client certificate keeps its mail, on Postfix ${postfix}`, async () => {
        const file = on(laptop, "postconf -h smtp_tls_chain_files").trim();
        const recipients = ["alice@example.com", "alice@example.net"];
        on(laptop, `mv ${file} ${file}.lost && postfix reload`);
        try {
            for (const [index, to] of recipients.entries())
                sendTo(laptop, `uncertified-${index}-${debian}`, to);
            const deferred = await eventually("both are deferred", () => {
                const lines = readOn(laptop, "/var/log/mail.log")
                    .split("\n")
                    .filter((line) =>
                        /to=<alice@example\.(com|net)>.*status=deferred \(host mailhub/.test(line),
                    );
                return recipients.every((to) => lines.some((line) => line.includes(to))) && lines;
            });
            for (const line of deferred) assert.match(line, /said: 45[04] 4\.\d\.\d /);
            assert.equal(queue(laptop).match(/said: 45[04] /g)?.length, 2);
        } finally {
            on(laptop, `mv ${file}.lost ${file} && postfix reload`);
        }
        on(laptop, "postqueue -f");
        await eventually("the hub has one", () => mailWith("hub", `uncertified-0-${debian}`));
        await eventually("the other went on", () => mailWith("outside", `uncertified-1-${debian}`));
        assert.equal(tryOn(laptop, "grep -q 'status=bounced' /var/log/mail.log").code, 1);
        assert.match(queue(laptop), /Mail queue is empty/);
    });
}

describe("a hub that turns to its next key", () => {
    const hub = "mailhub.example.com";
    const pinsOf = (laptop: string) =>
        on(laptop, "postconf -h smtp_tls_fingerprint_cert_match").trim().split(", ");
    /** Whether a laptop's Postfix takes the hub for the owner of this key, by the word of posttls-finger(1). */
    const proves = (laptop: string, pin: string) =>
        on(laptop, `posttls-finger -c -l fingerprint -d sha256 '[${hub}]:587' ${pin} 2>&1`).includes(
            "Verified TLS connection established",
        );
    const before_ = new Map<string, string[]>();

    before(async () => {
        for (const { laptop } of releases) before_.set(laptop, pinsOf(laptop));
        const asleep = { onUnreachable: "pending" };
        await stack.machines(
            { keyGeneration: 2 },
            Object.fromEntries(releases.map(({ laptop }) => [laptop, asleep])),
        );
        // No laptop learns of it.
        for (const { laptop } of releases) lab("unplug", laptop);
        try {
            await up();
        } finally {
            for (const { laptop } of releases) lab("plug", laptop);
        }
    });

    for (const { postfix, laptop, debian } of releases) {
        test(`is known by the second pin of each laptop, on Postfix ${postfix}`, async () => {
            const [current = "", next = "", ...more] = pinsOf(laptop);
            assert.deepEqual([current, next, ...more], before_.get(laptop));
            assert.equal(more.length, 0);
            const served = on(
                laptop,
                `openssl s_client -starttls smtp -connect ${hub}:587 </dev/null 2>/dev/null |
                    openssl x509 -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 -c`,
            );
            assert.equal(served.replace(/.*= /, "").trim().toUpperCase(), next);
            assert.deepEqual([proves(laptop, current), proves(laptop, next)], [false, true]);
            sendTo(laptop, `next-key-${debian}`, "alice@example.com");
            await eventually("it arrives", () => mailWith("hub", `next-key-${debian}`));
        });
    }

    test("is followed by the laptops at their next run: to that key and the one after it", async () => {
        await up();
        for (const { laptop } of releases) {
            const pins = pinsOf(laptop);
            assert.equal(pins[0], before_.get(laptop)?.[1]);
            assert.notEqual(pins[1], before_.get(laptop)?.[0]);
        }
    });
});
