import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { Security } from "../../postfix/words";
import { DirectProvider, type Kept, type Values } from "./direct";
import { directGrant, directHub, directLaptop, newKeyPair } from "./direct-machines";
import { configuration, eventually, labHost, litter, mailWith, on, readOn, send } from "./lab";

let provider: DirectProvider;
const [hubKey, laptopKey, otherKey] = [newKeyPair("hub"), newKeyPair("laptop1"), newKeyPair("other")];
const originals = new Map<string, string>();
const kept: Kept[] = [];

const main = "/etc/postfix/main.cf";
const hub = (more: Values = {}) => directHub("hub", hubKey, {}, more);
const grant = (owner = "laptops", more: Values = {}) =>
    directGrant(owner, "hub", [{ name: "laptop1", pins: [laptopKey.pin] }], more);
const laptop = (more: Values = {}, security: Security = Security.Fingerprint) =>
    directLaptop("laptop1", laptopKey, { host: "hub", pins: [hubKey.pin] }, { security }, more);

/** Makes a fragment that the test's end removes again. */
async function made(inputs: Values): Promise<Kept> {
    const one = await provider.create(inputs);
    kept.push(one);
    return one;
}

async function removed(one: Kept): Promise<void> {
    await provider.delete(one);
    kept.splice(kept.indexOf(one), 1);
}

before(async () => {
    provider = await DirectProvider.start();
    for (const host of ["hub", "laptop1"]) originals.set(host, configuration(host));
});
async function clear(): Promise<void> {
    on("laptop1", "postsuper -d ALL 2>/dev/null");
    for (const one of kept.splice(0).reverse()) await provider.delete(one);
}
after(async () => {
    await clear();
    provider.stop();
});

describe("mail that waits on a laptop", () => {
    let standing: Kept;
    const grounds: Kept[] = [];
    before(async () => {
        grounds.push(await provider.create(hub()), await provider.create(grant()));
    });
    afterEach(clear);
    after(async () => {
        for (const one of grounds.splice(0).reverse()) await provider.delete(one);
    });

    async function deferred(subject: string): Promise<void> {
        const { ip } = labHost("hub");
        on("laptop1", `ip route add unreachable ${ip}`);
        send("laptop1", subject);
        await eventually("it is deferred", () => queue().includes("(connect to "));
        on("laptop1", `ip route del unreachable ${ip}`);
    }

    /** A laptop with one mail that waits because the hub was out of reach. */
    async function waiting(onDelete: string, subject: string): Promise<void> {
        standing = await made(laptop({ onDelete }));
        await deferred(subject);
    }
    const queue = () => on("laptop1", "postqueue -p");
    const level = () => on("laptop1", "postconf -h smtp_tls_security_level").trim();
    const isHeld = () => /^[0-9A-Za-z]+! /m.test(queue());

    const weaken = async (onDelete: string) => {
        standing = await provider.update(standing, laptop({ onDelete }, Security.Encrypt));
    };

    test('stops a weaker level with onDelete "stop"', async () => {
        await waiting("stop", "stop");
        const before = configuration("laptop1");
        await assert.rejects(weaken("stop"), /1 mail waits in this laptop's queue/);
        assert.equal(configuration("laptop1"), before);
        assert.equal(litter("laptop1"), "");
        assert.equal(isHeld(), false);
        on("laptop1", "postsuper -d ALL 2>/dev/null");
        await weaken("stop");
        assert.equal(level(), "encrypt");
    });

    test('is held at a weaker level with onDelete "hold"', async () => {
        await waiting("hold", "hold");
        await weaken("hold");
        assert.equal(isHeld(), true);
        assert.equal(level(), "encrypt");
    });

    test('goes to the pinned hub before a weaker level with onDelete "flush"', async () => {
        const subject = `flush-${Date.now()}`;
        await waiting("flush", subject);
        await weaken("flush");
        assert.match(mailWith("hub", subject) ?? "", /Client CN "laptop1"/);
        assert.match(queue(), /Mail queue is empty/);
        assert.equal(level(), "encrypt");
    });

    test('goes on by the new way after a weaker level with onDelete "release"', async () => {
        await waiting("release", "release");
        await weaken("release");
        assert.equal(isHeld(), false);
        assert.equal(level(), "encrypt");
    });

    test("is no matter for a stronger level", async () => {
        standing = await made(laptop({}, Security.Encrypt));
        await deferred("stronger");
        standing = await provider.update(standing, laptop());
        assert.equal(level(), "fingerprint");
        on("laptop1", "postsuper -d ALL 2>/dev/null");
        kept[kept.length - 1] = standing;
    });
});

describe("what an admin has edited since", () => {
    const save = "cp -p main.cf /root/main.cf.own && cp -p master.cf /root/master.cf.own";
    beforeEach(() => on("hub", `cd /etc/postfix && ${save}`));
    afterEach(clear);
    afterEach(() =>
        on(
            "hub",
            "cd /etc/postfix && mv /root/main.cf.own main.cf && mv /root/master.cf.own master.cf && rm -rf pulumi && postfix reload",
        ),
    );

    /** The same edit of a file, with our blocks in it or without; lines are known by what stands in them. */
    const edits: [string, string][] = [
        ["a line before our blocks", "sed -i '/^mailbox_size_limit/i disable_vrfy_command = yes' FILE"],
        ["a line behind our blocks", "printf 'disable_vrfy_command = yes\\n' >>FILE"],
        ["a line behind our blocks without a newline", "printf 'disable_vrfy_command = yes' >>FILE"],
        ["a comment beside a line that yields", "sed -i '/smtpd_tls_cert_file/i # mine' FILE"],
        ["a line that yields, with another value", "sed -i 's,ssl-cert-snakeoil.pem,other.pem,' FILE"],
        ["a line that yields, taken out", "sed -i '/smtpd_tls_key_file/d' FILE"],
    ];
    for (const [what, edit] of edits) {
        test(`${what} stays when the owners leave, and nothing else does`, async () => {
            const copy = "/root/edited";
            on("hub", `cp ${main} ${copy} && ${edit.replace("FILE", copy)}`);
            const wanted = readOn("hub", copy);
            const master = readOn("hub", "/etc/postfix/master.cf");
            const first = await made(hub());
            const second = await made(grant());
            on("hub", edit.replace("FILE", main));
            on("hub", `touch -d '1 minute ago' ${main}`);
            await removed(second);
            const warned = provider.warned.length;
            await removed(first);
            assert.deepEqual(provider.warned.slice(warned), []);
            assert.equal(readOn("hub", main), wanted);
            assert.equal(readOn("hub", "/etc/postfix/master.cf"), master);
            assert.equal(litter("hub"), "");
        });
    }

    test("between two owners' blocks stays where it was among the admin's own lines", async () => {
        const before = readOn("hub", main);
        const first = await made(hub());
        const second = await made(grant());
        on(
            "hub",
            `sed -i '/^# BEGIN pulumi-postfix laptops-/i disable_vrfy_command = yes' ${main}; touch -d '1 minute ago' ${main}`,
        );
        await provider.update(second, grant("laptops", { main: { bounce_size_limit: "50001" } }));
        assert.match(readOn("hub", main), /^disable_vrfy_command = yes\n# BEGIN pulumi-postfix laptops-/m);
        await removed(second);
        await removed(first);
        assert.equal(readOn("hub", main), `${before}disable_vrfy_command = yes\n`);
    });

    test("as the only change is kept beside a backup of the files from before our first", async () => {
        const before = readOn("hub", main);
        const one = await made(hub());
        on("hub", `printf 'disable_vrfy_command = yes\\n' >>${main}; touch -d '1 minute ago' ${main}`);
        await removed(one);
        const backup = "/etc/postfix/pulumi/backup/first";
        assert.equal(readOn("hub", `${backup}/main.cf`), before);
        const again = await made(hub());
        assert.equal(readOn("hub", `${backup}/main.cf`), before, "a later create overwrote it");
        on("hub", `sed -i '/^disable_vrfy_command = yes$/d' ${main}; touch -d '1 minute ago' ${main}`);
        await removed(again);
        assert.equal(readOn("hub", main), before);
        assert.equal(configuration("hub"), originals.get("hub"), "it says no more than the live files");
    });
});

test("a create that fails after its commit leaves nothing, and one that follows can be undone", async () => {
    const wrong = hub({ proof: { serves: { port: 587, pins: [otherKey.pin] } } });
    await assert.rejects(provider.create(wrong), /does not serve the intended key/);
    assert.equal(configuration("hub"), originals.get("hub"));
    assert.equal(litter("hub"), "");
    await removed(await made(hub()));
    assert.equal(configuration("hub"), originals.get("hub"));
});

test("a hub does not go while other programs' grants stand on it, and says whose", async () => {
    const one = await made(hub());
    const berlin = await made(grant("berlin"));
    const rome = await made(directGrant("rome", "hub", [{ name: "x", pins: [otherKey.pin] }]));
    const owner = (of: Kept) => of.id.split("/")[0];
    const before = configuration("hub");
    await assert.rejects(provider.delete(one), (error: { details?: string }) => {
        const said = String(error.details);
        assert.match(said, new RegExp(`"${owner(berlin)}", "${owner(rome)}" of other programs stand on it`));
        assert.match(said, /pulumi destroy in those stacks/);
        return true;
    });
    assert.equal(configuration("hub"), before);
    await removed(rome);
    await assert.rejects(provider.delete(one), /of other programs stands on it/);
    await removed(berlin);
    await removed(one);
    assert.equal(configuration("hub"), originals.get("hub"));
});

describe("files that an admin has arranged in his own way", () => {
    const real = "/srv/mail/main.cf";
    // setxattr(2) and getxattr(2): the hosts have no other tool for them.
    const [set, get] = process.arch === "arm64" ? [5, 8] : [188, 191];
    const entries = "[1,6,0xffffffff],[2,4,33],[4,4,0xffffffff],[16,4,0xffffffff],[32,0,0xffffffff]";
    const attributes = ["user.note", "system.posix_acl_access"];
    const perl = (program: string) => on("hub", `perl -e '${program}'`);
    const shown = () =>
        on("hub", `readlink ${main}; stat -c '%a %U:%G %F' ${real} /etc/postfix/master.cf`) +
        attributes
            .map((name) =>
                perl(
                    `my ($f, $n, $b) = ("${real}", "${name}", "\\0" x 200); my $r = syscall(${get}, $f, $n, $b, 200); print "$n ", $r < 0 ? "none" : unpack("H*", substr($b, 0, $r)), "\\n"`,
                ),
            )
            .join("");

    test("keep links, modes, groups and attributes through create, update and destroy", async () => {
        on(
            "hub",
            `mkdir -p /srv/mail && mv ${main} ${real} && ln -s ../../srv/mail/main.cf ${main} &&
            chgrp postfix ${real} && chmod 0640 ${real} && chmod 0600 /etc/postfix/master.cf`,
        );
        perl(
            `my ($f, $n, $v) = ("${real}", "user.note", "his"); syscall(${set}, $f, $n, $v, 3, 0) == 0 or die $!;
            my ($m, $a) = ("system.posix_acl_access", pack("V", 2) . join("", map { pack("vvV", @$_) } ${entries})); syscall(${set}, $f, $m, $a, length $a, 0) == 0 or die $!`,
        );
        try {
            const [before, text] = [shown(), readOn("hub", real)];
            assert.match(before, /^640 root:postfix regular file\n600 root:root/m);
            assert.match(before, /user\.note 686973\nsystem\.posix_acl_access 02/);
            const one = await made(hub());
            assert.notEqual(readOn("hub", real), text);
            assert.equal(shown(), before, "after the create");
            assert.equal(
                on(
                    "hub",
                    "stat -c '%a %U:%G' /etc/postfix/pulumi/backup/first /etc/postfix/pulumi/backup/first/*",
                ),
                "700 root:root\n640 root:postfix\n600 root:root\n",
            );
            const changed = await provider.update(
                one,
                directHub("hub", hubKey, { settings: { biff: "no" } }),
            );
            kept[kept.indexOf(one)] = changed;
            assert.equal(shown(), before, "after the update");
            await removed(changed);
            assert.equal(shown(), before, "after the destroy");
            assert.equal(readOn("hub", real), text);
        } finally {
            on(
                "hub",
                `cp --remove-destination --preserve=timestamps ${real} ${main} && rm -r /srv/mail && chmod 0644 ${main} /etc/postfix/master.cf`,
            );
        }
        assert.equal(configuration("hub"), originals.get("hub"));
    });
});
