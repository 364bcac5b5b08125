import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { DirectProvider, type Kept } from "./direct";
import { directHub, directLaptop, newKeyPair } from "./direct-machines";
import {
    configuration,
    eventually,
    litter,
    on,
    operatorKey,
    operatorPassword,
    repo,
    startPerl,
    tryOn,
} from "./lab";
import { Needles } from "./needles";
import { agentAndSession, perl, strike, struck } from "./strike";
import { processesDuring } from "./watched-processes";

/** Where a key might stay or show when something goes wrong. What goes right: secrets.test.ts. */
let provider: DirectProvider;
let wrote = "";
const folder = mkdtempSync(join(tmpdir(), "pulumi-postfix-secrets-"));
const needles = new Needles();
const [hubKey, laptopKey] = [newKeyPair("hub"), newKeyPair("laptop")];
const originals = new Map<string, string>();
const hosts = ["hub", "laptop1", "laptop2", "laptop3"];
const kept = new Map<string, Kept>();

const clean = (what: string, text: string) =>
    assert.deepEqual(needles.in(text), [], `${what} holds a secret`);

const wanted = (host: string, count: number) => {
    const role = { settings: { smtpd_banner: `$myhostname ESMTP ${count}` } };
    return host === "hub"
        ? directHub("hub", hubKey, role)
        : directLaptop(host, laptopKey, { host: "hub", pins: [hubKey.pin] }, role);
};

/** Files with a secret on a host, without those where it belongs. */
function strays(host: string): string[] {
    const patterns = needles.texts.map((text) => `-e '${text}'`).join(" ");
    const places = "/etc /var /tmp /run /root /home /dev/shm /srv /opt /usr/local";
    const holders = on(host, `grep -rlFs ${patterns} ${places} || true`).split("\n").filter(Boolean);
    for (const file of holders)
        assert.equal(on(host, `stat -c '%a %U:%G' ${file}`), "600 root:root\n", `${file} on ${host}`);
    return holders.filter(
        (file) => !/^\/etc\/postfix\/pulumi\/[a-z0-9-]+\/[0-9a-f]{16}\/identity\.pem$/.test(file),
    );
}

async function change(host: string, count: number): Promise<void> {
    const before_ = kept.get(host);
    const inputs = wanted(host, count);
    kept.set(host, await (before_ ? provider.update(before_, inputs) : provider.create(inputs)));
}

/** Throws, outside of any call, errors that have a key in all places where an error has text. */
const saboteur = `
const { readFileSync } = require("node:fs");
let turn = 0;
process.on("SIGUSR2", () => {
    const key = readFileSync(process.env.SABOTEUR_KEY, "utf8");
    if (turn++ === 0) return void Promise.reject(Object.assign(new Error(key), { code: "ECONNRESET", key }));
    const error = new TypeError("received " + JSON.stringify(key));
    error.name = "TypeError";
    setImmediate(() => { throw error; });
});
`;

before(async () => {
    needles.addKey("the operator's SSH key", operatorKey());
    needles.add("the operator's password", operatorPassword());
    needles.addKey("the hub's key", hubKey.privateKey, hubKey.certificate);
    needles.addKey("the laptop's key", laptopKey.privateKey, laptopKey.certificate);
    for (const host of hosts) originals.set(host, configuration(host));
    provider = await DirectProvider.start({}, (text) => {
        wrote += text;
    });
});
after(() => {
    provider.stop();
    rmSync(folder, { recursive: true });
});

test("a hundred changes: no process here or on the hosts had a secret on its command line or in its environment", async () => {
    const processes = await processesDuring(() =>
        Promise.all(
            hosts.map(async (host) => {
                for (let count = 0; count < 25; count++) await change(host, count);
            }),
        ),
    );
    for (const seen of [
        /^\/bin\/sh -s/,
        /\/run\/pulumi-postfix\/[0-9a-f]+\/run locked/,
        /^postmap |^postconf /,
    ])
        assert.ok(
            processes.some(([command]) => seen.test(command)),
            `${seen} was not seen`,
        );
    for (const [command, environment] of processes)
        clean(`the command line or environment of ${command.slice(0, 60)}`, command + environment);
    for (const host of hosts) assert.deepEqual(strays(host), [], host);
    clean("what the provider wrote", wrote + provider.said.join("\n"));
});

for (const [index, step] of [
    "write keys and tables",
    "check the new configuration",
    "commit",
    "reload Postfix",
].entries()) {
    test(`killed at "${step}": no key where none belongs, and none at all after the next change`, async () => {
        const out = `grep { ${perl.contains("$_", `^step ${step}`)} } glob("/run/pulumi-postfix/*/out")`;
        strike("hub", out, agentAndSession);
        const wantedNow = 1_000 + index;
        await assert.rejects(change("hub", wantedNow), ({ details }: { details: string }) => {
            clean("the error", details);
            return true;
        });
        await struck("hub");
        for (const file of strays("hub")) assert.match(file, /^\/run\/pulumi-postfix\/[0-9a-f]{16}\/run$/);
        await change("hub", wantedNow);
        assert.deepEqual(strays("hub"), []);
        assert.equal(litter("hub"), "");
    });
}

test("the provider is killed in the middle of a change: nothing stays here, and on the host only what belongs there", async () => {
    const scratch = join(folder, "scratch");
    mkdirSync(scratch);
    const own = await DirectProvider.start({ TMPDIR: scratch });
    const started = own.update(kept.get("hub") as Kept, wanted("hub", 2_000)).then(
        () => "done",
        () => "broken off",
    );
    await eventually("the change is under way", () =>
        own.said.some((text) => text.includes("check the new")),
    );
    own.stop();
    assert.equal(await started, "broken off");
    await eventually("the host ends it alone", () => tryOn("hub", "ls -d /run/pulumi-postfix/*/").code !== 0);
    assert.deepEqual(strays("hub"), []);
    assert.deepEqual(readdirSync(scratch), []);
    await change("hub", 2_000);
    assert.equal(litter("hub"), "");
});

test("a full disk: the key that could not be written whole is not there in part", async () => {
    const spoil =
        "mount -t tmpfs -o size=12k none /etc/postfix/pulumi/$(ls /etc/postfix/pulumi | grep -v backup) && head -c 12288 /dev/zero >/etc/postfix/pulumi/$(ls /etc/postfix/pulumi | grep -v backup)/full; true";
    on("hub", spoil);
    try {
        await assert.rejects(change("hub", 3_000), ({ details }: { details: string }) => {
            clean("the error", details);
            return /cannot (make|write)/.test(details);
        });
        assert.equal(
            on("hub", "ls /etc/postfix/pulumi/$(ls /etc/postfix/pulumi | grep -v backup)"),
            "full\n",
        );
        assert.deepEqual(strays("hub"), []);
    } finally {
        on("hub", "umount /etc/postfix/pulumi/$(ls /etc/postfix/pulumi | grep -v backup)");
    }
    await change("hub", 3_001);
});

test("where /bin/sh is bash, which puts here-documents into files, no key goes through a folder for all", async () => {
    // Where neither of the first two will have it, bash takes the folder that it is in: root's.
    const readOnly = ["/tmp", "/var/tmp", "/root"];
    on("hub", `mount --bind /bin/bash $(readlink -f /bin/sh)`);
    for (const place of readOnly) on("hub", `mount -t tmpfs -o ro none ${place}`);
    try {
        await change("hub", 4_000);
    } finally {
        for (const place of readOnly) on("hub", `umount ${place}`);
        on("hub", "umount $(readlink -f /bin/sh)");
    }
    assert.deepEqual(strays("hub"), []);
});

test("the agent may leave no core, and a Postfix that it starts has the host's own limit", async () => {
    // A login's limits come from there, not from sshd (pam_limits(8)).
    const limitsOfLogins = "/etc/security/limits.d/cores.conf";
    on("hub", `echo root soft core unlimited >${limitsOfLogins}; postfix stop`);
    startPerl(
        "hub",
        `until (@hit) { for (glob("/proc/[0-9]*")) { open(F, "$_/cmdline") or next; local $/; $c = <F>;
            $c =~ m,/run/pulumi-postfix/[0-9a-f]+/run.locked, or next; open(F, "$_/limits") or next;
            push @hit, grep { /core file/ } split(/\\n/, <F>); } }
         open(F, ">", "/run/limits.new"); print F $hit[0]; close(F); rename("/run/limits.new", "/run/limits");`,
    );
    await change("hub", 5_000);
    const limits = await eventually(
        "the agent was seen",
        () => tryOn("hub", "cat /run/limits 2>/dev/null").out,
    );
    assert.match(limits, /^Max core file size +0 /);
    const master = on("hub", "grep 'core file' /proc/$(tr -d ' ' </var/spool/postfix/pid/master.pid)/limits");
    assert.match(master, /^Max core file size +unlimited /);
    on("hub", `rm ${limitsOfLogins}`);
});

test("the provider leaves no core when it crashes, whatever the limit of whoever starts it", async () => {
    const launcher = join(repo, "bin", "pulumi-resource-postfix");
    const place = join(folder, "cores");
    mkdirSync(place);
    const crash = async (command: string): Promise<string[]> => {
        const words = ["-c", `ulimit -c unlimited && cd ${place} && exec ${command}`];
        const child = spawn("bash", words, { stdio: ["pipe", "pipe", "ignore"] });
        await once(child.stdout, "data");
        child.kill("SIGABRT");
        const [, signal] = (await once(child, "exit")) as [number | null, string];
        assert.equal(signal, "SIGABRT");
        const cores = readdirSync(place);
        for (const name of cores) rmSync(join(place, name));
        return cores;
    };
    assert.deepEqual(await crash(`'${launcher}'`), []);
    // Else this machine keeps cores elsewhere, or none, and nothing was shown.
    if (/^core/.test(readFileSync("/proc/sys/kernel/core_pattern", "utf8")))
        assert.notDeepEqual(await crash(`node '${join(repo, "dist", "provider", "main.js")}'`), []);
});

test("what goes wrong outside of any call is told without its text", async () => {
    writeFileSync(join(folder, "saboteur.cjs"), saboteur);
    writeFileSync(join(folder, "key"), hubKey.privateKey);
    let said = "";
    const environment = {
        NODE_OPTIONS: `--require ${join(folder, "saboteur.cjs")}`,
        SABOTEUR_KEY: join(folder, "key"),
    };
    const own = await DirectProvider.start(environment, (text) => {
        said += text;
    });
    try {
        own.process.kill("SIGUSR2");
        await eventually("the rejection is told", () => /report it: Error ECONNRESET/.test(said));
        own.process.kill("SIGUSR2");
        await eventually("the exception is told", () => /report it: TypeError at /.test(said));
        await eventually("it ends", () => own.process.exitCode !== null);
        assert.equal(own.process.exitCode, 1);
        clean("stderr", said);
        clean("what the engine got", own.said.join("\n"));
    } finally {
        own.stop();
    }
});

test("SIGUSR1 opens no debugger", async () => {
    const stood = wrote.length;
    provider.process.kill("SIGUSR1");
    // Whatever it would say, it says before it answers again.
    for (let count = 0; count < 20; count++) await provider.check(wanted("hub", count));
    assert.equal(wrote.slice(stood), "");
});

test("after all this the provider wrote no secret, and the hosts get theirs back", async () => {
    for (const host of [...hosts].reverse()) await provider.delete(kept.get(host) as Kept);
    for (const host of hosts) {
        assert.equal(configuration(host), originals.get(host), host);
        const patterns = needles.texts.map((text) => `-e '${text}'`).join(" ");
        const left = on(host, `grep -rlFs ${patterns} /etc /var /tmp /run /root /home /dev/shm || true`);
        assert.equal(left, "", "after the last owner has left no key is there");
    }
    clean("what the provider wrote", wrote);
    clean("what the engine got", provider.said.join("\n"));
});
