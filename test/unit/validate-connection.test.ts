import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { Problems } from "../../postfix/problems";
import { type ConnectionContext, validateConnection } from "../../postfix/validate/connection";
import { fingerprint, parseHostKeys } from "../../postfix/validate/host-key";
import { wireFields } from "../../postfix/validate/wire";

const blob = (type: string, ...fields: Buffer[]) => wireFields(type, ...fields).toString("base64");
const hostKey = `ssh-ed25519 ${blob("ssh-ed25519", Buffer.alloc(32, 7))}`;
const good = { host: "10.0.0.5", hostKey };

/** `path: reason` of each problem. */
function problemsOf(connection: unknown, options: ConnectionContext = {}): string[] {
    const problems = new Problems();
    validateConnection(connection, problems.at("connection"), options);
    return problems.list.map(({ path, reason }) => `${path}: ${reason}`);
}

function onlyProblem(changes: Record<string, unknown>, options: ConnectionContext = {}): string {
    const found = problemsOf({ ...good, ...changes }, options);
    assert.equal(found.length, 1, JSON.stringify(found));
    return found[0] ?? "";
}

test("a good connection has no problems, whatever way to log in it names", () => {
    const key = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    assert.deepEqual(problemsOf(good), []);
    assert.deepEqual(
        problemsOf({
            ...good,
            port: 2222,
            user: "CORP\\alice",
            password: "secret",
            privateKey: key,
            agentSocketPath: "/run/agent",
            dialErrorLimit: -1,
            perDialTimeout: 0,
            proxy: { ...good, host: "jump.example.com" },
        }),
        [],
    );
    for (const host of [
        "::1",
        "fe80::1%eth0",
        "hub",
        "mailhub.example.com.",
        "my_host",
        "xn--bcher-kva.example",
    ]) {
        assert.deepEqual(problemsOf({ ...good, host }), [], host);
    }
});

test("no object", () => {
    assert.match(
        problemsOf("10.0.0.5")[0] ?? "",
        /^connection: given "10\.0\.0\.5" \(a string\), allowed: an object/,
    );
});

test("all problems at once, each with its path, the jump host's too", () => {
    const paths = problemsOf({ port: 0, user: "a b", hostKey: "x", proxy: { port: 99999, user: "" } }).map(
        (text) => text.split(": ")[0],
    );
    assert.deepEqual(paths.sort(), [
        "connection.host",
        "connection.hostKey",
        "connection.port",
        "connection.proxy.host",
        "connection.proxy.hostKey",
        "connection.proxy.port",
        "connection.proxy.user",
        "connection.user",
    ]);
});

for (const [host, wanted] of Object.entries({
    "": /it is empty/,
    "hub example": /given "hub example".*allowed: a host name or an IP address/,
    "hub\nevil": /given "hub\\nevil"/,
    "hub;reboot": /letters, digits/,
    "$(reboot)": /letters, digits/,
    "-oProxyCommand=x": /letters, digits/,
    "[::1]": /without brackets/,
    "hub:2222": /the port belongs into port/,
    "ssh://hub": /leave out the scheme/,
    "büro.example": /xn--/,
    "1:2:3": /no IPv6 address/,
})) {
    test(`host ${JSON.stringify(host)}`, () => {
        const problem = onlyProblem({ host });
        assert.match(problem, /^connection\.host: /);
        assert.match(problem, wanted);
    });
}

test("a host with a user in it, and perhaps a password, is not repeated", () => {
    const problem = onlyProblem({ host: "ssh://alice:hunter2@hub" });
    assert.match(problem, /the user belongs into user/);
    assert.ok(!problem.includes("hunter2"));
});

for (const port of [0, 99999, "25", 22.5, null, Number.NaN]) {
    test(`port ${JSON.stringify(port)}`, () => {
        const given = typeof port === "string" ? '"25" \\(a string\\)' : String(port);
        assert.match(
            onlyProblem({ port }),
            new RegExp(`^connection\\.port: given ${given}, allowed: a whole number from 1 to 65535`),
        );
    });
}

test("hostKey is required, unless the machine is recognised otherwise", () => {
    const without = { host: "hub.example.com" };
    assert.match(
        problemsOf(without)[0] ?? "",
        /^connection\.hostKey: missing; .*ssh_host_ed25519_key\.pub.*ssh-keyscan -t ed25519 hub\.example\.com.*run where you trust the network.*knownHosts/,
    );
    assert.deepEqual(problemsOf(without, { knownHosts: "~/.ssh/known_hosts" }), []);
    assert.deepEqual(problemsOf(without, { insecureIgnoreHostKey: true }), []);
    assert.equal(problemsOf(without, { insecureIgnoreHostKey: false }).length, 1);
    assert.equal(problemsOf({ ...good, proxy: without }).length, 1);
});

test("a host name never comes into a command line of a hint unchecked", () => {
    const hint = problemsOf({ host: "hub;reboot" }).find((text) => text.startsWith("connection.hostKey"));
    assert.ok(hint?.includes("ssh-keyscan -t ed25519 HOST"));
});

const rsa = blob("ssh-rsa", Buffer.from([1, 0, 1]), Buffer.alloc(257, 1));
for (const [name, given, wanted] of [
    ["nonsense", "nonsense", /no key type in it, allowed are ssh-ed25519/],
    ["empty", "  \n", /it is empty/],
    ["a fingerprint", "SHA256:abcdef", /only a fingerprint/],
    ["type alone", "ssh-ed25519", /behind ssh-ed25519 there is no key/],
    ["no base64", "ssh-ed25519 ???", /there is no base64/],
    ["cut off", hostKey.slice(0, -8), /damaged or cut off/],
    ["another type inside", `ssh-ed25519 ${rsa}`, /the line says ssh-ed25519, the key in it is ssh-rsa/],
    ["name of a signature", `rsa-sha2-512 ${rsa}`, /the type of such a key is ssh-rsa/],
    ["a certificate", `ssh-ed25519-cert-v01@openssh.com ${rsa}`, /host certificate/],
    ["DSA", `ssh-dss ${rsa}`, /type ssh-dss is no use here/],
    ["a marker", `@cert-authority * ${hostKey}`, /known_hosts marker/],
    ["second line broken", `${hostKey}\nnonsense`, /line 2: no key type/],
    ["no string", 5, /given 5/],
] as const) {
    test(`hostKey: ${name}`, () => {
        const problem = onlyProblem({ hostKey: given });
        assert.match(problem, wanted);
        assert.match(problem, /a good one looks like `ssh-ed25519 AAAA/);
    });
}

test("hostKey: a private key is not repeated", () => {
    const problem = onlyProblem({ hostKey: "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0" });
    assert.match(problem, /this is a private key/);
    assert.ok(!problem.includes("c2VjcmV0"));
});

test("hostKey: a .pub line, a known_hosts line, several lines, comments", () => {
    const text = `# hub:22 SSH-2.0-OpenSSH\n${hostKey} root@hub\r\n\n[hub]:2222,10.0.0.5 ssh-rsa ${rsa}\n`;
    const { keys, faults } = parseHostKeys(text);
    assert.deepEqual(faults, []);
    assert.deepEqual(
        keys.map(({ type }) => type),
        ["ssh-ed25519", "ssh-rsa"],
    );
    assert.match(fingerprint(keys[0]?.blob ?? Buffer.alloc(0)), /^SHA256:[A-Za-z0-9+/]{43}$/);
});

const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const pem = ec.export({ type: "sec1", format: "pem" }).toString();
const lockedPem = ec
    .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "pw" })
    .toString();

/** A key file in OpenSSH's own format whose secret part is not looked at. */
function openSshKey(cipher: string, type = "ssh-ed25519"): string {
    const data = Buffer.concat([
        Buffer.from("openssh-key-v1\0"),
        wireFields(cipher, cipher === "none" ? "none" : "bcrypt", ""),
        Buffer.from([0, 0, 0, 1]),
        wireFields(wireFields(type, Buffer.alloc(32)), Buffer.alloc(64)),
    ]);
    return `-----BEGIN OPENSSH PRIVATE KEY-----\n${data.toString("base64")}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

for (const [name, privateKey, wanted] of [
    ["a path", "~/.ssh/id_ed25519", /looks like a path; give the content/],
    ["a public key", `${hostKey} alice@laptop`, /this is a public key/],
    ["PuTTY", "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none", /puttygen/],
    [
        "escaped line breaks",
        pem.replaceAll("\n", "\\n").replace("-----BEGIN", " x-----BEGIN"),
        /written as \\n/,
    ],
    ["cut off", pem.slice(0, 100), /last line, -----END/],
    ["damaged PEM", pem.replace(/\n[A-Za-z0-9+/]{10}/, "\n"), /malformed: not a whole PEM key/],
    ["damaged OpenSSH", openSshKey("none").replace(/\n.{40}/, "\n"), /malformed: not a whole OpenSSH key/],
    ["encrypted PEM", lockedPem, /it is encrypted; give privateKeyPassword/],
    ["encrypted OpenSSH", openSshKey("aes256-ctr"), /it is encrypted; give privateKeyPassword/],
    ["hardware token", openSshKey("none", "sk-ssh-ed25519@openssh.com"), /needs its hardware token/],
    ["no key at all", "secret-word", /no private key/],
    ["no string", 5, /given a value of type number/],
] as const) {
    test(`privateKey: ${name}`, () => {
        const problem = onlyProblem({ privateKey });
        assert.match(problem, /^connection\.privateKey: /);
        assert.match(problem, wanted);
        const secrets = String(privateKey)
            .split(/\n|\\n| /)
            .filter((line) => line.length > 20 && !line.includes("-----"));
        for (const secret of secrets) assert.ok(!problem.includes(secret), problem);
        assert.ok(!problem.includes("secret-word"));
    });
}

test("privateKey: with its password, or one not known yet", () => {
    const unknown = Symbol("later");
    const isKnown = (value: unknown) => value !== unknown;
    assert.deepEqual(problemsOf({ ...good, privateKey: pem }), []);
    assert.deepEqual(problemsOf({ ...good, privateKey: openSshKey("none").replaceAll("\n", "\r\n") }), []);
    assert.deepEqual(problemsOf({ ...good, privateKey: lockedPem, privateKeyPassword: "pw" }), []);
    assert.deepEqual(
        problemsOf({ ...good, privateKey: lockedPem, privateKeyPassword: unknown }, { isKnown }),
        [],
    );
    const wrong = onlyProblem({ privateKey: lockedPem, privateKeyPassword: "not this" });
    assert.match(wrong, /privateKeyPassword does not open it/);
    assert.ok(!wrong.includes("not this"));
});

test("what is not known yet is left alone", () => {
    const unknown = Symbol("later");
    const isKnown = (value: unknown) => value !== unknown;
    assert.deepEqual(problemsOf(unknown, { isKnown }), []);
    const fields = { host: unknown, port: unknown, hostKey: unknown, privateKey: unknown, proxy: unknown };
    assert.deepEqual(problemsOf(fields, { isKnown }), []);
    assert.deepEqual(problemsOf({ host: "hub" }, { isKnown, knownHosts: unknown }), []);
});

for (const [field, wanted] of [
    ["hostkey", /is hostKey meant\?/],
    ["prot", /is port meant\?/],
    ["username", /is user meant\?/],
    ["colour", /allowed: host, port/],
    ["sudo", /stands beside connection, not in it/],
    ["knownHosts", /stands beside connection/],
] as const) {
    test(`an unknown field: ${field}`, () => {
        assert.match(
            onlyProblem({ [field]: "x" }),
            new RegExp(`^connection\\.${field}: unknown; .*${wanted.source}`),
        );
    });
}

test("a jump host behind a jump host", () => {
    const problem = onlyProblem({ proxy: { ...good, proxy: good } });
    assert.equal(problem, "connection.proxy.proxy: unknown; there can be one jump host only");
});

test("an empty password is a slip", () => {
    assert.match(onlyProblem({ password: "" }), /^connection\.password: given an empty string/);
});
