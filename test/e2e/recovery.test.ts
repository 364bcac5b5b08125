import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { agentText } from "../../provider/host/script";
import { DirectProvider, type Kept, type Values } from "./direct";
import { directGrant, directHub, directLaptop, newKeyPair } from "./direct-machines";
import { configuration, eventually, lab, litter, on, readOn, send, startPerl, tryOn } from "./lab";
import {
    agent,
    agentAndSession,
    holdChanges,
    journal,
    perl,
    slowDisk,
    strike,
    struck,
    waitsForLock,
} from "./strike";

/** What a killed change leaves behind is put in order by whoever changes the host next, be it another owner. */
let provider: DirectProvider;
let hub: Kept;
let original: string;
const key = newKeyPair("hub");
const banner = /^smtpd_banner = after$/m;

const changed: Values = directHub("hub", key, { port: 2587, settings: { smtpd_banner: "after" } });
const grant = directGrant("laptops", "hub", [{ name: "a", pins: [newKeyPair("a").pin] }]);

before(async () => {
    original = configuration("hub");
    provider = await DirectProvider.start();
});
beforeEach(async () => {
    hub = await provider.create(directHub("hub", key));
});
after(() => provider.stop());

/** The hub's change is killed at that instant, and another owner comes. */
async function killedThenAnother(condition: string): Promise<Kept> {
    const mendDisk = slowDisk("hub");
    strike("hub", condition, agentAndSession);
    await assert.rejects(provider.update(hub, changed), /the connection (was lost|ended)/);
    await struck("hub");
    mendDisk();
    assert.equal(tryOn("hub", "[ -e /etc/postfix/pulumi/journal ]").code, 0);
    return provider.create(grant);
}

async function endsClean(other: Kept): Promise<void> {
    hub = await provider.update(hub, changed);
    assert.match(readOn("hub", "/etc/postfix/main.cf"), banner);
    assert.match(readOn("hub", "/etc/postfix/master.cf"), /^2587 inet/m);
    for (const each of [other, hub]) await provider.delete(each);
    assert.equal(configuration("hub"), original);
    assert.equal(litter("hub"), "");
}

test("a change that was killed between its two files is undone before another owner's is made", async () => {
    const other = await killedThenAnother(perl.contains("/etc/postfix/main.cf", "^smtpd_banner = after"));
    assert.doesNotMatch(readOn("hub", "/etc/postfix/main.cf"), banner);
    assert.match(readOn("hub", "/etc/postfix/master.cf"), /^587 inet/m);
    await endsClean(other);
});

test("a change that was killed behind its commit is finished before another owner's is made", async () => {
    const other = await killedThenAnother(
        `${journal} && ${perl.contains("/etc/postfix/master.cf", "^2587 inet")}`,
    );
    assert.match(readOn("hub", "/etc/postfix/main.cf"), banner);
    assert.match(readOn("hub", "/etc/postfix/master.cf"), /^2587 inet/m);
    await eventually("the new port listens", () => on("hub", "ss -Hltn sport = :2587"));
    await endsClean(other);
});

test("keys in use stay, though a change that was killed when all but its last step was done still names them as begun", async () => {
    const begun = "-e '/etc/postfix/pulumi/begun'";
    const done = perl.contains("/etc/postfix/main.cf", "^smtpd_banner = after");
    const mendDisk = slowDisk("hub", "rm");
    strike("hub", `!${journal} && ${begun} && ${done}`, agentAndSession);
    await assert.rejects(provider.update(hub, changed), /the connection (was lost|ended)/);
    await struck("hub");
    mendDisk();
    const named = readOn("hub", "/etc/postfix/pulumi/begun").trim();
    const other = await provider.create(grant);
    assert.match(readOn("hub", "/etc/postfix/master.cf"), new RegExp(`/${named}/`));
    assert.match(on("hub", `ls /etc/postfix/pulumi/${named}`), /^identity\.pem$/m);
    await endsClean(other);
});

test("a removal that is killed behind its commit is finished at once, and nothing of it stays", async () => {
    const gone = ["main", "master"].map(
        (file) => `!${perl.contains(`/etc/postfix/${file}.cf`, "^# BEGIN pulumi-postfix")}`,
    );
    strike("hub", [journal, ...gone].join(" && "), agent);
    await assert.rejects(provider.delete(hub), /The host was put in order \(finish an interrupted change\)/);
    await struck("hub");
    assert.equal(configuration("hub"), original);
    assert.equal(litter("hub"), "");
    await provider.delete(hub);
});

test("a removal that is killed when all but its backups is done leaves them to nobody: the next one clears them away", async () => {
    const done = ["main", "master"].map(
        (file) => `!${perl.contains(`/etc/postfix/${file}.cf`, "^# BEGIN pulumi-postfix")}`,
    );
    const backups = "grep(!/first$/, glob('/etc/postfix/pulumi/backup/*'))";
    const mendDisk = slowDisk("hub", "rm");
    strike("hub", [`!${journal}`, ...done, backups].join(" && "), agentAndSession);
    await assert.rejects(provider.delete(hub), /the connection (was lost|ended)/);
    await struck("hub");
    mendDisk();
    assert.notEqual(on("hub", "ls /etc/postfix/pulumi/backup"), "");
    await provider.delete(hub);
    assert.equal(litter("hub"), "");
    assert.equal(configuration("hub"), original);
});

test("mail that a killed removal has put on hold is let go, and what was held before is not", async () => {
    const own = newKeyPair("laptop1");
    const wanted = directLaptop("laptop1", own, { host: "hub", pins: [key.pin] }, {}, { onDelete: "hold" });
    const untouched = configuration("laptop1");
    const laptop = await provider.create(wanted);
    const held = () => on("laptop1", "ls /var/spool/postfix/hold").split("\n").filter(Boolean);
    lab("unplug", "hub");
    try {
        send("laptop1", "held-before");
        await eventually("it waits", () => on("laptop1", "find /var/spool/postfix/deferred -type f"));
        on("laptop1", "postsuper -h ALL");
        const before = held();
        assert.equal(before.length, 1);
        send("laptop1", "waits");
        strike("laptop1", `(() = glob("/var/spool/postfix/hold/*")) == 2`, agentAndSession);
        await assert.rejects(provider.delete(laptop), /the connection (was lost|ended)/);
        await struck("laptop1");
        assert.equal(held().length, 2);
        // Somebody thinks better of it; any change puts things in order first.
        const other = directLaptop(
            "laptop1",
            own,
            { host: "hub", pins: [key.pin] },
            { settings: { biff: "no" } },
        );
        const kept = await provider.update(laptop, other);
        assert.deepEqual(held(), before);
        on("laptop1", "postsuper -d ALL");
        await provider.delete(kept);
    } finally {
        lab("plug", "hub");
    }
    assert.equal(litter("laptop1"), "");
    assert.equal(configuration("laptop1"), untouched);
    await provider.delete(hub);
});

test("a lock of postconf's that nobody can take: what stands in the way is told", async () => {
    on("hub", "mkdir /etc/postfix/main.cf.tmp");
    try {
        await assert.rejects(
            provider.update(hub, changed),
            /cannot have main\.cf and master\.cf alone \(.*main\.cf\.tmp: .*Is a directory\)/,
        );
    } finally {
        on("hub", "rmdir /etc/postfix/main.cf.tmp");
    }
    hub = await provider.update(hub, changed);
    await provider.delete(hub);
    assert.equal(litter("hub"), "");
    assert.equal(configuration("hub"), original);
});

test("keys that cannot be removed are spoken of, with the command that does it later", async () => {
    const folder = on("hub", "ls -d /etc/postfix/pulumi/hub-*").trim();
    on("hub", `mount --bind ${folder} ${folder} && mount -o remount,bind,ro ${folder}`);
    try {
        await provider.delete(hub);
    } finally {
        on("hub", `umount ${folder}`);
    }
    const [warning = ""] = provider.warned.filter((line) => line.includes("could not be removed"));
    assert.match(
        warning,
        new RegExp(`as the disk cannot be written to; when it can, run: rm -rf ${folder}$`),
    );
    on("hub", `${warning.replace(/^.* run: /, "")} && rmdir /etc/postfix/pulumi`);
    assert.equal(litter("hub"), "");
    assert.equal(configuration("hub"), original);
});

test("a change waits for the lock, shows nobody its keys meanwhile, and finds an edit made while it waited", async () => {
    const release = await holdChanges("hub");
    const change = provider.update(hub, changed);
    await waitsForLock("hub");
    assert.equal(on("hub", "find /run/pulumi-postfix -perm /077"), "");
    on("hub", "echo '# written while the change waited' >>/etc/postfix/main.cf");
    release();
    hub = await change;
    const mainCf = readOn("hub", "/etc/postfix/main.cf");
    assert.match(mainCf, banner);
    assert.match(mainCf, /^# written while the change waited$/m);
    on("hub", "sed -i '/^# written while the change waited$/d' /etc/postfix/main.cf");
    await provider.delete(hub);
    assert.equal(configuration("hub"), original);
});

test("the backup of the files as they were before our first touch is there until the last owner leaves", async () => {
    const kept = () =>
        on("hub", "cat /etc/postfix/pulumi/backup/first/main.cf /etc/postfix/pulumi/backup/first/master.cf");
    const first = kept();
    hub = await provider.update(hub, changed);
    assert.equal(kept(), first);
    await provider.delete(hub);
    assert.equal(on("hub", "cat /etc/postfix/main.cf /etc/postfix/master.cf"), first);
    assert.equal(litter("hub"), "");
});

test("a Postfix that dies while the proof is made has not done the change, and is started again", async () => {
    const said = (step: string) =>
        `grep { open(F, $_) && grep(m,^step ${step},, <F>) } glob("/run/pulumi-postfix/*/out")`;
    const own = newKeyPair("laptop1");
    const pinned = (limit: string) => {
        const settings = { qmgr_message_active_limit: limit };
        return directLaptop("laptop1", own, { host: "hub", pins: [key.pin] }, { settings });
    };
    const untouched = configuration("laptop1");
    let laptop = await provider.create(pinned("10001"));
    const before = configuration("laptop1");
    strike("laptop1", said("prove the hub's key"), "^/usr/lib/postfix/sbin/master");
    await assert.rejects(
        provider.update(laptop, pinned("10002")),
        /Postfix does not run.*The old configuration is back/s,
    );
    await struck("laptop1");
    assert.equal(configuration("laptop1"), before);
    assert.equal(tryOn("laptop1", "postfix status").code, 0);
    laptop = await provider.update(laptop, pinned("10002"));
    for (const each of [laptop, hub]) await provider.delete(each);
    assert.deepEqual([configuration("laptop1"), configuration("hub")], [untouched, original]);
});

test("what a killed Postfix has left is ended by the next start, though a client keeps it busy", async () => {
    startPerl(
        "hub",
        `use IO::Socket::INET; my $s = IO::Socket::INET->new("127.0.0.1:587"); my $l = <$s>; open(F, ">", "/run/client"); close(F);
         select(undef, undef, undef, 0.05) while -e "/run/client";`,
    );
    await eventually("the client is greeted", () => tryOn("hub", "[ -e /run/client ]").code === 0);
    on("hub", "kill -9 $(tr -d ' ' </var/spool/postfix/pid/master.pid)");
    const left = () => on("hub", "ss -Hltnp sport = :587");
    const orphans = [...left().matchAll(/"smtpd",pid=(\d+)/g)].map(([, pid]) => `/proc/${pid}`);
    assert.notEqual(orphans.length, 0);
    hub = await provider.update(hub, directHub("hub", key, { settings: { smtpd_banner: "after" } }));
    // Else every other client is given to it, and not to the new master.
    assert.equal(on("hub", `ls -d ${orphans.join(" ")} 2>/dev/null || :`), "");
    on("hub", "rm /run/client");
    assert.match(left(), /"master"/);
    await provider.delete(hub);
    assert.equal(configuration("hub"), original);
});

test("a /run with room for all of a change but the number of its process: refused at once, nothing of it stays", async () => {
    const agentBytes = Buffer.byteLength(agentText());
    const said: string[] = [];
    // From room for its text alone on, page by page, until the change begins.
    for (
        let pages = Math.floor(agentBytes / 4096);
        said.every((words) => /prepare the change/.test(words));
        pages++
    ) {
        on(
            "hub",
            `mount -o remount,size=4m /run; head -c 8M /dev/zero >/run/filler 2>/dev/null; truncate -s -$((${pages} * 4096)) /run/filler`,
        );
        const change = provider.update(hub, changed).then(
            () => "went through",
            (error: { details: string }) => error.details,
        );
        said.push(await change.finally(() => on("hub", "rm /run/filler && mount -o remount,size=64m /run")));
        assert.equal(litter("hub"), "");
    }
    assert.ok(said.length > 2, said.join("\n"));
    for (const words of said) assert.match(words, /Nothing was changed on the host|^went through$/);
    hub = await provider.update(hub, changed);
    await provider.delete(hub);
    assert.equal(configuration("hub"), original);
});

test("a block that somebody has cut out keeps its keys, whoever changes the host next, and comes back with them", async () => {
    const cut = (file: string, owner: string) =>
        on(
            "hub",
            `sed -i '/^# BEGIN pulumi-postfix ${owner} /,/^# END pulumi-postfix ${owner}/d' /etc/postfix/${file}`,
        );
    const [owner = ""] = hub.id.split("/");
    const folders = () => on("hub", `ls /etc/postfix/pulumi/${owner}`).trim();
    const [before, mainBefore] = [folders(), readOn("hub", "/etc/postfix/main.cf")];
    for (const file of ["main.cf", "master.cf"]) cut(file, owner);
    const other = await provider.create(grant);
    assert.equal(folders(), before);
    hub = await provider.update(hub, directHub("hub", key));
    for (const each of [other, hub]) await provider.delete(each);
    assert.notEqual(mainBefore, original);
    assert.equal(configuration("hub"), original);
    assert.equal(litter("hub"), "");
});
