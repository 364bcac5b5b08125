import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { configuration, eventually, labHost, litter, mailWith, on, readOn, send } from "./lab";
import { complaintsButOfCaches } from "./mail-log";
import { addReleases, releases } from "./releases";
import { Stack } from "./stack";

const stack = new Stack("laptop-mail");
const laptops = releases.map(({ laptop }) => laptop);
const originals = new Map<string, string>();
const logged = new Map<string, string[]>();

const args = (laptop: string) => ({
    rootMail: "alice@example.com",
    genericAddresses: {
        bob: "bob.builder@example.net",
        [`carol@${labHost(laptop).fqdn}`]: "carol@example.net",
        [`@${labHost(laptop).fqdn}`]: "@example.org",
    },
});

async function up(more: Record<string, unknown> = {}): Promise<void> {
    await stack.machines({}, Object.fromEntries(laptops.map((name) => [name, { ...args(name), ...more }])));
    const { code, out } = await stack.up("--skip-preview");
    assert.equal(code, 0, out);
}

/** A mail from one of the laptop's own accounts, as its programs hand it in. */
function sendAs(laptop: string, user: string, subject: string, to: string, flags = ""): void {
    const mail = `Subject: ${subject}\\nTo: ${to}\\n\\n${subject}\\n`;
    on(laptop, `su ${user} -s /bin/sh -c "printf '${mail}' | /usr/sbin/sendmail ${flags} ${to}"`);
}

const arrived = (subject: string, user = "alice") =>
    eventually(`${subject} arrives at the hub`, () => mailWith("hub", subject, user));

before(async () => {
    addReleases();
    for (const laptop of laptops) {
        originals.set(laptop, configuration(laptop));
        logged.set(laptop, complaintsButOfCaches(laptop));
    }
    await up();
});

after(() => stack.remove());

for (const { postfix, laptop, debian } of releases) {
    describe(`a laptop with Postfix ${postfix}`, () => {
        test("keeps its mail for 14 days and warns after one", () => {
            const names = "maximal_queue_lifetime bounce_queue_lifetime delay_warning_time mydestination";
            assert.deepEqual(on(laptop, `postconf -h ${names}`).split("\n").slice(0, 4), [
                "14d",
                "14d",
                "1d",
                "",
            ]);
        });

        test("sends root's mail and that of system accounts to one address, whatever they are called", async () => {
            const fqdn = labHost(laptop).fqdn;
            for (const [index, to] of [
                "root",
                "root@localhost",
                `root@${fqdn}`,
                "www-data",
                "postmaster",
                "postmaster@localhost",
            ].entries()) {
                const subject = `system-${index}-${debian}`;
                sendAs(laptop, "daemon", subject, to);
                assert.match(await arrived(subject), /for <alice@example\.com>/);
            }
        });

        test("leaves an address of the same name elsewhere alone", async () => {
            sendAs(laptop, "daemon", `not-ours-${debian}`, "root@example.com");
            await eventually("the hub's own root has it", () =>
                mailWith("hub", `not-ours-${debian}`, "root"),
            );
        });

        test("is known by addresses that the world can answer, in the envelope and in headers", async () => {
            for (const [user, flags, address] of [
                ["bob", "", "bob.builder@example.net"],
                ["bob", "-f bob@localhost", "bob.builder@example.net"],
                ["carol", "", "carol@example.net"],
                ["alice", "", "alice@example.org"],
            ] as const) {
                const subject = `generic-${user}-${flags.length}-${debian}`;
                sendAs(laptop, user, subject, "alice@example.com", flags);
                const mail = await arrived(subject);
                assert.match(mail, new RegExp(`^From ${address} |^Return-Path: <${address}>`, "m"));
                if (flags === "") assert.match(mail, new RegExp(`^From: .*<?${address}>?$`, "m"));
            }
        });

        test("sends a bounce through the hub to the sender", async () => {
            send(laptop, `nobody-${debian}`, "no-such-user@example.com");
            const bounce = await eventually("bob is told", () =>
                mailWith("hub", "Undelivered Mail Returned to Sender", "bob"),
            );
            assert.match(bounce, /User unknown/);
            on("hub", "rm -f /var/mail/bob");
        });

        test("logs no warning that it did not log before", () => {
            const before = new Set(logged.get(laptop));
            const fresh = complaintsButOfCaches(laptop).filter((line) => !before.has(line));
            assert.deepEqual(fresh, []);
        });
    });
}

test("a second up changes nothing, and a refresh sees nothing", async () => {
    const refreshed = await stack.run([
        "refresh",
        "--yes",
        "--non-interactive",
        "--skip-preview",
        "--expect-no-changes",
    ]);
    assert.equal(refreshed.code, 0, refreshed.out);
    const { code, out } = await stack.up("--skip-preview", "--expect-no-changes");
    assert.equal(code, 0, out);
});

describe("mail that waits", () => {
    before(async () => {
        const settings = { queue_run_delay: "2s", minimal_backoff_time: "2s", maximal_backoff_time: "2s" };
        await up({ delayWarningTime: "3s", settings });
    });

    test("is announced to its sender, whom the note reaches once the hub is back", async () => {
        on("hub", "postfix stop");
        try {
            for (const laptop of laptops) send(laptop, `late-${laptop}`);
            for (const laptop of laptops)
                await eventually("the note waits beside the mail", () =>
                    /MAILER-DAEMON/.test(on(laptop, "postqueue -p")),
                );
        } finally {
            on("hub", "postfix start");
        }
        for (const laptop of laptops) {
            on(laptop, "postqueue -f");
            await arrived(`late-${laptop}`);
            const queued = `${labHost(laptop).fqdn} .Postfix|Reporting-MTA: dns; ${labHost(laptop).fqdn}`;
            await eventually("bob has the note", () =>
                readOn("hub", "/var/mail/bob")
                    .split(/^From /m)
                    .some((mail) => /Subject: Delayed Mail/.test(mail) && new RegExp(queued).test(mail)),
            );
        }
    });
});

test("destroy leaves the laptops as they were", async () => {
    const { code, out } = await stack.destroy();
    assert.equal(code, 0, out);
    for (const laptop of laptops) {
        assert.equal(configuration(laptop), originals.get(laptop), laptop);
        assert.equal(litter(laptop), "");
    }
});
