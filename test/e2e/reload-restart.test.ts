import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { configuration, eventually, lab, litter, mailWith, on, send, startPerl, tryOn } from "./lab";
import { addReleases, releases } from "./releases";
import { Stack, succeeds } from "./stack";

const masterPid = (host: string) => on(host, "tr -d ' \\n' </var/spool/postfix/pid/master.pid");
const listens = (host: string, port: number) =>
    on(host, `ss -Hltn 'sport = :${port}' | awk '{ print $4 }' | sort`).trim().split("\n");
const mailLog = (host: string) => on(host, "cat /var/log/mail.log");

/** An SMTP client on the hub's network that says everything but the last dot of a mail, until /tmp/go is there. */
const slowClient = (host: string, server: string, subject: string) =>
    startPerl(
        host,
        `use IO::Socket::INET; $| = 1;
        $s = IO::Socket::INET->new(PeerAddr => "${server}", PeerPort => 25) or die; open(L, ">", "/tmp/said"); L->autoflush(1);
        sub hear { do { $l = <$s>; print L $l } while ($l && $l =~ /^...-/) }
        hear(); for ("EHLO slow.example.net", "MAIL FROM:<eve\\@example.net>", "RCPT TO:<alice\\@example.com>", "DATA") { print $s "$_\\r\\n"; hear() }
        print $s "Subject: ${subject}\\r\\n\\r\\nfirst half\\r\\n"; select(undef, undef, undef, 0.05) until -e "/tmp/go";
        print $s "second half\\r\\n.\\r\\n"; hear(); print $s "QUIT\\r\\n"; hear(); print L "end\\n";`,
    );

/** What counts only from the next start on, and how one sees that it does. */
const restarts: { name: string; value: string; prepare?: string; seen: string; is: RegExp }[] = [
    {
        name: "inet_interfaces",
        value: "10.77.0.1, 127.0.0.1",
        seen: "ss -Hltn 'sport = :25' | awk '{ print $4 }' | sort | tr '\\n' ' '",
        is: /^10\.77\.0\.1:25 127\.0\.0\.1:25 $/,
    },
    {
        name: "inet_protocols",
        value: "ipv4",
        seen: "ss -Hltn 'sport = :25' | awk '{ print $4 }'",
        is: /^0\.0\.0\.0:25\s*$/,
    },
    {
        name: "maillog_file",
        value: "/var/log/postfix.log",
        seen: "cat /var/log/postfix.log",
        is: /master\[\d+\]: daemon started/,
    },
    {
        name: "queue_directory",
        value: "/var/spool/postfix-moved",
        prepare:
            "cp -a /var/spool/postfix /var/spool/postfix-moved && rm /var/spool/postfix-moved/pid/master.pid",
        seen: "readlink /proc/$(pgrep -ox master)/cwd",
        is: /^\/var\/spool\/postfix-moved$/m,
    },
    {
        name: "data_directory",
        value: "/var/lib/postfix-moved",
        prepare: "install -d -o postfix -m 700 /var/lib/postfix-moved",
        seen: "readlink /proc/$(pgrep -ox master)/fd/*",
        is: /^\/var\/lib\/postfix-moved\/master\.lock$/m,
    },
    {
        name: "import_environment",
        value: "MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ LANG=C KIND=moved",
        seen: "tr '\\0' '\\n' </proc/$(pgrep -ox qmgr)/environ",
        is: /^KIND=moved$/m,
    },
];

describe("on the lab's hub", () => {
    const stack = new Stack("reload-restart");
    const configure = (settings: Record<string, string> = {}, hub: Record<string, unknown> = {}) =>
        stack.machines({ settings, takeOver: ["*"], ...hub }, {});
    let original = "";
    before(async () => {
        original = configuration("hub");
        await configure();
        await succeeds(stack.up("--skip-preview"));
    });
    after(() => stack.remove());

    for (const { name, value, prepare, seen, is } of restarts) {
        test(`${name}: restart, and it counts`, async () => {
            if (prepare) on("hub", prepare);
            await configure({ [name]: value });
            assert.match(
                await succeeds(stack.preview()),
                new RegExp(`\\(restart: Postfix reads .*${name}.* only when`),
            );
            const old = on("hub", "pgrep -ox master").trim();
            await succeeds(stack.up("--skip-preview"));
            const now = on("hub", "pgrep -x master").trim();
            assert.notEqual(now, old);
            assert.match(now, /^\d+$/, "one master, and the old one gone");
            assert.match(on("hub", seen), is);
            send("hub", `restarted-${name}`);
            await eventually("a mail is delivered", () => mailWith("hub", `restarted-${name}`));
        });
    }

    test("and all of it counts no more when it is taken out again", async () => {
        await configure();
        await succeeds(stack.up("--skip-preview"));
        assert.match(on("hub", "readlink /proc/$(pgrep -x master)/cwd"), /^\/var\/spool\/postfix$/m);
        assert.deepEqual(listens("hub", 25), ["0.0.0.0:25", "[::]:25"]);
        assert.equal(litter("hub"), "");
    });

    test("another port: reload, the listener moves, and mail on its way is not disturbed", async () => {
        on(
            "hub",
            `rm -f /tmp/go && printf '#!/bin/sh\\ncat >/dev/null; echo begun >>/tmp/ran
            until [ -e /tmp/go ]; do sleep 0.1; done; echo done >>/tmp/ran\\n' >/usr/local/bin/slow &&
            chmod 755 /usr/local/bin/slow && touch /tmp/ran && chmod 666 /tmp/ran &&
            echo 'slow: "|/usr/local/bin/slow"' >>/etc/aliases && touch -d '1 minute ago' /etc/aliases && newaliases`,
        );
        on("outside", "rm -f /tmp/go /tmp/said");
        slowClient("outside", "10.77.0.1", "half-said");
        send("hub", "half-delivered", "slow@example.com");
        await eventually("the client is in the middle of its mail", () =>
            /^354 /m.test(tryOn("outside", "cat /tmp/said").out),
        );
        await eventually("the delivery has begun", () => on("hub", "cat /tmp/ran") === "begun\n");
        const old = masterPid("hub");

        await configure({ proxy_interfaces: "192.0.2.77" }, { port: 2587 });
        assert.match(await succeeds(stack.preview()), /on the host, \d+ changes \(reload\):/);
        await succeeds(stack.up("--skip-preview"));
        assert.equal(masterPid("hub"), old);
        assert.deepEqual(listens("hub", 587), [""]);
        assert.deepEqual(listens("hub", 2587), ["0.0.0.0:2587", "[::]:2587"]);

        assert.doesNotMatch(on("outside", "cat /tmp/said"), /^end/m, "the client was sent away");
        assert.equal(on("hub", "cat /tmp/ran"), "begun\n");
        on("outside", "touch /tmp/go");
        on("hub", "touch /tmp/go");
        await eventually("the client is done", () => /^end/m.test(on("outside", "cat /tmp/said")));
        assert.match(on("outside", "cat /tmp/said"), /^250 .*queued as/m);
        const mail = await eventually("its mail arrives", () => mailWith("hub", "half-said"));
        assert.match(mail, /first half\s+second half/);
        await eventually("the delivery is done", () => on("hub", "cat /tmp/ran") === "begun\ndone\n");
        await eventually("and counts", () => /to=<slow@[^ ]* .*status=sent/.test(mailLog("hub")));
    });

    test("proxy_interfaces counts after that reload", async () => {
        on("hub", "echo hello | sendmail 'root@[192.0.2.77]'");
        await eventually("it is a local address", () =>
            /to=<root@\[192\.0\.2\.77\]>, relay=local/.test(mailLog("hub")),
        );
    });

    test("destroy gives both files back byte for byte", async () => {
        await succeeds(stack.destroy());
        assert.equal(configuration("hub"), original);
        assert.equal(litter("hub"), "");
    });
});

describe("nothing", () => {
    const stack = new Stack("nothing");
    before(() => stack.machines());
    after(async () => {
        lab("plug", "hub");
        await stack.destroy();
        stack.remove();
    });

    test("is written or reloaded where all stands as it should and only the proof was missing", async () => {
        await succeeds(stack.up("--skip-preview"));
        lab("unplug", "hub");
        await stack.machines({}, { laptop1: { settings: { message_size_limit: "20000000" } } });
        assert.match(await succeeds(stack.up("--skip-preview")), /the next up proves it/);
        lab("plug", "hub");
        const before_ = {
            files: on(
                "laptop1",
                "stat -c '%i %y' /etc/postfix/main.cf /etc/postfix/master.cf /etc/postfix/pulumi/laptop1-*/*",
            ),
            master: masterPid("laptop1"),
            reloads: mailLog("laptop1").match(/: (reload -- version|daemon started)/g)?.length,
        };
        assert.match(
            await succeeds(stack.preview()),
            /nothing is written and nothing reloaded, only looked at/,
        );
        await succeeds(stack.up("--skip-preview"));
        assert.equal((await stack.host("laptop1"))?.outputs.provenBy, "postfix");
        assert.deepEqual(
            {
                files: on(
                    "laptop1",
                    "stat -c '%i %y' /etc/postfix/main.cf /etc/postfix/master.cf /etc/postfix/pulumi/laptop1-*/*",
                ),
                master: masterPid("laptop1"),
                reloads: mailLog("laptop1").match(/: (reload -- version|daemon started)/g)?.length,
            },
            before_,
        );
        assert.equal(litter("laptop1"), "");
        await succeeds(stack.up("--skip-preview", "--expect-no-changes"));
    });

    test("but a file that is not as it was written is written anew", async () => {
        const live = () =>
            on("laptop1", "grep -o 'pulumi/laptop1-[^ /]*/[0-9a-f]*' /etc/postfix/main.cf | sort -u");
        const before = live();
        on("laptop1", "chmod 644 /etc/postfix/pulumi/laptop1-*/*/*.pem");
        await succeeds(stack.refresh("--skip-preview"));
        assert.doesNotMatch(await succeeds(stack.preview()), /nothing is written/);
        await succeeds(stack.up("--skip-preview"));
        assert.notEqual(live(), before);
        // Nor does the folder from before, which stays and has a key too.
        assert.equal(on("laptop1", "find /etc/postfix/pulumi/laptop1-*/ -type f -perm /077"), "");
    });
});

describe("every release", () => {
    before(() => addReleases());
    for (const { postfix, hub } of releases) {
        test(`Postfix ${postfix}: the listener moves by a restart for inet_interfaces, by a reload for a port`, async () => {
            const stack = new Stack(`moves-${hub}`);
            try {
                await stack.machines({}, {}, hub);
                await succeeds(stack.up("--skip-preview"));
                const first = masterPid(hub);
                await stack.machines({ port: 2587 }, {}, hub);
                await succeeds(stack.up("--skip-preview"));
                assert.equal(masterPid(hub), first);
                assert.deepEqual(
                    [listens(hub, 587), listens(hub, 2587)],
                    [[""], ["0.0.0.0:2587", "[::]:2587"]],
                );
                const address = on(hub, "hostname -i").trim();
                await stack.machines(
                    { port: 2587, settings: { inet_interfaces: `${address}, 127.0.0.1` } },
                    {},
                    hub,
                );
                await succeeds(stack.up("--skip-preview"));
                assert.notEqual(masterPid(hub), first);
                assert.deepEqual(listens(hub, 2587), [`${address}:2587`, "127.0.0.1:2587"].sort());
                await succeeds(stack.destroy());
                assert.deepEqual(listens(hub, 25), ["0.0.0.0:25", "[::]:25"]);
            } finally {
                stack.remove();
            }
        });
    }
});
