import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
import { Problems } from "../../postfix/problems";
import { networkHookProblems } from "../../postfix/validate/network-hooks";

const owner = "alice-0123abcd";
const folder = mkdtempSync(join(tmpdir(), "hooks-"));
after(() => rmSync(folder, { recursive: true }));

const manager = (name: string): NetworkManager => {
    const found = networkManagers.find((candidate) => candidate.name === name);
    assert.ok(found);
    return found;
};

/** A hook on a machine whose Postfix has all its things in one folder, with this as postqueue. */
function install(name: string, postqueue?: (bin: string) => string): { bin: string; hook: string } {
    const bin = mkdtempSync(join(folder, "bin-"));
    const program = (file: string, body: string) =>
        writeFileSync(join(bin, file), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    program("postconf", `echo ${bin}`);
    if (postqueue) program("postqueue", postqueue(bin));
    const hook = join(bin, "hook");
    writeFileSync(hook, hookText(manager(name), owner).replace(/^PATH=/m, `PATH=${bin}:`), { mode: 0o755 });
    return { bin, hook };
}

/** Runs a hook as its manager does; says whether the queue was sent. */
function sends(name: string, words: string[], env: Record<string, string>): boolean {
    const { bin, hook } = install(name, (home) => `echo "$*" >${home}/sent`);
    // A fourth pipe, which what it leaves behind holds open: so this waits for that as well.
    const ran = spawnSync(hook, words, { env, stdio: ["ignore", "pipe", "pipe", "pipe"], encoding: "utf8" });
    assert.deepEqual([ran.status, ran.stdout, ran.stderr], [0, "", ""]);
    if (!existsSync(join(bin, "sent"))) return false;
    assert.equal(readFileSync(join(bin, "sent"), "utf8"), "-f\n");
    return true;
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
        assert.equal(sends(name, words, env), sent);
    });
}

for (const { name } of networkManagers) {
    test(`${name}: a hook is quick whatever postqueue does, and quiet where Postfix is gone`, () => {
        const env = { IFACE: "eth0", MODE: "start" };
        const { bin, hook } = install(name, (home) => `while [ -d ${home} ]; do sleep 0.1; done; exit 69`);
        // What hangs ends with its folder, which is only removed afterwards.
        const stuck = spawnSync(hook, ["eth0", "up"], { env, encoding: "utf8" });
        assert.deepEqual([stuck.status, stuck.stdout, stuck.stderr], [0, "", ""]);
        rmSync(bin, { recursive: true });
        const gone = spawnSync(install(name).hook, ["eth0", "up"], { env, encoding: "utf8" });
        assert.deepEqual([gone.status, gone.stdout, gone.stderr], [0, "", ""]);
    });
}

test("a chroot jail learns the new resolver before the queue is sent", () => {
    const { bin, hook } = install("ifupdown", (home) => `cp ${home}/etc/resolv.conf ${home}/seen`);
    const jail = join(bin, "etc", "resolv.conf");
    mkdirSync(join(bin, "etc"));
    writeFileSync(jail, "nameserver of the network before\n");
    spawnSync(hook, { env: { IFACE: "eth0" }, stdio: ["ignore", "pipe", "pipe", "pipe"] });
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

test("a Host's networkHooks are of known tools, which can do one thing", () => {
    const problems = new Problems();
    const values = { NetworkManger: "flush", ifupdown: "restart", NetworkManager: "flush" };
    networkHookProblems(values, problems.at("networkHooks"), () => true);
    assert.deepEqual(
        problems.list.map(({ path, reason }) => `${path}: ${reason}`),
        [
            "networkHooks.NetworkManger: unknown; is NetworkManager meant?",
            'networkHooks.ifupdown: given "restart" (a string), allowed: "flush"',
        ],
    );
});
