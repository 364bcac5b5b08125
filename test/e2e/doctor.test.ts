import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Finding } from "../../cli/doctor/findings";
import { configuration, lab, labHost, labInfo, on, repo } from "./lab";

const folder = mkdtempSync(join(tmpdir(), "pulumi-postfix-doctor-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function doctor(...words: string[]): { code: number; out: string } {
    const { key, knownHosts } = labInfo();
    const own = ["--identity", key, "--known-hosts", knownHosts];
    const { status, stdout, stderr } = spawnSync(
        "node",
        [join(repo, "dist/cli/main.js"), "doctor", ...own, ...words],
        { encoding: "utf8", env: { ...process.env, SSH_AUTH_SOCK: "" } },
    );
    return { code: status ?? 1, out: stdout + stderr };
}

/** What stands in the way, or is to be looked at, of the one machine. */
function troubles(...words: string[]): Finding[] {
    const { out } = doctor("--json", ...words);
    const [{ findings }] = JSON.parse(out) as [{ findings: Finding[] }];
    return findings.filter(({ level }) => level !== "ok");
}

const root = (name: string): string => `root@${labHost(name).ip}`;

test("machines as they come: nothing stands in the way, 0, and nothing is changed", () => {
    const names = ["hub", "laptop1", "laptop2"];
    const before = names.map(configuration);
    const { code, out } = doctor(...names.map(root));
    assert.equal(code, 0, out);
    assert.equal(out.match(/you are root there/g)?.length, 3, out);
    assert.match(out, /Postfix 3\.\d+\.\d+/);
    assert.deepEqual(names.map(configuration), before);
});

test("a laptop's hub: found and reached, found and not there yet, not found", () => {
    const { fqdn } = labHost("hub");
    assert.deepEqual(troubles("--hub", `${fqdn}:25`, root("laptop1")), []);
    const [early] = troubles("--hub", fqdn, root("laptop1"));
    assert.equal(early?.level, "warning");
    assert.match(early?.what ?? "", /does not reach .* on port 587/);
    const [lost] = troubles("--hub", "nowhere.invalid", root("laptop1"));
    assert.equal(lost?.level, "obstacle");
    assert.match(lost?.what ?? "", /no address for nowhere\.invalid/);
});

test("a port that somebody else has is named with its program", () => {
    const listener =
        "use IO::Socket::INET; $s = IO::Socket::INET->new(LocalPort => 587, Listen => 1, ReuseAddr => 1) or die; sleep 300";
    on("hub", `perl -e '${listener}' >/dev/null 2>&1 & echo $! >/root/listener; sleep 1`);
    try {
        const [taken] = troubles("--port", "587", root("hub"));
        assert.equal(taken?.level, "obstacle");
        assert.match(taken?.what ?? "", /port 587 is taken by perl \(process \d+\)/);
    } finally {
        on("hub", "kill $(cat /root/listener)");
    }
    assert.deepEqual(troubles("--port", "587", root("hub")), []);
});

test("who cannot get in is told why, with the remedy; 1", () => {
    const stranger = join(folder, "known_hosts");
    writeFileSync(stranger, `${labHost("laptop1").ip} ${labHost("hub").hostKey}\n`);
    for (const [words, what] of [
        [["--known-hosts", stranger, root("laptop1")], /host key/i],
        [["--known-hosts", stranger, root("laptop2")], /192|10\./],
        [[`admin@${labHost("laptop1").ip}`], /logged in as admin, which may not change Postfix/],
        [["--sudo", `nosudo@${labHost("laptop1").ip}`], /sudo/],
        [[`nobody-there@${labHost("laptop1").ip}`], /authentication|refused|log/i],
        [[`root@${labHost("laptop1").ip}:2`], /refused|reach/i],
    ] as const) {
        const { code } = doctor(...words);
        assert.equal(code, 1, words.join(" "));
        const [found] = troubles(...words);
        assert.equal(found?.level, "obstacle", words.join(" "));
        assert.match(found?.what ?? "", what);
        assert.ok((found?.remedy ?? "").length > 10, JSON.stringify(found));
    }
    lab("stop", "laptop2");
    try {
        const [asleep] = troubles(root("laptop2"));
        assert.match(asleep?.what ?? "", /within 20 s|reach|no route/i);
    } finally {
        lab("start", "laptop2");
    }
});

test("a Postfix that is off, or gone astray, is told", () => {
    on("laptop1", "postfix stop");
    assert.match(troubles(root("laptop1"))[0]?.what ?? "", /does not run/);
    on("laptop1", "printf 'relayhost = ${x\\n' >>/etc/postfix/main.cf; postfix start || true");
    const [broken] = troubles(root("laptop1"));
    assert.equal(broken?.level, "obstacle");
    on("laptop1", "sed -i '$d' /etc/postfix/main.cf; postfix start");
    assert.deepEqual(troubles(root("laptop1")), []);
});

test("a wrong command line is told, with how it is right; 2", () => {
    for (const [words, told] of [
        [[], /which machine\?\nusage: /],
        [["--hub", ":1", "a"], /--hub: given ":1", allowed: NAME\[:PORT\]/],
        [["--port", "x", "a"], /--port: given "x", allowed: 1 to 65535/],
        [["--known-hosts", "/none", "a"], /there is no \/none: log in once/],
        [["a b@c:d"], /machine: given "a b@c:d", allowed: \[USER@\]ADDRESS\[:PORT\]/],
    ] as const) {
        const { code, out } = doctor(...words);
        assert.equal(code, 2, out);
        assert.match(out, told);
    }
});
