import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { authority, pinOf, privateKey, selfSigned } from "../certificates";
import { certbot, filesOf, secretKey, shownCertificate, verifiedBy } from "./certificate-judges";
import { arrives, configuration, eventually, labHost, mailWith, on, send, tryOn } from "./lab";
import { addReleases, oneByOne, releases } from "./releases";
import { Stack, succeeds } from "./stack";

const stacks: Stack[] = [];
const untouched = new Map<string, string>();

before(() => {
    addReleases();
    for (const { hub, laptop } of releases)
        for (const host of [hub, laptop]) untouched.set(host, configuration(host));
});
after(() => {
    for (const stack of stacks) stack.remove();
});

function stackOf(name: string): Stack {
    const stack = new Stack(name);
    stacks.push(stack);
    return stack;
}

const warnings = (host: string): string =>
    tryOn(host, "grep -E 'warning:.*(cert|chain|key|TLS|CAfile|tls_)' /var/log/mail.log").out;
const deferred = "grep -q 'status=deferred (Server certificate not verified)' /var/log/mail.log";

for (const { debian, postfix, hub, laptop } of oneByOne) {
    const stack = stackOf(`own-${debian}`);
    const machines = (ofHub: Record<string, unknown>) => stack.machines(ofHub, { [laptop]: {} }, hub);
    const pairs = [selfSigned("mailhub"), selfSigned("mailhub", privateKey("rsa"))] as const;
    const [lying, exchanged] = [selfSigned("lying"), selfSigned("exchanged")];
    const subject = (word: string) => `${word}-${debian}`;

    test(`own certificates of both kinds are served, and pinned, on Postfix ${postfix}`, async () => {
        const certificates = pairs.map(({ certificate }) => ({ certificate }));
        await machines({ certificates, nextPins: [pinOf(lying.privateKey)] });
        for (const [index, pair] of pairs.entries())
            await secretKey(stack, `smartHost.certificates[${index}].privateKey`, pair);
        const out = await succeeds(stack.up("--skip-preview"));
        assert.doesNotMatch(out, /unproven|not proven/);
        assert.equal(shownCertificate(hub, "ECDSA"), pairs[0].certificate.trim());
        assert.equal(shownCertificate(hub, "RSA"), pairs[1].certificate.trim());
        await arrives(laptop, hub, subject("own"));
        const state = (await stack.exportState()).out;
        assert.doesNotMatch(state, /PRIVATE KEY/);
        for (const pair of pairs) assert.ok(!out.includes(pair.privateKey.split("\n")[1] ?? ""));
    });

    test(`certificates on the hub, as certbot lays them, are served and pinned on Postfix ${postfix}`, async () => {
        certbot(hub, 1, lying);
        await machines({ certificateFiles: [filesOf(hub)] });
        await succeeds(stack.up("--skip-preview"));
        assert.equal(shownCertificate(hub, "ECDSA"), lying.certificate.trim());
        const link = (await stack.outputs()).smartHost as { pins: string[] };
        assert.deepEqual(link.pins, [pinOf(lying.privateKey)]);
        await arrives(laptop, hub, subject("lying"));
        const renewed = selfSigned("renewed", lying.privateKey);
        certbot(hub, 2, renewed);
        on(hub, "postfix reload");
        assert.equal(shownCertificate(hub, "ECDSA"), renewed.certificate.trim());
        await arrives(laptop, hub, subject("renewed"));
    });

    test(`another key there is drift that says what to do, and up mends it, on Postfix ${postfix}`, async () => {
        certbot(hub, 3, exchanged);
        on(hub, "postfix reload");
        send(laptop, subject("exchanged"));
        await eventually("the mail waits", () => tryOn(laptop, deferred).code === 0);
        const refreshed = await succeeds(stack.refresh("--diff", "--skip-preview"));
        assert.match(refreshed, new RegExp(`servedPins.*"${pinOf(exchanged.privateKey)}"`, "s"));
        assert.match(refreshed, /is another one now.*pulumi up.*--reuse-key/);
        const mended = await succeeds(stack.up("--skip-preview"));
        assert.match(mended, new RegExp(`~ +postfix:index:Host +${laptop} +updated`));
        on(laptop, "postqueue -f");
        await eventually("the mail arrives", () => mailWith(hub, subject("exchanged")), 60);
        const bounced = tryOn(laptop, "grep status=bounced /var/log/mail.log").out;
        assert.equal(bounced, "");
        await succeeds(stack.up("--skip-preview", "--expect-no-changes"));
    });

    test(`no warning was logged, and destroy gives all files back, on Postfix ${postfix}`, async () => {
        assert.equal(warnings(hub) + warnings(laptop), "");
        await succeeds(stack.destroy());
        for (const host of [hub, laptop]) assert.equal(configuration(host), untouched.get(host), host);
        assert.equal(tryOn(hub, `test -s ${filesOf(hub).keyFile}`).code, 0, "the host's own key stays");
    });

    test(`a CA of one's own vouches for hub and laptop, in others' judgment too, on Postfix ${postfix}`, async () => {
        const ca = authority();
        const { certificate } = ca;
        const fqdn = labHost(hub).fqdn;
        const signed = stackOf(`ca-${debian}`);
        await signed.machines(
            { signedBy: { certificate }, clientAuthority: certificate },
            { [laptop]: { signedBy: { certificate }, security: "secure" } },
            hub,
        );
        await secretKey(signed, "smartHost.signedBy.privateKey", ca);
        await secretKey(signed, `laptops["${laptop}"].signedBy.privateKey`, ca);
        const out = await succeeds(signed.up("--skip-preview"));
        assert.doesNotMatch(out, /unproven|not proven/);
        assert.equal(verifiedBy(laptop, ca, fqdn), "openssl: ok\nposttls-finger: ok");
        const mail = await arrives(laptop, hub, subject("signed"));
        assert.match(mail, new RegExp(`Client CN "${laptop}", Issuer "Test CA" \\(verified OK\\)`));
        const log = on(hub, "cat /var/log/mail.log");
        assert.match(log, /laptops\/smtpd\[\d+\]: Trusted TLS connection established/);
        assert.doesNotMatch((await signed.exportState()).out, /PRIVATE KEY/);
        assert.equal(warnings(hub) + warnings(laptop), "");
        // Last, since the hub's log warns of a client that turns away.
        assert.equal(verifiedBy(laptop, authority("Another"), fqdn), "openssl: no\nposttls-finger: no");
        await succeeds(signed.destroy());
        for (const host of [hub, laptop]) assert.equal(configuration(host), untouched.get(host), host);
    });
}
