import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import {
    hookPath,
    hookText,
    type NetworkManager,
    needsHook,
    networkManagers,
} from "../../postfix/network-hooks";

const owner = "alice-0123abcd";
const folder = mkdtempSync(join(tmpdir(), "hooks-"));
after(() => rmSync(folder, { recursive: true }));

const manager = (name: string): NetworkManager => {
    const found = networkManagers.find((candidate) => candidate.name === name);
    assert.ok(found);
    return found;
};

/** Runs a hook as its manager does, on a machine with these commands; says whether the queue was sent. */
function sends(name: string, words: string[], env: Record<string, string>, postqueue?: string): boolean {
    const bin = mkdtempSync(join(folder, "bin-"));
    const sent = join(bin, "sent");
    if (postqueue !== undefined)
        writeFileSync(join(bin, "postqueue"), `#!/bin/sh\necho "$*" >${sent}\n${postqueue}\n`, {
            mode: 0o755,
        });
    writeFileSync(join(bin, "postconf"), `#!/bin/sh\necho ${bin}/queue\n`, { mode: 0o755 });
    const hook = join(bin, "hook");
    writeFileSync(hook, hookText(manager(name), owner).replace(/^PATH=/m, `PATH=${bin}:`));
    chmodSync(hook, 0o755);
    // Not waiting for what it leaves behind: what it is told to write to is closed for it.
    const ran = spawnSync(hook, words, { env, encoding: "utf8", timeout: 10_000 });
    assert.deepEqual([ran.status, ran.signal, ran.stdout, ran.stderr], [0, null, "", ""], hook);
    for (let tries = 0; tries < 200 && postqueue !== undefined && !existsSync(sent); tries++)
        spawnSync("sleep", ["0.01"]);
    return existsSync(sent) && readFileSync(sent, "utf8") === "-f\n";
}

const events: [name: string, words: string[], env: Record<string, string>, sent: boolean][] = [
    ["NetworkManager", ["wlan0", "up"], {}, true],
    ["NetworkManager", ["tun0", "vpn-up"], {}, true],
    ["NetworkManager", ["none", "connectivity-change"], { CONNECTIVITY_STATE: "FULL" }, true],
    ["NetworkManager", ["none", "connectivity-change"], { CONNECTIVITY_STATE: "PORTAL" }, false],
    ["NetworkManager", ["wlan0", "down"], {}, false],
    ["NetworkManager", ["wlan0", "pre-up"], {}, false],
    ["NetworkManager", ["lo", "up"], {}, false],
    ["networkd-dispatcher", [], { IFACE: "eth0", OperationalState: "routable" }, true],
    ["networkd-dispatcher", [], { IFACE: "lo", OperationalState: "routable" }, false],
    ["ifupdown", [], { IFACE: "eth0", MODE: "start", PHASE: "post-up", METHOD: "dhcp" }, true],
    ["ifupdown", [], { IFACE: "--all", MODE: "start", PHASE: "post-up" }, true],
    ["ifupdown", [], { IFACE: "lo", MODE: "start", PHASE: "post-up" }, false],
    ["ifupdown", [], { IFACE: "eth0", MODE: "stop", PHASE: "post-down" }, false],
];

for (const [name, words, env, sent] of events) {
    const event = [...words, ...Object.entries(env).map(([key, value]) => `${key}=${value}`)].join(" ");
    test(`${name}, ${event}: ${sent ? "the queue is sent" : "nothing happens"}`, () => {
        assert.equal(sends(name, words, env, ""), sent);
    });
}

for (const { name } of networkManagers) {
    test(`${name}: a hook is quick whatever postqueue does, and quiet where Postfix is gone`, () => {
        const env = { IFACE: "eth0", MODE: "start" };
        assert.equal(sends(name, ["eth0", "up"], env, "sleep 60; exit 69"), true);
        assert.equal(sends(name, ["eth0", "up"], env), false);
    });
}

test("a chroot jail learns the new resolver before the queue is sent", () => {
    const bin = mkdtempSync(join(folder, "jail-"));
    const jail = join(bin, "etc", "resolv.conf");
    mkdirSync(join(bin, "etc"));
    writeFileSync(jail, "nameserver of the network before\n");
    writeFileSync(join(bin, "postconf"), `#!/bin/sh\necho ${bin}\n`, { mode: 0o755 });
    writeFileSync(
        join(bin, "postqueue"),
        `#!/bin/sh\ncp ${jail} ${bin}/seen.new; mv ${bin}/seen.new ${bin}/seen\n`,
        {
            mode: 0o755,
        },
    );
    const hook = hookText(manager("ifupdown"), owner).replace(/^PATH=/m, `PATH=${bin}:`);
    writeFileSync(join(bin, "hook"), hook, { mode: 0o755 });
    spawnSync(join(bin, "hook"), { env: { IFACE: "eth0" } });
    for (let tries = 0; tries < 200 && !existsSync(join(bin, "seen")); tries++) spawnSync("sleep", ["0.01"]);
    assert.equal(readFileSync(join(bin, "seen"), "utf8"), readFileSync("/etc/resolv.conf", "utf8"));
});

test("a hook's name is one that run-parts takes, and the last of its folder", () => {
    for (const each of networkManagers) {
        const name = hookPath(each, owner).slice(each.directory.length + 1);
        assert.match(name, /^[a-zA-Z0-9_-]+$/);
        assert.deepEqual([name, "postfix", "99-x", "01-ifupdown"].sort().at(-1), name);
    }
});

const packaged = "/etc/network/if-up.d/postfix";
const dispatched = "/usr/lib/networkd-dispatcher/routable.d/postfix";
const byIfupdown = "/usr/lib/NetworkManager/dispatcher.d/01-ifupdown";
const folders = networkManagers.map(({ directory }) => directory);
const everything = [...folders, "/usr/sbin/ifup"];

for (const [what, there, flushes, needed] of [
    ["a machine with none of them", [], [], []],
    [
        "a machine with all, whose package sends nothing",
        everything,
        [],
        ["NetworkManager", "networkd-dispatcher", "ifupdown"],
    ],
    [
        "Debian 11: ifupdown sends by the package",
        everything,
        [packaged],
        ["NetworkManager", "networkd-dispatcher"],
    ],
    ["Debian 12: networkd-dispatcher too", everything, [packaged, dispatched], ["NetworkManager"]],
    [
        "... and NetworkManager by way of ifupdown's folder",
        [...everything, byIfupdown],
        [packaged, dispatched],
        [],
    ],
    [
        "... which says nothing where the package sends nothing",
        [...everything, byIfupdown],
        [],
        ["NetworkManager", "networkd-dispatcher", "ifupdown"],
    ],
    [
        "ifupdown's folder without ifupdown: Postfix's own package brings it",
        folders,
        [],
        ["NetworkManager", "networkd-dispatcher"],
    ],
    ["only NetworkManager", [folders[0] ?? ""], [], ["NetworkManager"]],
] as [string, string[], string[], string[]][]) {
    test(`which hooks are needed: ${what}`, () => {
        const facts = { there, flushes };
        assert.deepEqual(
            networkManagers.filter((each) => needsHook(each, facts)).map(({ name }) => name),
            needed,
        );
    });
}
