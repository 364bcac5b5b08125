import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { authority, type Pair, pinOf, selfSigned, signedBy } from "../certificates";
import { certbot, filesOf, secretKey, shownCertificate } from "./certificate-judges";
import { arrives, configuration, labHost } from "./lab";
import { Stack, succeeds } from "./stack";

const stack = new Stack("certificate-rules");
const untouched: string[] = [];

before(() => untouched.push(configuration("hub")));
after(() => stack.remove());

const first = selfSigned("mailhub");
const second = selfSigned("mailhub");

/** The hub with a certificate of its own, the key stored encrypted. */
async function own(pair: Pair, more: Record<string, unknown> = {}): Promise<void> {
    await stack.machines({ certificates: [{ certificate: pair.certificate }], ...more });
    await secretKey(stack, "smartHost.certificates[0].privateKey", pair);
}

const files = (more = {}) => stack.machines({ certificateFiles: [{ ...filesOf("hub"), ...more }] });

test("files on the hub that do not fit are told, or taken back, before any laptop knows of them", async () => {
    await files({ certificateFile: "/etc/letsencrypt/live/nobody/fullchain.pem" });
    const missing = await stack.preview();
    assert.notEqual(missing.code, 0);
    assert.match(
        missing.out,
        /certificateFiles\[0\]\.certificateFile: \S+\/nobody\/fullchain\.pem of the host is not there: make it first \(certbot certonly\), or give another path/,
    );
    certbot("hub", 1, { ...first, privateKey: second.privateKey });
    await files();
    const mismatch = await stack.up();
    assert.notEqual(mismatch.code, 0);
    assert.match(mismatch.out, /does not serve the intended key.*The old configuration is back/s);
    assert.deepEqual([configuration("hub")], untouched);
    certbot("hub", 1, first);
    await files({ pin: pinOf(second.privateKey) });
    const unexpected = await stack.preview();
    assert.notEqual(unexpected.code, 0);
    assert.match(
        unexpected.out,
        /certificateFiles\[0\]\.pin: given \S+, but \S+ of the host has the key \S+: write that pin/,
    );
    assert.ok(unexpected.out.includes(`has the key ${pinOf(first.privateKey)}`));
});

test("a key in clear in the stack file is refused, with the command that stores it encrypted", async () => {
    const pair = signedBy(authority(), labHost("hub").fqdn);
    await stack.machines({ certificates: [pair] });
    const { code, out } = await stack.preview();
    assert.notEqual(code, 0);
    assert.match(
        out,
        /smartHost\.certificates\[0\]\.privateKey: stands in the stack file in clear.*--secret --path/,
    );
    assert.ok(!out.includes(pair.privateKey.split("\n")[1] ?? ""));
});

test("a certificate renewed for its key touches no laptop", async () => {
    await own(first);
    await succeeds(stack.up("--skip-preview"));
    await succeeds(stack.up("--skip-preview", "--expect-no-changes"));
    const renewed = selfSigned("renewed", first.privateKey);
    await own(renewed);
    const out = await succeeds(stack.up("--skip-preview"));
    assert.match(out, /~ +postfix:index:Host +hub +updated/);
    assert.doesNotMatch(out, /~ .*laptop1 +updated/);
    assert.equal(shownCertificate("hub", "ECDSA"), renewed.certificate.trim());
});

test("another own key is refused until it was announced", async () => {
    await own(second);
    const refused = await stack.up();
    assert.notEqual(refused.code, 0);
    assert.match(
        refused.out,
        /chains: hold a key that no laptop pins, they would be locked out: first run with nextPins: \["\S+"\] and the certificate of before/,
    );
    assert.ok(refused.out.includes(`nextPins: ["${pinOf(second.privateKey)}"]`));
    await own(first, { nextPins: [pinOf(second.privateKey)] });
    await succeeds(stack.up("--skip-preview"));
    await own(second);
    await succeeds(stack.up("--skip-preview"));
    assert.equal(shownCertificate("hub", "ECDSA"), second.certificate.trim());
    await arrives("laptop1", "hub", "announced");
});

test("a hub turns to files only with a key that laptops pin; renewed there, it is nothing to do", async () => {
    await files();
    const refused = await stack.preview();
    assert.notEqual(refused.code, 0);
    assert.ok(refused.out.includes(`first run with nextPins: ["${pinOf(first.privateKey)}"]`), refused.out);
    certbot("hub", 2, second);
    await succeeds(stack.up("--skip-preview"));
    await succeeds(stack.up("--skip-preview", "--expect-no-changes"));
    certbot("hub", 3, selfSigned("renewed", second.privateKey));
    const refreshed = await succeeds(stack.refresh());
    assert.match(refreshed, /Resources:\n {4}10 unchanged\n/);
    await succeeds(stack.up("--skip-preview", "--expect-no-changes"));
    await succeeds(stack.destroy());
    assert.deepEqual([configuration("hub")], untouched);
});
