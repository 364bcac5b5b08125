import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import {
    certificatePublicKeyPin,
    chainProblems,
    duplicateKeyTypes,
    isPin,
    normalizePin,
    pinProblem,
    publicKeyPin,
} from "../../postfix/pins";

const folder = mkdtempSync(join(tmpdir(), "pins-"));
after(() => rmSync(folder, { recursive: true }));

const openssl = (args: string[], input?: string | Buffer): Buffer =>
    execFileSync("openssl", args, { cwd: folder, input, stdio: ["pipe", "pipe", "ignore"] });
const text = (args: string[], input?: string | Buffer): string => openssl(args, input).toString();
const digest = (output: string): string =>
    output
        .trim()
        .replace(/^.*=\s*/, "")
        .toUpperCase();

/** A key and its self-signed certificate, made by openssl. */
function make(
    name: string,
    keyArgs: string[],
    ecArgs: string[] = [],
): { privateKey: string; certificate: string } {
    openssl(["genpkey", ...keyArgs, "-out", `${name}.key`]);
    if (ecArgs.length > 0) openssl(["ec", "-in", `${name}.key`, "-out", `${name}.key`, ...ecArgs]);
    openssl(["req", "-x509", "-new", "-key", `${name}.key`, "-subj", `/CN=${name}`, "-out", `${name}.crt`]);
    const read = (file: string) => readFileSync(join(folder, file), "utf8");
    return { privateKey: read(`${name}.key`), certificate: read(`${name}.crt`) };
}

const ec = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
const chains = {
    ecdsa: make("ecdsa", ec),
    rsa: make("rsa", ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
    ed25519: make("ed25519", ["-algorithm", "ED25519"]),
    p384: make("p384", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"]),
    // Encodings that come out another way when a library writes the key anew.
    compressed: make("compressed", ec, ["-conv_form", "compressed"]),
    pss: make("pss", ["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"]),
};

for (const [name, { privateKey, certificate }] of Object.entries(chains)) {
    test(`pins of ${name} are those that openssl works out`, () => {
        const publicKey = text(["x509", "-noout", "-pubkey"], certificate);
        const der = openssl(["pkey", "-pubin", "-outform", "DER"], publicKey);
        const ofKey = digest(text(["dgst", "-sha256", "-c"], der));
        assert.equal(certificatePublicKeyPin(certificate), ofKey);
        assert.equal(publicKeyPin(publicKey), ofKey);
        assert.equal(publicKeyPin(text(["pkey", "-pubout"], privateKey)), ofKey);
        assert.ok(isPin(ofKey));
        assert.equal(pinProblem(ofKey), undefined);
        assert.deepEqual(chainProblems({ privateKey, certificate }), []);
    });
}

test("an old-style RSA public key has the pin of the same key", () => {
    const old = text(["rsa", "-RSAPublicKey_out"], chains.rsa.privateKey);
    assert.match(old, /BEGIN RSA PUBLIC KEY/);
    assert.equal(publicKeyPin(old), certificatePublicKeyPin(chains.rsa.certificate));
});

test("a certificate of version 1, and text around the PEM", () => {
    openssl(["req", "-new", "-key", "rsa.key", "-subj", "/CN=old", "-out", "old.csr"]);
    const old = text(["x509", "-req", "-in", "old.csr", "-signkey", "rsa.key", "-text"]);
    assert.match(old, /Version: 1/);
    assert.equal(certificatePublicKeyPin(old), certificatePublicKeyPin(chains.rsa.certificate));
    assert.equal(certificatePublicKeyPin(old.replaceAll("\n", "\r\n")), certificatePublicKeyPin(old));
});

test("a pin is never made of a private key", () => {
    assert.throws(() => publicKeyPin(chains.ecdsa.privateKey), /not one public key/);
    assert.throws(() => publicKeyPin(chains.ecdsa.certificate), /not one public key/);
    assert.throws(() => certificatePublicKeyPin("x"), /no certificate/);
});

const pin = Array(32).fill("AB").join(":");

test("pins in any case are pins, and are written one way", () => {
    assert.ok(isPin(pin.toLowerCase()));
    for (const spelling of [
        pin,
        pin.toLowerCase(),
        ` ${pin} `,
        pin.replaceAll(":", ""),
        `sha256 Fingerprint=${pin}`,
        `SHA2-256(stdin)= ${pin.toLowerCase()}`,
    ]) {
        assert.equal(normalizePin(spelling), pin);
    }
    assert.equal(normalizePin("AB:CD"), "AB:CD");
});

const pinFaults: [given: string, reason: RegExp][] = [
    ["", /is empty/],
    [pin.replaceAll(":", ""), /write it as AB:.*without colons, Postfix 3\.5/],
    [`sha256 Fingerprint=${pin}`, /these are several words/],
    [`${pin}|${pin}`, /joined by \|/],
    [`${pin}, ${pin}`, /several words/],
    [Array(16).fill("AB").join(":"), /an md5 digest/],
    [Array(20).fill("AB").join(":"), /a sha1 digest/],
    [Array(64).fill("AB").join(":"), /a sha512 digest/],
    [Array(31).fill("AB").join(":"), /it has 62 hex digits/],
    [pin.replace("AB:AB", "ABA:B"), /colons stand in the wrong places/],
    [pin.replace("AB", "XY"), /other characters/],
    [`SHA256:${"a".repeat(43)}`, /fingerprint of an SSH key/],
    [`${"a".repeat(43)}=`, /base64/],
    ["-----BEGIN CERTIFICATE-----\nMII", /given a PEM file/],
];
for (const [given, reason] of pinFaults) {
    test(`what is wrong with the pin ${JSON.stringify(given.slice(0, 30))}`, () => {
        assert.match(pinProblem(given) ?? "", reason);
        assert.match(pinProblem(given) ?? "", /sha256 digest, 64 hex digits/);
        assert.equal(isPin(given), false);
    });
}

const { ecdsa, rsa } = chains;
const only = (entry: { privateKey: string; certificate: string }, now?: Date) => {
    const problems = chainProblems(entry, now);
    assert.equal(problems.length, 1, JSON.stringify(problems));
    const [{ severity, field, reason } = { severity: "", field: "", reason: "" }] = problems;
    return `${severity} ${field}: ${reason}`;
};

test("a key of another certificate", () => {
    assert.match(
        only({ ...ecdsa, privateKey: rsa.privateKey }),
        /^error privateKey: does not belong to the certificate/,
    );
});

test("expired and not yet valid are warnings, since pinned peers do not look", () => {
    const day = 24 * 3600 * 1000;
    assert.match(
        only(ecdsa, new Date(Date.now() + 40 * day)),
        /^warning certificate: expired on \d{4}-\d\d-\d\d/,
    );
    assert.match(only(ecdsa, new Date(Date.now() - 2 * day)), /^warning certificate: is not valid before/);
});

test("malformed PEM of all kinds", () => {
    const cut = (pem: string) => pem.slice(0, pem.length / 2);
    const damaged = (pem: string) => pem.replace(/\n....../, "\nAAAAAA");
    const { privateKey, certificate } = ecdsa;
    const key = (text: string) => only({ privateKey: text, certificate });
    const cert = (text: string) => only({ privateKey, certificate: text });
    for (const [problem, expected] of [
        [key(""), /^error privateKey: is no private key in PEM/],
        [key(cut(privateKey)), /^error privateKey: .*cut off/],
        [key(damaged(privateKey)), /^error privateKey: is malformed/],
        [key(privateKey.replaceAll("\n", "\\n")), /written as \\n/],
        [key(privateKey.replaceAll("\n", "\n  ").replace(/^/, "  ")), /are indented/],
        [key("/etc/ssl/private/x.pem"), /looks like a path/],
        [key(certificate), /^error privateKey: is a certificate/],
        [key(text(["pkey", "-pubout"], privateKey)), /^error privateKey: is a public key/],
        [cert(""), /^error certificate: is no certificate in PEM/],
        [cert(cut(certificate)), /^error certificate: .*cut off/],
        [cert(damaged(certificate)), /^error certificate: is malformed/],
        [cert(certificate.replace("\nM", "\n!")), /^error certificate: is malformed/],
        [cert(certificate + damaged(rsa.certificate)), /certificate 2 of 2/],
        [cert(certificate + privateKey), /^error certificate: holds a private key/],
        [cert(text(["pkey", "-pubout"], privateKey)), /^error certificate: holds a block "PUBLIC KEY"/],
    ] as [string, RegExp][]) {
        assert.match(problem, expected);
        for (const secret of privateKey.split("\n").filter((line) => /^[A-Za-z0-9+/=]{20}/.test(line)))
            assert.ok(!problem.includes(secret));
    }
});

test("keys that Postfix cannot read: encrypted, OpenSSH's, several, with EC PARAMETERS", () => {
    const { privateKey, certificate } = ecdsa;
    const key = (text: string) => only({ privateKey: text, certificate });
    assert.match(key(text(["pkcs8", "-topk8", "-passout", "pass:x"], privateKey)), /is encrypted/);
    const legacy = ["ec", "-aes128", "-passout", "pass:x"];
    assert.match(key(text(legacy, privateKey)), /is encrypted/);
    assert.match(key(privateKey + privateKey), /holds 2 keys/);
    const withParameters = text(["ecparam", "-name", "prime256v1", "-genkey"]);
    assert.match(withParameters, /BEGIN EC PARAMETERS/);
    assert.match(only({ privateKey: withParameters, certificate }), /"EC PARAMETERS".*openssl pkey/);
    const { privateKey: sshKey } = generateKeyPairSync("ed25519");
    const openssh = String(sshKey.export({ type: "pkcs8", format: "pem" })).replaceAll(
        "PRIVATE",
        "OPENSSH PRIVATE",
    );
    assert.match(key(openssh), /ssh-keygen -p -m PKCS8/);
});

test("both spellings of an EC key and CRLF are fine", () => {
    const traditional = text(["ec"], ecdsa.privateKey);
    assert.match(traditional, /BEGIN EC PRIVATE KEY/);
    const entry = { privateKey: traditional.replaceAll("\n", "\r\n"), certificate: ecdsa.certificate };
    assert.deepEqual(chainProblems(entry), []);
});

test("a chain: the leaf first, each issued by the next", () => {
    openssl(["genpkey", ...ec, "-out", "leaf.key"]);
    openssl(["req", "-new", "-key", "leaf.key", "-subj", "/CN=leaf", "-out", "leaf.csr"]);
    const leaf = text([
        "x509",
        "-req",
        "-in",
        "leaf.csr",
        "-CA",
        "rsa.crt",
        "-CAkey",
        "rsa.key",
        "-set_serial",
        "7",
    ]);
    const privateKey = readFileSync(join(folder, "leaf.key"), "utf8");
    assert.deepEqual(chainProblems({ privateKey, certificate: leaf + rsa.certificate }), []);
    assert.equal(certificatePublicKeyPin(leaf + rsa.certificate), certificatePublicKeyPin(leaf));
    const reversed = chainProblems({ privateKey, certificate: rsa.certificate + leaf });
    assert.match(reversed[0]?.reason ?? "", /belongs to certificate 2 of the chain/);
    assert.match(
        only({ privateKey, certificate: leaf + ecdsa.certificate }),
        /^warning certificate: certificate 2/,
    );
});

test("a weak RSA key is a warning", () => {
    const weak = make("weak", ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"]);
    assert.match(only(weak), /^warning privateKey: .*2048/);
});

test("two keys of one type in one file", () => {
    assert.deepEqual(duplicateKeyTypes([ecdsa, rsa]), []);
    assert.deepEqual(duplicateKeyTypes([ecdsa, rsa, chains.compressed]), ["ec"]);
});
