import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { authority, type Pair, pinOf, privateKey, selfSigned, signedBy } from "../certificates";
import { certbot, filesOf, shownCertificate, verifiedBy } from "./certificate-judges";
import { configuration, eventually, labHost, mailWith, on, send, tryOn } from "./lab";
import { addReleases, releases } from "./releases";
import { Stack } from "./stack";

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

/** Gives a private key of the config as a person would. */
async function secretKey(stack: Stack, path: string, { privateKey: key }: Pair): Promise<void> {
    const set = await stack.run(["config", "set", "--secret", "--path", `postfix-stacks:${path}`], key);
    assert.equal(set.code, 0, set.out);
}

async function succeed(run: Promise<{ code: number; out: string }>): Promise<string> {
    const { code, out } = await run;
    assert.equal(code, 0, out);
    return out;
}

async function arrives(laptop: string, hub: string, subject: string): Promise<string> {
    send(laptop, subject);
    return eventually("the mail arrives", () => mailWith(hub, subject), 40);
}

const warnings = (host: string): string =>
    tryOn(host, "grep -E 'warning:.*(cert|chain|key|TLS|CAfile|tls_)' /var/log/mail.log").out;
const bounced = (host: string): number => tryOn(host, "grep -q status=bounced /var/log/mail.log").code;

for (const { debian, postfix, hub, laptop } of releases) {
    const stack = stackOf(`own-${debian}`);
    const fqdn = () => labHost(hub).fqdn;
    const machines = (ofHub: Record<string, unknown>) => stack.machines(ofHub, { [laptop]: {} }, hub);
    const [ec, rsa] = [selfSigned("mailhub"), selfSigned("mailhub", privateKey("rsa"))];
    const announced = selfSigned("announced");
    const lying = selfSigned("lying");
    const exchanged = selfSigned("exchanged");
    const subject = (word: string) => `${word}-${debian}`;

    /** The hub's own certificates, its keys stored encrypted. */
    async function own(pairs: Pair[], more: Record<string, unknown> = {}): Promise<void> {
        await machines({ certificates: pairs.map(({ certificate }) => ({ certificate })), ...more });
        for (const [index, pair] of pairs.entries())
            await secretKey(stack, `smartHost.certificates[${index}].privateKey`, pair);
    }

    test(`own certificates of both kinds are served, and pinned, on Postfix ${postfix}`, async () => {
        await own([ec, rsa]);
        const out = await succeed(stack.up());
        assert.doesNotMatch(out, /unproven|not proven/);
        for (const [kind, { certificate }] of [
            ["ECDSA", ec],
            ["RSA", rsa],
        ] as const)
            assert.equal(shownCertificate(hub, kind), certificate.trim(), kind);
        await arrives(laptop, hub, subject("own"));
        await succeed(stack.up("--expect-no-changes"));
        const state = (await stack.exportState()).out;
        assert.doesNotMatch(state, /PRIVATE KEY/);
        for (const pair of [ec, rsa]) assert.ok(!out.includes(pair.privateKey.split("\n")[1] ?? ""));
    });

    test(`a certificate renewed for its key touches no laptop, on Postfix ${postfix}`, async () => {
        const renewed = selfSigned("renewed", ec.privateKey);
        await own([renewed, rsa]);
        const out = await succeed(stack.up());
        assert.match(out, /~ +postfix:index:Host +hub +updated/);
        assert.doesNotMatch(out, new RegExp(`~ .*${laptop}`));
        assert.equal(shownCertificate(hub, "ECDSA"), renewed.certificate.trim());
    });

    test(`another own key is refused until it was announced, on Postfix ${postfix}`, async () => {
        await own([announced]);
        const refused = await stack.up();
        assert.notEqual(refused.code, 0);
        assert.match(
            refused.out,
            /chains: hold a key that no laptop pins, they would be locked out: first run with nextPins: \["(\S+)"\] and the certificate of before/,
        );
        assert.ok(refused.out.includes(`nextPins: ["${pinOf(announced.privateKey)}"]`));
        assert.equal(tryOn(hub, "grep -q announced /var/log/mail.log").code, 1, "nothing was touched");
        await own([ec, rsa], { nextPins: [pinOf(announced.privateKey)] });
        await succeed(stack.up());
        await own([announced], { nextPins: [pinOf(lying.privateKey)] });
        await succeed(stack.up());
        await arrives(laptop, hub, subject("announced"));
    });

    test(`certificates on the hub, as certbot lays them, are served and pinned on Postfix ${postfix}`, async () => {
        certbot(hub, 1, lying);
        await machines({ certificateFiles: [filesOf(hub)] });
        await succeed(stack.up());
        assert.equal(shownCertificate(hub, "ECDSA"), lying.certificate.trim());
        const link = (await stack.outputs()).smartHost as { pins: string[] };
        assert.deepEqual(link.pins, [pinOf(lying.privateKey)]);
        await arrives(laptop, hub, subject("lying"));
        await succeed(stack.up("--expect-no-changes"));
    });

    test(`renewed there for its key: nothing to do, and the new one is served, on Postfix ${postfix}`, async () => {
        const renewed = selfSigned("renewed", lying.privateKey);
        certbot(hub, 2, renewed);
        on(hub, "postfix reload");
        assert.equal(shownCertificate(hub, "ECDSA"), renewed.certificate.trim());
        const refreshed = await succeed(stack.refresh());
        assert.match(refreshed, /Resources:\n {4}9 unchanged\n/);
        await succeed(stack.up("--expect-no-changes"));
        await arrives(laptop, hub, subject("renewed"));
    });

    test(`another key there is drift that says what to do, and up mends it, on Postfix ${postfix}`, async () => {
        certbot(hub, 3, exchanged);
        on(hub, "postfix reload");
        send(laptop, subject("exchanged"));
        await eventually(
            "the mail waits",
            () =>
                tryOn(laptop, "grep -q 'status=deferred (Server certificate not verified)' /var/log/mail.log")
                    .code === 0,
        );
        const refreshed = await succeed(stack.refresh("--diff"));
        assert.match(refreshed, new RegExp(`servedPins.*"${pinOf(exchanged.privateKey)}"`, "s"));
        assert.match(refreshed, /is another one now.*pulumi up.*--reuse-key/);
        const mended = await succeed(stack.up());
        assert.match(mended, new RegExp(`~ +postfix:index:Host +${laptop} +updated`));
        on(laptop, "postqueue -f");
        await eventually("the mail arrives", () => mailWith(hub, subject("exchanged")), 60);
        assert.equal(bounced(laptop), 1, "nothing was bounced");
        await succeed(stack.up("--expect-no-changes"));
    });

    test(`no warning was logged, and destroy gives all files back, on Postfix ${postfix}`, async () => {
        assert.equal(warnings(hub) + warnings(laptop), "");
        await succeed(stack.destroy());
        for (const host of [hub, laptop]) assert.equal(configuration(host), untouched.get(host), host);
        assert.equal(tryOn(hub, `test -s ${filesOf(hub).keyFile}`).code, 0, "the host's own key stays");
    });

    test(`a CA of one's own vouches for hub and laptops, in others' judgment too, on Postfix ${postfix}`, async () => {
        const ca = authority();
        const signed = stackOf(`ca-${debian}`);
        const { certificate } = ca;
        const authorities = { signedBy: { certificate } };
        await signed.machines(
            { ...authorities, clientAuthority: certificate },
            { [laptop]: { ...authorities, security: "secure" } },
            hub,
        );
        await secretKey(signed, "smartHost.signedBy.privateKey", ca);
        await secretKey(signed, `laptops["${laptop}"].signedBy.privateKey`, ca);
        const out = await succeed(signed.up());
        assert.doesNotMatch(out, /unproven|not proven/);
        assert.match(verifiedBy(laptop, ca, fqdn()), /^openssl: ok\nposttls-finger: ok$/);
        assert.match(
            verifiedBy(laptop, authority("Another CA"), fqdn()),
            /^openssl: no\nposttls-finger: no$/,
        );
        const mail = await arrives(laptop, hub, subject("signed"));
        assert.match(mail, new RegExp(`Client CN "${laptop}", Issuer "Test CA" \\(verified OK\\)`));
        assert.match(
            on(laptop, "grep 'TLS connection established to' /var/log/mail.log | tail -n 1"),
            /Verified TLS connection established to mailhub/,
        );
        assert.match(
            on(hub, "cat /var/log/mail.log"),
            /laptops\/smtpd\[\d+\]: Trusted TLS connection established/,
        );
        assert.doesNotMatch((await signed.exportState()).out, /PRIVATE KEY/);
        await succeed(signed.up("--expect-no-changes"));
        assert.equal(warnings(hub) + warnings(laptop), "");
        await succeed(signed.destroy());
        for (const host of [hub, laptop]) assert.equal(configuration(host), untouched.get(host), host);
    });
}

test("files on the hub that do not fit are told, or taken back, before any laptop knows of them", async () => {
    const { hub, laptop } = releases[1] ?? assert.fail();
    const stack = stackOf("unfit");
    const files = (more = {}) =>
        stack.machines({ certificateFiles: [{ ...filesOf(hub), ...more }] }, { [laptop]: {} }, hub);
    await files({ certificateFile: "/etc/letsencrypt/live/nobody/fullchain.pem" });
    const missing = await stack.preview();
    assert.notEqual(missing.code, 0);
    assert.match(
        missing.out,
        /certificateFiles\[0\]\.certificateFile: \S+\/nobody\/fullchain\.pem of the host is not there: make it first \(certbot certonly\), or give another path/,
    );
    const pair = selfSigned("mailhub");
    certbot(hub, 1, { ...pair, privateKey: selfSigned("other").privateKey });
    await files();
    const mismatch = await stack.up();
    assert.notEqual(mismatch.code, 0);
    assert.match(mismatch.out, /does not serve the intended key.*The old configuration is back/s);
    assert.equal(configuration(hub), untouched.get(hub));
    certbot(hub, 1, pair);
    await files({ pin: pinOf(selfSigned("other").privateKey) });
    const unexpected = await stack.preview();
    assert.notEqual(unexpected.code, 0);
    assert.match(
        unexpected.out,
        /certificateFiles\[0\]\.pin: given \S+, but \S+ of the host has the key \S+: write that pin/,
    );
    assert.ok(unexpected.out.includes(`has the key ${pinOf(pair.privateKey)}`));
    await files({ pin: pinOf(pair.privateKey) });
    await succeed(stack.up());
    await arrives(laptop, hub, "expected");
    await succeed(stack.destroy());
});

test("a key in clear in the stack file is refused, with the command that stores it encrypted", async () => {
    const { hub, laptop } = releases[1] ?? assert.fail();
    const stack = stackOf("clear");
    const pair = signedBy(authority(), labHost(hub).fqdn);
    await stack.machines({ certificates: [pair] }, { [laptop]: {} }, hub);
    const { code, out } = await stack.preview();
    assert.notEqual(code, 0);
    assert.match(
        out,
        /smartHost\.certificates\[0\]\.privateKey: stands in the stack file in clear.*--secret --path/,
    );
    assert.ok(!out.includes(pair.privateKey.split("\n")[1] ?? ""));
});
