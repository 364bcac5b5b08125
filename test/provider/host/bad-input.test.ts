import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { checkInputs } from "../../../provider/host/check";
import { readInputs } from "../../../provider/host/inputs";
import { planChange } from "../../../provider/host/plan";
import { factsOf } from "./fixtures";

const folder = mkdtempSync(join(tmpdir(), "bad-input-"));
after(() => rmSync(folder, { recursive: true }));

/** A key and its self-signed certificate. */
function pair(name: string): { privateKey: string; certificate: string } {
    const [key, certificate] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
    const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    execFileSync("openssl", ["req", "-x509", ...ec, "-subj", "/CN=x", "-keyout", key, "-out", certificate], {
        stdio: "ignore",
    });
    return { privateKey: readFileSync(key, "utf8"), certificate: readFileSync(certificate, "utf8") };
}

const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
const host = { owner: "hub", role: "smartHost", connection: { host: "192.0.2.25", hostKey }, main: {} };

const faults = (more: Record<string, unknown>): string[] =>
    checkInputs({ ...host, ...more }, {}).map(({ path, reason }) => `${path}: ${reason}`);

test("a key that does not match its certificate, and PEM that is none, are told without the key", () => {
    const [one, other] = [pair("one"), pair("other")];
    const cut = one.privateKey.slice(0, 100);
    const found = faults({
        chains: {
            identity: [
                { ...one, privateKey: other.privateKey },
                { ...one, privateKey: cut },
            ],
            second: [{ ...one, certificate: "/etc/ssl/certs/hub.pem" }],
        },
    });
    assert.deepEqual(found, [
        "chains.identity[0].privateKey: does not belong to the certificate: give the key that the certificate was made with",
        "chains.identity[1].privateKey: is no private key in PEM (was it cut off when it was copied?)",
        "chains.second[0].certificate: is no certificate in PEM (it looks like a path: give the content of the file)",
    ]);
    assert.deepEqual(faults({ chains: { identity: [one] } }), []);
    assert.deepEqual(faults({ chains: { identity: [one, other] } }), [
        "chains.identity: has several keys of type ec, with which Postfix goes without TLS: keep one of each type",
    ]);
});

test("bad ports and line breaks of a Host used directly are told at once", () => {
    const service = { command: "smtpd", options: { syslog_name: "a\nb" } };
    const found = faults({ main: { biff: "no\nrelayhost = x" }, services: { "99999/inet": service } });
    assert.deepEqual(
        found.map((line) => line.split(": ")[0]),
        ["main.biff", 'services["99999/inet"]', 'services["99999/inet"].options.syslog_name'],
    );
});

const facts = (masterCf: string) => factsOf({ mainCf: "", masterCf });

for (const takeOver of [[], ["smtp/unix"], ["*"]]) {
    test(`an -o that weakens the pin is refused with takeOver: ${JSON.stringify(takeOver)}`, () => {
        const inputs = readInputs({ ...host, role: "roadWarrior", owner: "alice", takeOver });
        const id = { owner: "alice-00000000", instance: "0".repeat(16) };
        const masterCf =
            "smtp unix - - y - - smtp\n  -o smtp_tls_security_level=may\nrelay unix - - y - - lmtp\n";
        const { problems } = planChange(inputs, facts(masterCf), { id, generation: "0".repeat(16) });
        assert.deepEqual(
            problems.map(({ path, reason }) => `${path}: ${reason}`),
            [
                'services: master.cf line 1 of the host, "smtp/unix smtp -o smtp_tls_security_level=may", weakens or ' +
                    "replaces the pin for this service, whatever main.cf says: take -o smtp_tls_security_level out " +
                    "there, takeOver does not cover it",
                'services: master.cf line 3 of the host, "relay/unix lmtp", can send mail past the hub: outbound mail ' +
                    "must go through smtp(8), only that checks the pin: let it run smtp there, takeOver does not cover it",
            ],
        );
    });
}
