import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { connection, eventually, lab, labHost, mailWith, on, operatorKey, send, tryOn } from "./lab";
import { releases } from "./releases";
import { Stack } from "./stack";

const hub = "bare-hub";
const laptops = releases.map(({ debian }) => `bare-${debian}`);
const hosts = [hub, ...laptops];
const stack = new Stack("packages");
/** main.cf as the package left it, before our first line. */
const packaged = new Map<string, string>();

/** A user who is not root installs as well, by sudo. */
const admin = (host: string) => ({ connection: { ...connection(host), user: "admin" }, sudo: true });
const asRoot = (host: string) => ({ connection: connection(host) });

type Reach = (host: string) => Record<string, unknown>;
function configure(reachOf: Record<string, Reach>, install: string[] = hosts): Promise<void> {
    const machine = (host: string) => ({
        ...(reachOf[host] ?? asRoot)(host),
        ...(install.includes(host) ? { installPackage: true } : {}),
    });
    return stack.config(
        {
            smartHost: { name: hub, hostname: labHost(hub).fqdn, ...machine(hub) },
            laptops: Object.fromEntries(laptops.map((name) => [name, machine(name)])),
        },
        { 'privateKeys["*"]': operatorKey() },
    );
}

const firstReach = { [hub]: admin, [laptops[0] ?? ""]: admin };

before(async () => {
    lab("add", hub, "10.77.20.1", "--release", "bookworm-bare", "--fqdn", "mail-bare.example.com");
    for (const [index, { debian }] of releases.entries())
        lab("add", `bare-${debian}`, `10.77.21.${index + 1}`, "--release", `${debian}-bare`);
    // Without an init system Debian starts no service at all; so these have one, as far as invoke-rc.d(8) can see.
    for (const host of hosts)
        on(
            host,
            "printf '#!/bin/sh\\necho N 2\\n' | tee /sbin/runlevel >/sbin/init; chmod 755 /sbin/runlevel /sbin/init",
        );
    await configure(firstReach);
});

after(() => stack.remove());

/** What the install commands printed, as the state has it, by machine. */
async function installed(): Promise<Record<string, string>> {
    const state = JSON.parse((await stack.exportState()).out) as {
        deployment: { resources: { urn: string; id?: string; outputs?: { stdout?: string } }[] };
    };
    return Object.fromEntries(
        state.deployment.resources
            .filter(({ urn }) => urn.endsWith("-install"))
            .map(({ urn, id, outputs }) => [
                urn.replace(/.*::(.*)-install$/, "$1"),
                `${id} ${outputs?.stdout?.trim().split("\n").at(-1)}`,
            ]),
    );
}

const starts = (host: string) =>
    Number(tryOn(host, "grep -c 'master.*: daemon started' /var/log/mail.log").out);

test("the lab's bare hosts have no Postfix, and a preview says that it will be installed", async () => {
    for (const host of hosts) {
        assert.notEqual(tryOn(host, "command -v postconf").code, 0, host);
        assert.notEqual(tryOn(host, "ls -d /etc/postfix").code, 0, host);
    }
    const { code, out } = await stack.preview();
    assert.equal(code, 0, out);
    const diagnostics = out.slice(out.lastIndexOf("\nDiagnostics:\n"));
    const said = diagnostics.match(/Postfix is not on this host and will be installed \(apt-get\)/g) ?? [];
    assert.equal(said.length, hosts.length, out);
    for (const host of hosts) assert.notEqual(tryOn(host, "command -v postconf").code, 0, host);
});

test("a system without a package manager that is known: an error of the preview", async () => {
    const [laptop = ""] = laptops;
    on(laptop, "mv /usr/bin/apt-get /usr/bin/apt-get.away");
    try {
        const { code, out } = await stack.preview();
        assert.notEqual(code, 0);
        const words =
            "installPackage: installPackage knows apt-get, dnf, yum, zypper, apk, pacman, and this system has none of " +
            "them: install Postfix with its own tools, then run this again";
        assert.ok(out.includes(words), out);
    } finally {
        on(laptop, "mv /usr/bin/apt-get.away /usr/bin/apt-get");
    }
});

test("one up installs Postfix, configures it and proves it, as root or by sudo", async () => {
    const { code, out } = await stack.up("--skip-preview");
    assert.equal(code, 0, out);
    assert.doesNotMatch(out, /unproven|not proven/);
    for (const [name, line] of Object.entries(await installed()))
        assert.match(line, /Postfix 3\.\S+ was installed by apt-get$/, name);
    for (const host of hosts) {
        packaged.set(host, on(host, "cat /etc/postfix/pulumi/backup/first/main.cf"));
        assert.notEqual(tryOn(host, "ls /usr/sbin/policy-rc.d").code, 0, `${host} may start services again`);
    }
});

test("Postfix ran with our configuration only: no laptop was unpinned for a moment", () => {
    for (const host of hosts) assert.equal(starts(host), 1, `${host} was started once, by us`);
    for (const laptop of laptops) {
        assert.match(
            packaged.get(laptop) ?? "",
            /^default_transport = error$/m,
            "and would have sent nothing",
        );
        assert.doesNotMatch(on(laptop, "cat /var/log/mail.log"), /(Untrusted|Anonymous) TLS|status=sent/);
    }
    assert.match(packaged.get(hub) ?? "", /^inet_interfaces = all$/m);
});

for (const [index, { postfix }] of releases.entries()) {
    test(`mail flows from a laptop that got Postfix ${postfix}`, async () => {
        const laptop = laptops[index] ?? "";
        assert.match(on(laptop, "postconf -dh mail_version"), new RegExp(`^${postfix}\\.`));
        send(laptop, `installed-${postfix}`, `alice@${labHost(hub).fqdn}`);
        await eventually("the mail arrives", () => mailWith(hub, `installed-${postfix}`));
        assert.match(on(laptop, "cat /var/log/mail.log"), /Verified TLS connection established to mail-bare/);
    });
}

test("a second up changes nothing", async () => {
    const { code, out } = await stack.up("--skip-preview", "--expect-no-changes");
    assert.equal(code, 0, out);
});

test("another user, with sudo or without, other retries: the connection changes and nothing is installed again", async () => {
    const before = await installed();
    const calls = () => hosts.map((host) => on(host, "wc -c </var/log/apt/history.log"));
    const counted = calls();
    const patient: Reach = (host) => ({
        connection: { ...connection(host), user: "admin", dialErrorLimit: 3, perDialTimeout: 5 },
        sudo: true,
    });
    await configure({ ...Object.fromEntries(laptops.map((name) => [name, patient])), [hub]: asRoot });
    const { code, out } = await stack.up("--skip-preview");
    assert.equal(code, 0, out);
    assert.match(out, /Resources:\n(?:.*\n)*? +~ \d+ updated/);
    assert.deepEqual(await installed(), before);
    assert.deepEqual(calls(), counted);
    await configure(firstReach);
    assert.equal((await stack.up()).code, 0);
});

test("destroy leaves the package with the configuration that it came with; up finds it there", async () => {
    const destroyed = await stack.destroy();
    assert.equal(destroyed.code, 0, destroyed.out);
    for (const host of hosts) {
        assert.equal(on(host, "cat /etc/postfix/main.cf"), packaged.get(host), host);
        assert.equal(tryOn(host, "ls -d /etc/postfix/pulumi").code === 0, false, host);
        assert.equal(on(host, "dpkg-query -W -f '${Status}' postfix"), "install ok installed", host);
    }
    const again = await stack.up();
    assert.equal(again.code, 0, again.out);
    for (const [name, line] of Object.entries(await installed()))
        assert.match(line, /Postfix 3\.\S+ is there already$/, name);
    assert.equal((await stack.destroy()).code, 0);
});
