import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { configuration, eventually, lab, litter, mailWith, on, send, startPerl, tryOn } from "./lab";
import { complaints, endOfLog } from "./mail-log";
import { Stack } from "./stack";

/** Hosts as one finds them: full disks, files that will not be moved, no log, old encodings, a power cut. */
const stack = new Stack("trouble");
const originals = new Map<string, string>();
const hosts = ["hub", "laptop1"];

const config = (hub: Record<string, unknown> = {}) => stack.machines(hub);

before(async () => {
    // As an admin leaves it: a line that stands there twice, and a comment from the days before UTF-8.
    on("hub", "printf '# f\\374r alle\\nmyhostname = mailhub.example.com\\n' >>/etc/postfix/main.cf");
    for (const host of hosts) originals.set(host, configuration(host));
    await config();
});
after(() => {
    stack.remove();
    on("hub", "head -n -2 /etc/postfix/main.cf >/etc/postfix/m && mv /etc/postfix/m /etc/postfix/main.cf");
});

test("a line that the admin has twice and a comment that is no UTF-8 are no trouble; the log has no warning of ours", async () => {
    const marks = hosts.map(endOfLog);
    const { code, out } = await stack.up("--skip-preview");
    assert.equal(code, 0, out);
    send("laptop1", "in-spite-of-all");
    await eventually("the mail arrives", () => mailWith("hub", "in-spite-of-all"));
    const said = hosts.flatMap((host, index) => complaints(host, marks[index]));
    assert.deepEqual(
        said.filter((line) => !/overriding earlier entry: myhostname/.test(line)),
        [],
    );
});

describe("nothing can be written", () => {
    for (const [what, spoil, mend] of [
        [
            "a full disk",
            "mount -t tmpfs -o size=4k none /etc/postfix/pulumi && head -c 4096 /dev/zero >/etc/postfix/pulumi/full",
            "umount /etc/postfix/pulumi",
        ],
        [
            "a main.cf that will not be replaced",
            "mount --bind /etc/postfix/main.cf /etc/postfix/main.cf",
            "umount /etc/postfix/main.cf",
        ],
        ["a read-only /run", "mount -t tmpfs -o ro none /run/pulumi-postfix", "umount /run/pulumi-postfix"],
    ] as const) {
        test(`${what}: refused, Postfix untouched, nothing left behind`, async () => {
            await config({ settings: { message_size_limit: "30000000" } });
            const working = configuration("hub");
            const master = on("hub", "cat /var/spool/postfix/pid/master.pid");
            on("hub", `mkdir -p /run/pulumi-postfix && ${spoil}`);
            try {
                const { code, out } = await stack.up("--skip-preview");
                assert.notEqual(code, 0, out);
                assert.match(out, /root@10\.77\.0\.1:22: .*cannot (write|make|replace)/);
                assert.match(out, /Nothing was changed on the host/);
                assert.doesNotMatch(out, /BROKEN/);
            } finally {
                on("hub", mend);
            }
            on("hub", "rmdir /run/pulumi-postfix 2>/dev/null; true");
            assert.equal(configuration("hub"), working);
            assert.equal(litter("hub"), "");
            assert.equal(on("hub", "cat /var/spool/postfix/pid/master.pid"), master, "Postfix was restarted");
        });
    }
});

test("no log that can be read: the laptop's proof is made through SSH", async () => {
    on("laptop1", "kill $(cat /run/rsyslogd.pid)");
    try {
        await stack.machines({}, { laptop1: { settings: { qmgr_message_active_limit: "10000" } } });
        const { code, out } = await stack.up("--skip-preview");
        assert.equal(code, 0, out);
        assert.doesNotMatch(out, /not proven|unproven/);
        const { out: state } = await stack.exportState();
        assert.match(state, /"provenBy": "ssh"/);
    } finally {
        on("laptop1", "/usr/sbin/rsyslogd");
    }
});

test("a power cut behind the commit: the laptop keeps its pin and its waiting mail, the next up finishes the change", async () => {
    // The laptop as it was before all this; the hub stays.
    await config();
    assert.equal((await stack.up("--skip-preview")).code, 0);
    assert.equal(
        (await stack.destroy("--target", "**$postfix:index:Host::laptop1", "--target-dependents")).code,
        0,
    );
    assert.equal(configuration("laptop1"), originals.get("laptop1"));
    lab("unplug", "hub", "--silent");
    try {
        // The proof waits for the hub: there is time to pull the plug.
        startPerl(
            "laptop1",
            `select(undef, undef, undef, 0.05) until -e "/etc/postfix/pulumi/journal" && open(F, "/etc/postfix/main.cf") && grep(/^# BEGIN pulumi/, <F>);
            sleep 1; open(G, ">", "/var/tmp/off"); close(G);`,
        );
        const running = stack.up("--skip-preview");
        await eventually(
            "the change is committed",
            () => tryOn("laptop1", "test -e /var/tmp/off").code === 0,
            60,
        );
        lab("stop", "laptop1");
        const { code, out } = await running;
        assert.notEqual(code, 0, out);
        lab("start", "laptop1");
        send("laptop1", "behind-the-pin");
        await eventually("the mail waits", () => on("laptop1", "mailq").includes("bob@example.com"));
    } finally {
        lab("plug", "hub");
    }
    const { code, out } = await stack.up("--skip-preview");
    assert.equal(code, 0, out);
    assert.match(out, /finish an interrupted change|created/);
    on("laptop1", "postqueue -f");
    const mail = await eventually("the mail arrives", () => mailWith("hub", "behind-the-pin"), 60);
    assert.match(mail, /Client CN "laptop1"/, "over the laptops' service, with the laptop's certificate");
    const log = on("laptop1", "cat /var/log/mail.log");
    assert.doesNotMatch(log, /behind|relay=[^,]*:25,/, "a mail went out by the stock configuration");
    for (const host of hosts) assert.equal(litter(host), "");
});

test("destroy leaves every byte as it was", async () => {
    const { code, out } = await stack.destroy();
    assert.equal(code, 0, out);
    for (const [host, original] of originals) assert.equal(configuration(host), original, host);
});
