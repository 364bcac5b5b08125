import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Connection } from "../../../postfix/validate/connection";
import { fingerprint, parseHostKeys } from "../../../postfix/validate/host-key";
import { type SshTarget, withHost } from "../../../provider/ssh/connect";
import { signatureAlgorithms } from "../../../provider/ssh/host-keys";
import { lookUp } from "../../../provider/ssh/known-hosts";
import { failure } from "./failure";
import { connectionTo, type FakeHost, fakeHost, hostPair, newKey } from "./server";

const other = newKey();
const rsa = newKey("rsa");
const sha256 = (line: string) => fingerprint(Buffer.from(line.split(" ")[1] ?? "", "base64"));

let host: FakeHost;
let rsaHost: FakeHost;
let folder: string;

before(async () => {
    host = await fakeHost();
    rsaHost = await fakeHost({ hostKeys: [rsa.private] });
    folder = mkdtempSync(join(tmpdir(), "ssh-test-"));
});
after(async () => {
    await host.stop();
    await rsaHost.stop();
    rmSync(folder, { recursive: true });
});

function connect(
    changes: Partial<Connection>,
    target: Partial<SshTarget> = {},
    warnings: string[] = [],
    at = host,
) {
    return withHost(
        { connection: connectionTo(at, changes), ...target },
        { deadlineSeconds: 60, onWarning: (text) => warnings.push(text) },
        async () => "in",
    );
}

function knownHosts(...lines: string[]): string {
    const file = join(folder, `known-${randomBytes(4).toString("hex")}`);
    writeFileSync(file, `${lines.join("\n")}\n`);
    return file;
}

test("a wrong host key: no login is tried, both fingerprints and the way out are told", async () => {
    host.logins.length = 0;
    const before = host.connections;
    const error = await failure(connect({ hostKey: other.public, password: "not for strangers" }));
    assert.equal(error.kind, "hostKey");
    assert.match(error.shortMessage, /^alice@127\.0\.0\.1:\d+: wrong host key: expected SHA256:/);
    assert.ok(error.shortMessage.includes(`expected ${sha256(other.public)}`), error.message);
    assert.ok(error.shortMessage.includes(`got ${sha256(hostPair.public)}`), error.message);
    assert.match(
        error.hint ?? "",
        /`ssh-keygen -lf \/etc\/ssh\/ssh_host_ed25519_key\.pub` .* connection\.hostKey/,
    );
    await host.empty();
    assert.deepEqual(host.logins, []);
    assert.equal(host.connections, before + 1, "a wrong key is not tried again");
});

test("a machine without a key of the expected type is refused, not asked for another type", async () => {
    rsaHost.logins.length = 0;
    const error = await failure(connect({ hostKey: other.public }, {}, [], rsaHost));
    assert.equal(error.kind, "hostKey");
    assert.match(error.shortMessage, /it can show only rsa-sha2-512/);
    assert.match(
        error.hint ?? "",
        /\/etc\/ssh\/ssh_host_rsa_key\.pub .*`ssh-keyscan -t rsa /,
        "the key that it has",
    );
    assert.deepEqual(rsaHost.logins, []);
});

test("an ssh-rsa key is proven by SHA-2", async () => {
    assert.equal(await connect({ hostKey: rsa.public }, {}, [], rsaHost), "in");
});

test("signatures are asked for by the types of the expected keys, never by SHA-1", () => {
    const ask = (...lines: string[]) =>
        signatureAlgorithms({ ...parseHostKeys(lines.join("\n")), revoked: [], any: false, source: "" });
    assert.deepEqual(ask(rsa.public), ["rsa-sha2-512", "rsa-sha2-256"]);
    assert.deepEqual(ask(rsa.public, other.public), ["ssh-ed25519", "rsa-sha2-512", "rsa-sha2-256"]);
    const all = signatureAlgorithms({ keys: [], revoked: [], any: true, source: "" });
    assert.ok(all.includes("ecdsa-sha2-nistp256") && !all.includes("ssh-rsa"));
});

test("several lines: the old and the new key while it is being changed", async () => {
    assert.equal(await connect({ hostKey: `${other.public} old\n127.0.0.1 ${hostPair.public} new\n` }), "in");
});

test("no host key at all: refused before any packet", async () => {
    const before = host.connections;
    const error = await failure(connect({ hostKey: undefined }));
    assert.equal(error.kind, "hostKey");
    assert.match(error.message, /no host key is known[\s\S]*connection\.hostKey/);
    assert.equal(host.connections, before);
});

test("the opt-out lets in, and warns with the key to put in", async () => {
    const warnings: string[] = [];
    assert.equal(await connect({ hostKey: undefined }, { insecureIgnoreHostKey: true }, warnings), "in");
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /THE HOST KEY IS NOT CHECKED/);
    assert.ok(warnings[0]?.includes(hostPair.public));
});

test("the opt-out does not switch off a key that is given", async () => {
    const error = await failure(connect({ hostKey: other.public }, { insecureIgnoreHostKey: true }));
    assert.equal(error.kind, "hostKey");
});

test("knownHosts: found, changed, missing, revoked, no file", async () => {
    const name = `[127.0.0.1]:${host.port}`;
    const ask = (file: string, changes = {}) =>
        connect({ hostKey: undefined, ...changes }, { knownHosts: file });
    assert.equal(await ask(knownHosts(`${name} ${hostPair.public}`)), "in");

    const changed = await failure(ask(knownHosts(`${name} ${other.public}`)));
    assert.match(changed.shortMessage, /wrong host key/);

    const missing = await failure(ask(knownHosts(`elsewhere ${hostPair.public}`)));
    assert.match(missing.shortMessage, /no host key of it in/);

    const revoked = knownHosts(`@revoked * ${hostPair.public}`, `${name} ${hostPair.public}`);
    assert.match((await failure(ask(revoked))).shortMessage, /is revoked/);
    const pinned = await failure(ask(revoked, { hostKey: hostPair.public }));
    assert.match(pinned.shortMessage, /is revoked/, "also where hostKey names it");

    const none = await failure(ask(join(folder, "nothing")));
    assert.match(none.shortMessage, /knownHosts: .*there is no such file/);
});

test("known_hosts lines are read as ssh reads them", () => {
    const found = (lines: string, name: string, port = 22) => lookUp(lines, name, port).keys.length;
    const key = other.public;
    assert.equal(found(`hub.example.com ${key}`, "HUB.example.com"), 1);
    assert.equal(found(`hub.example.com,10.0.0.1 ${key} comment`, "10.0.0.1"), 1);
    assert.equal(found(`*.example.com ${key}`, "hub.example.com"), 1);
    assert.equal(found(`hub?.example.com ${key}`, "hub.example.com"), 0);
    assert.equal(found(`*.example.com,!bad.example.com ${key}`, "bad.example.com"), 0);
    assert.equal(found(`hub.example.com ${key}`, "hubXexample.com"), 0);
    assert.equal(found(`[hub]:2222 ${key}`, "hub"), 0);
    assert.equal(found(`[hub]:2222 ${key}`, "hub", 2222), 1);
    assert.equal(found(`hub ${key}`, "hub", 2222), 1);
    assert.equal(found(`# hub ${key}\n\n@cert-authority hub ${key}\nhub nonsense\n`, "hub"), 0);
    const salt = randomBytes(20);
    const hash = createHmac("sha1", salt).update("[hub]:2222").digest("base64");
    assert.equal(found(`|1|${salt.toString("base64")}|${hash} ${key}`, "hub", 2222), 1);
    assert.equal(found(`|1|${salt.toString("base64")}|${hash} ${key}`, "hub2", 2222), 0);
});
