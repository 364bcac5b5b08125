import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { DirectProvider, type Kept, type Values } from "./direct";
import { directGrant, directHub, type KeyPair, newKeyPair } from "./direct-machines";
import { configuration, eventually, litter, on, readOn, startPerl, tryOn } from "./lab";
import { holdChanges, waitsForLock } from "./strike";

/** Several at once on one hub: no change of anybody who takes a lock is lost, and none is overwritten unseen. */
let [one, other]: DirectProvider[] = [];
const key = newKeyPair("hub");
let original: string;

const mainCf = () => readOn("hub", "/etc/postfix/main.cf");
const masterCf = () => readOn("hub", "/etc/postfix/master.cf");
const settings = (values: Record<string, string>): Values => directHub("hub", key, { settings: values });
const banner = (text: string): Values => settings({ smtpd_banner: text });
const providers = () => [one, other] as [DirectProvider, DirectProvider];

before(async () => {
    original = configuration("hub");
    [one, other] = await Promise.all([DirectProvider.start(), DirectProvider.start()]);
});
after(() => {
    for (const provider of providers()) provider.stop();
});

/** How often two stacks meet. */
const rounds = process.env.E2E_RELEASES === "ends" ? 15 : 50;

test(`two stacks change their own fragments on one hub at the same time, ${rounds} times`, async () => {
    const [first, second] = providers();
    const grant = (laptop: KeyPair) => directGrant("laptops", "hub", [{ name: "a", pins: [laptop.pin] }]);
    const laptops = [newKeyPair("a"), newKeyPair("b")] as [KeyPair, KeyPair];
    let hub = await first.create(banner("round 0"));
    let granted = await second.create(grant(laptops[0]));
    for (let round = 1; round <= rounds; round++) {
        const laptop = laptops[round % 2] as KeyPair;
        [hub, granted] = await Promise.all([
            first.update(hub, banner(`round ${round}`)),
            second.update(granted, grant(laptop)),
        ]);
        assert.match(mainCf(), new RegExp(`^smtpd_banner = round ${round}$`, "m"));
        assert.match(on("hub", "cat /etc/postfix/pulumi/laptops-*/*/pins"), new RegExp(laptop.pin));
    }
    for (const [provider, kept] of [
        [first, hub],
        [second, granted],
    ] as const) {
        const read = await provider.read(kept);
        assert.deepEqual(await provider.diff(read as Kept, kept.inputs), []);
    }
    await second.delete(granted);
    await first.delete(hub);
    assert.equal(configuration("hub"), original);
    assert.equal(litter("hub"), "");
});

describe("somebody edits beside us", () => {
    let hub: Kept;
    let provider: DirectProvider;
    beforeEach(async () => {
        [provider] = providers();
        hub = await provider.create(banner("before"));
    });
    const leaves = async (remove = "") => {
        await provider.delete(hub);
        const stays = on("hub", "find /etc/postfix/pulumi -type f 2>/dev/null | sort").split("\n");
        // Files that were edited since our first change may be wanted as they were before it.
        const first = ["main.cf", "master.cf"].map((file) => `/etc/postfix/pulumi/backup/first/${file}`);
        assert.deepEqual(stays.filter(Boolean), remove === "" ? [] : first);
        on("hub", `rm -rf /etc/postfix/pulumi; ${remove || "true"}`);
        assert.equal(configuration("hub"), original);
        assert.equal(litter("hub"), "");
    };
    const without = (line: string, file = "main.cf") =>
        `cd /etc/postfix && sed -i '/^${line}/d' ${file} && touch -d '1 minute ago' ${file}`;

    test("master.cf, while the change waits for the lock: planned anew, both are there", async () => {
        const release = await holdChanges("hub");
        const change = provider.update(hub, banner("after"));
        await waitsForLock("hub");
        on("hub", "echo '2525 inet n - n - - smtpd' >>/etc/postfix/master.cf");
        release();
        hub = await change;
        assert.match(mainCf(), /^smtpd_banner = after$/m);
        assert.match(masterCf(), /^2525 inet n/m);
        assert.ok(provider.said.some((line) => line.includes("configuration changed meanwhile, planning")));
        await leaves(without("2525 inet n", "master.cf"));
    });

    /** An admin's program that writes a line into main.cf `times` times, as soon as a change is being checked. */
    const editsWhileChecked = (times: number) =>
        startPerl(
            "hub",
            `for my $edit (1..${times}) {
                select(undef, undef, undef, 0.001) until ($now) = grep { !$seen{$_} } glob("/run/pulumi-postfix/*/config");
                $seen{$now} = 1; open(F, ">>", "/etc/postfix/main.cf"); print F "# an edit, $edit\\n"; close(F);
            }`,
        );

    test("main.cf, while the new configuration is checked: planned anew, both are there", async () => {
        editsWhileChecked(1);
        hub = await provider.update(hub, banner("after"));
        assert.match(mainCf(), /^smtpd_banner = after$/m);
        assert.match(mainCf(), /^# an edit, 1$/m);
        await leaves(without("# an edit"));
    });

    test("main.cf, again and again: after five times nothing is done, and it says so", async () => {
        const pid = editsWhileChecked(9);
        await assert.rejects(
            provider.update(hub, banner("after")),
            /configuration changed meanwhile, 5 times in a row: nothing was done/,
        );
        on("hub", `kill ${pid}`);
        assert.match(mainCf(), /^smtpd_banner = before$/m);
        for (const edit of [1, 2, 3, 4, 5]) assert.match(mainCf(), new RegExp(`^# an edit, ${edit}$`, "m"));
        await leaves(without("# an edit"));
    });

    test("by postconf(1), twice, which has read main.cf before our commit: we wait for it, and plan anew", async () => {
        // As edit_file.c does it: lock, read, write, rename. The first edit changes nothing, so that only the lock tells
        // that there is one; and whoever then has the lock of the first alone does not see the second.
        // Old at once: what reads a young main.cf waits until it is older.
        startPerl(
            "hub",
            `chdir "/etc/postfix";
             sub edit { my ($file) = @_; open($file, ">>", "main.cf.tmp"); flock($file, 2); open(M, "main.cf"); @lines = <M>; }
             sub end { my ($file) = @_; print $file @lines; $file->flush; utime(1, 1, $file); rename("main.cf.tmp", "main.cf"); }
             sub wait_for { my ($seconds, $there) = @_; my $end = time + $seconds;
                 select(undef, undef, undef, 0.01) until time > $end || $there->(); }
             use IO::Handle;
             select(undef, undef, undef, 0.001) until glob("/run/pulumi-postfix/*/config");
             edit(*ONE);
             wait_for(20, sub { grep { open(C, $_) && <C> =~ m,^postlock.*main.cf.tmp, } glob("/proc/[0-9]*/cmdline") });
             end(*ONE);
             edit(*TWO);
             close(ONE);
             wait_for(6, sub { open(M, "main.cf"); grep { /^smtpd_banner = after/ } <M> });
             push @lines, "mail_name = Edited\\n";
             end(*TWO);`,
        );
        hub = await provider.update(hub, banner("after"));
        assert.match(mainCf(), /^smtpd_banner = after$/m);
        assert.match(mainCf(), /^mail_name = Edited$/m);
        on("hub", "chmod 644 /etc/postfix/main.cf");
        await leaves(without("mail_name = Edited"));
    });

    test("by the real postconf -e, four times: each of our changes stands, and each of its own", async () => {
        // Five times in a row would be too often; and without a pause no Postfix command would ever end, since each waits
        // until main.cf is two seconds old.
        startPerl(
            "hub",
            `for my $edit (1..4) { system("postconf", "-e", "edit_$edit = yes"); select(undef, undef, undef, 4) }
             open(F, ">", "/run/edited");`,
        );
        for (const round of ["one", "two", "three"]) {
            hub = await provider.update(hub, banner(round));
            assert.match(mainCf(), new RegExp(`^smtpd_banner = ${round}$`, "m"));
        }
        await eventually("the edits are made", () => tryOn("hub", "rm /run/edited").code === 0);
        assert.match(mainCf(), /^smtpd_banner = three$/m);
        for (const edit of [1, 2, 3, 4]) assert.match(mainCf(), new RegExp(`^edit_${edit} = yes$`, "m"));
        await leaves(without("edit_"));
    });

    test("with an old copy of main.cf, saved over ours: drift of what differs, and the backup has both", async () => {
        const old = mainCf();
        hub = await provider.update(hub, banner("after"));
        const ours = mainCf();
        const backup = (file: string) => on("hub", `cat /etc/postfix/pulumi/backup/????????????????/${file}`);
        on("hub", "cp -p /etc/postfix/pulumi/backup/????????????????/main.cf /etc/postfix/main.cf");
        assert.equal(mainCf(), old);
        assert.equal(backup("new-main.cf"), ours);
        const wanted = hub.inputs;
        hub = (await provider.read(hub)) as Kept;
        // The old copy names the keys' former folder, too.
        const differs = ["main.smtpd_banner", "main.smtpd_tls_chain_files"];
        assert.deepEqual(await provider.diff(hub, wanted), differs);
        hub = await provider.update(hub, wanted);
        assert.match(mainCf(), /^smtpd_banner = after$/m);
        const folder = /[0-9a-f]{16}\/identity\.pem/g;
        assert.equal(mainCf().replaceAll(folder, ""), ours.replaceAll(folder, ""));
        assert.equal(backup("main.cf"), old);
        await leaves();
    });

    test("with a state of their own of the same stack: what they changed is not overwritten unseen", async () => {
        const [mine, theirs] = providers();
        const copy = hub;
        await theirs.update(copy, banner("theirs"));
        const standing = mainCf();
        const more = settings({ smtpd_banner: "before", mail_name: "Mine" });
        for (const refused of [() => mine.preview(more, copy), () => mine.update(copy, more)])
            await assert.rejects(
                refused,
                /main\.smtpd_banner: was changed on the host since this state was written.*pulumi refresh/,
            );
        assert.equal(mainCf(), standing);
        hub = (await mine.read(copy)) as Kept;
        assert.equal((hub.outputs.main as Values).smtpd_banner, "theirs");
        hub = await mine.update(hub, settings({ smtpd_banner: "theirs", mail_name: "Mine" }));
        assert.match(mainCf(), /^smtpd_banner = theirs$/m);
        assert.match(mainCf(), /^mail_name = Mine$/m);
        await leaves();
    });

    test("by stopping Postfix: drift that says so, and the next run starts it", async () => {
        on("hub", "postfix stop");
        const wanted = hub.inputs;
        hub = (await provider.read(hub)) as Kept;
        assert.deepEqual(await provider.diff(hub, wanted), ["provenBy"]);
        assert.ok(provider.warned.some((line) => line.includes("Postfix does not run on this host")));
        hub = await provider.update(hub, wanted);
        assert.equal(tryOn("hub", "postfix status").code, 0);
        assert.deepEqual(await provider.diff((await provider.read(hub)) as Kept, wanted), []);
        await leaves();
    });
});
