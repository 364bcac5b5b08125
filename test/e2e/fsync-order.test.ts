import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { DirectProvider, type Kept } from "./direct";
import { directGrant, directHub, newKeyPair } from "./direct-machines";
import { configuration, eventually, on } from "./lab";

/**
 * What a power cut leaves is what was on the disk. Killed processes say nothing about that, as the kernel writes what they
 * wrote; so this looks at the order in which a change asks for it: file, its name, the folder of the name.
 */
const folder = mkdtempSync(join(tmpdir(), "pulumi-postfix-strace-"));
const output = join(folder, "calls");
const [hubKey, laptopKey] = [newKeyPair("hub"), newKeyPair("laptop1")];
let provider: DirectProvider;
let strace: ChildProcess;
let original = "";

/** The listening sshd of a host, by its number on this machine: what it starts is followed. */
function sshdOf(host: string): string {
    const namespace = on(host, "readlink /proc/self/ns/pid").trim();
    const there = readdirSync("/proc").find((pid) => {
        try {
            return (
                readlinkSync(`/proc/${pid}/ns/pid`) === namespace &&
                readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith("sshd: /usr/sbin/sshd")
            );
        } catch {
            return false;
        }
    });
    assert.ok(there, `no sshd on ${host}`);
    return there;
}

interface Call {
    name: string;
    /** Its paths, as the process knew them. */
    paths: string[];
}

/** Calls that went well, in the order in which they ended. */
function calls(): Call[] {
    const begun = new Map<string, string>();
    const ended: Call[] = [];
    for (const line of readFileSync(output, "utf8").split("\n")) {
        const [, pid = "", rest = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
        if (rest.endsWith("<unfinished ...>")) {
            begun.set(pid, rest.replace(" <unfinished ...>", ""));
            continue;
        }
        const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
        const whole = resumed ? `${begun.get(pid) ?? ""}${resumed[1]}` : rest;
        const [, name = "", words = ""] = /^(\w+)\((.*)\) += \d+(?:<.*>)?$/.exec(whole) ?? [];
        if (name)
            ended.push({
                name,
                paths: [...words.matchAll(/"([^"]*)"|\d<([^>]*)>/g)].map((m) => m[1] ?? m[2] ?? ""),
            });
    }
    return ended;
}

const isSync = ({ name }: Call) => name === "fsync" || name === "fdatasync";
const isRename = ({ name }: Call) => name.startsWith("rename");

/** The one change whose calls are looked at. */
async function watched(change: () => Promise<Kept>): Promise<Kept> {
    const words = ["-f", "-y", "-s", "512", "-o", output, "-p", sshdOf("hub")];
    strace = spawn(
        "timeout",
        ["90", "strace", ...words, "-e", "trace=openat,rename,renameat,renameat2,fsync,fdatasync"],
        {
            stdio: ["ignore", "ignore", "pipe"],
        },
    );
    let said = "";
    strace.stderr?.on("data", (data) => (said += data));
    await eventually("strace is there", () => said.includes("attached"));
    const ended = new Promise((resolve) => strace.once("close", resolve));
    try {
        return await change();
    } finally {
        strace.kill("SIGTERM");
        await ended;
    }
}

before(async () => {
    original = configuration("hub");
    provider = await DirectProvider.start();
});
after(() => {
    provider.stop();
    rmSync(folder, { recursive: true, force: true });
});

describe("a change of a hub", () => {
    let kept: Kept;
    let seen: Call[] = [];
    /** The place of the first call that is like this, behind another one. */
    const place = (what: string, is: (call: Call) => boolean, from = 0): number => {
        const found = seen.findIndex((call, at) => at >= from && is(call));
        assert.notEqual(found, -1, `${what}: not in\n${seen.map((call) => JSON.stringify(call)).join("\n")}`);
        return found;
    };
    const opened = (path: RegExp) => (call: Call) =>
        call.name === "openat" && path.test(call.paths.at(-1) ?? "");
    const synced = (path: RegExp) => (call: Call) => isSync(call) && path.test(call.paths[0] ?? "");
    const renamed = (to: RegExp) => (call: Call) => isRename(call) && to.test(call.paths.at(-1) ?? "");

    before(async () => {
        kept = await watched(() => provider.create(directHub("hub", hubKey)));
        seen = calls();
    });

    for (const file of ["main", "master"]) {
        test(`${file}.cf: written, on the disk, in its place, its folder on the disk`, () => {
            const fresh = new RegExp(`/etc/postfix/\\.pulumi-[0-9a-f]+-${file}\\.cf$`);
            const written = place("written", opened(fresh));
            const safe = place("on the disk", synced(fresh), written);
            const moved = place("in its place", renamed(new RegExp(`/etc/postfix/${file}\\.cf$`)), safe);
            place("its folder on the disk", synced(/\/etc\/postfix$/), moved);
        });
    }

    test("everything that a new file names is on the disk before it, with the folders on the way to it", () => {
        const first = place("the first new file", renamed(/\/etc\/postfix\/(main|master)\.cf$/));
        const own = on("hub", "cd /etc/postfix/pulumi && ls -d hub-*/*/*").trim().split("\n");
        assert.ok(own.length >= 2, own.join());
        for (const path of own) {
            const found = place(path, synced(new RegExp(`/etc/postfix/pulumi/${path}$`)));
            assert.ok(found < first, `${path} is on the disk only behind the commit`);
        }
        const [owner = "", generation = ""] = (own[0] ?? "").split("/");
        const files = place("the last of them", synced(new RegExp(`/${generation}/[^/]+$`)));
        for (const path of [`pulumi/${owner}/${generation}`, `pulumi/${owner}`, "pulumi", ""]) {
            const found = place(
                `/etc/postfix/${path}`,
                synced(new RegExp(`/etc/postfix${path && `/${path}`}$`)),
                files,
            );
            assert.ok(found < first, `the folder ${path} is on the disk only behind the commit`);
        }
    });

    test("backup and journal are on the disk before the first file is new", () => {
        const first = place("the first new file", renamed(/\/etc\/postfix\/(main|master)\.cf$/));
        const journal = place("the journal", renamed(/pulumi\/journal$/));
        assert.ok(journal < first);
        for (const file of ["main.cf", "master.cf", "new-main.cf", "new-master.cf"]) {
            const found = place(file, synced(new RegExp(`pulumi/backup/[0-9a-f]{16}/${file}$`)));
            assert.ok(found < journal, `${file} is on the disk only behind the journal that names it`);
        }
        for (const name of [/pulumi\/backup\/[0-9a-f]{16}$/, /pulumi\/backup$/, /pulumi\/journal\.new$/]) {
            assert.ok(place(String(name), synced(name)) < journal, `${name} behind the journal`);
        }
        assert.ok(place("the journal's folder", synced(/\/etc\/postfix\/pulumi$/), journal) < first);
    });

    test("a table that is indexed is on the disk with its index", async () => {
        const grant = directGrant("laptops", "hub", [{ name: "a", pins: [laptopKey.pin] }]);
        const given = await watched(() => provider.create(grant));
        seen = calls();
        const first = place("the new main.cf", renamed(/\/etc\/postfix\/main\.cf$/));
        for (const path of on("hub", "cd /etc/postfix/pulumi && ls -d laptops-*/*/*").trim().split("\n")) {
            const found = place(path, synced(new RegExp(`/etc/postfix/pulumi/${path}$`)));
            assert.ok(found < first, `${path} is on the disk only behind the commit`);
        }
        await provider.delete(given);
    });

    test("undone, the hub is as it was", async () => {
        await provider.delete(kept);
        assert.equal(configuration("hub"), original);
    });
});
