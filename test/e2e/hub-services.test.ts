import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { configuration, eventually, labHost, litter, mailWith, on, readOn, send, tryOn } from "./lab";
import { addReleases, oneByOne } from "./releases";
import { Stack, succeeds } from "./stack";

async function stackOf(name: string, ...machines: Parameters<Stack["machines"]>): Promise<Stack> {
    const stack = new Stack(name);
    await stack.machines(...machines);
    return stack;
}

const logOf = (host: string) => readOn(host, "/var/log/mail.log");

/** What openssl sees on a port, from outside. */
const s_client = (host: string, port: number, options = "-starttls smtp") =>
    tryOn("outside", `openssl s_client ${options} -connect ${labHost(host).ip}:${port} </dev/null 2>&1`);
const keyOf = (said: { out: string }) => /-----BEGIN CERTIFICATE-----[^-]+-----END/.exec(said.out)?.[0];

const swaks = (host: string, port: number, options: string) =>
    tryOn("outside", `swaks --server ${labHost(host).ip}:${port} --from eve@example.net ${options} 2>&1`);

before(addReleases);

for (const { postfix, hub, laptop } of oneByOne) {
    describe(`a hub for laptops alone, with TLS from the first byte, on Postfix ${postfix}`, () => {
        let stack: Stack;
        const originals = new Map<string, string>();
        before(async () => {
            for (const host of [hub, laptop]) originals.set(host, configuration(host));
            stack = await stackOf(
                `wrapped-${postfix.replace(".", "-")}`,
                { implicitTlsPort: 465, publicPort: "none" },
                { [laptop]: { implicitTls: true } },
                hub,
            );
            await succeeds(stack.up("--skip-preview"));
        });
        after(() => stack.remove());

        test("the laptop's Postfix proves the key there and its mail goes that way", async () => {
            for (const name of ["hub", laptop])
                assert.equal((await stack.host(name))?.outputs.provenBy, "postfix", name);
            send(laptop, `wrapped-${postfix}`);
            const mail = await eventually("it arrives", () => mailWith(hub, `wrapped-${postfix}`));
            assert.match(mail, /using TLSv1\.3 with cipher/);
            assert.match(logOf(laptop), /Verified TLS connection established to \S+\[[0-9.]+\]:465: /);
        });

        test("others see the same key on both ports, a stranger gets 450 on each, and port 25 is closed", () => {
            const [starttls, wrapped] = [s_client(hub, 587), s_client(hub, 465, "")];
            assert.ok(keyOf(starttls), starttls.out);
            assert.equal(keyOf(wrapped), keyOf(starttls));
            for (const [port, option] of [
                [587, "--tls"],
                [465, "--tlsc"],
            ] as const)
                assert.match(
                    swaks(hub, port, `${option} --to alice@example.com`).out,
                    /<~\* +450 4\.3\.2/,
                    option,
                );
            assert.match(swaks(hub, 25, "--to alice@example.com").out, /Connection refused/);
        });

        test("a second run changes nothing, and destroy opens port 25 again", async () => {
            await succeeds(stack.up("--skip-preview", "--expect-no-changes"));
            await succeeds(stack.refresh("--expect-no-changes", "--skip-preview"));
            await succeeds(stack.destroy());
            for (const host of [hub, laptop]) {
                assert.equal(configuration(host), originals.get(host), host);
                assert.equal(litter(host), "", host);
            }
            assert.equal(swaks(hub, 25, "--to alice@example.com --header 'Subject: again'").code, 0);
        });
    });
}

for (const { postfix, hub, laptop } of oneByOne) {
    describe(`what is said of TLS on Postfix ${postfix}`, () => {
        let stack: Stack;
        let start = 0;
        before(async () => {
            start = logOf(laptop).length;
            stack = await stackOf(
                `tls-${postfix.replace(".", "-")}`,
                { protocolFloor: "TLSv1.3", receivedHeader: false, publicPort: "encrypt" },
                { [laptop]: { protocolFloor: "TLSv1.3", tlsLogLevel: 0 } },
                hub,
            );
            on(
                hub,
                "postconf -e 'smtpd_client_restrictions = reject' 'smtpd_helo_restrictions = reject' && postfix reload",
            );
            await succeeds(stack.up("--skip-preview"));
        });
        after(async () => {
            await succeeds(stack.destroy());
            on(hub, "postconf -X smtpd_client_restrictions smtpd_helo_restrictions && postfix reload");
            stack.remove();
        });

        test("TLS 1.2 is below the floor, TLS 1.3 above it", () => {
            assert.match(s_client(hub, 587, "-starttls smtp -tls1_3").out, /New, TLSv1\.3, Cipher is TLS_/);
            const below = s_client(hub, 587, "-starttls smtp -tls1_2");
            assert.notEqual(below.code, 0, below.out);
            assert.match(below.out, /alert protocol version|no protocols available|Cipher is \(NONE\)/);
        });

        test("a laptop whose log says nothing of TLS is proven through SSH", async () => {
            assert.equal((await stack.host(laptop))?.outputs.provenBy, "ssh");
            assert.doesNotMatch(logOf(laptop).slice(start), /TLS connection established/);
        });

        test("what the hub refuses to others does not reach its laptops, whose way is not in the message", async () => {
            send(laptop, `free-${postfix}`);
            const mail = await eventually("it arrives", () => mailWith(hub, `free-${postfix}`));
            assert.doesNotMatch(mail, /using TLS/);
            const refused = swaks(hub, 25, "--tls --to alice@example.com");
            assert.match(refused.out, /554 5\.7\.1 .*(Client host|Helo command) rejected/);
            assert.match(swaks(hub, 587, "--tls --to alice@example.com").out, /<~\* +450 4\.3\.2/);
        });

        test("port 25 insists on TLS", () => {
            assert.match(swaks(hub, 25, "--to alice@example.com").out, /530 5\.7\.0 Must issue a STARTTLS/);
        });
    });
}
