import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { configuration, eventually, labHost, litter, mailWith, on, readOn, send, tryOn } from "./lab";
import { Stack, succeeds } from "./stack";

/** A stack of the lab's hub with some laptops. */
async function stackOf(
    name: string,
    hub: Record<string, unknown>,
    laptops: Record<string, Record<string, unknown>>,
): Promise<Stack> {
    const stack = new Stack(name);
    await stack.machines(hub, laptops);
    return stack;
}

/** What an SMTP client without a certificate hears when it offers a mail. */
const stranger = (port: number, to: string) =>
    tryOn(
        "outside",
        `swaks --server ${labHost("hub").ip}:${port} --tls --from eve@example.net --to ${to} 2>&1`,
    );

/** The key that a port serves, seen from outside. */
const servedKey = (port: number) =>
    on(
        "outside",
        `openssl s_client -starttls smtp -connect ${labHost("hub").ip}:${port} </dev/null 2>/dev/null |
            openssl x509 -noout -pubkey`,
    );

async function relays(laptop: string, subject: string, port: number): Promise<string> {
    send(laptop, subject, "alice@example.net");
    const mail = await eventually("the mail arrives outside", () => mailWith("outside", subject));
    assert.match(
        readOn(laptop, "/var/log/mail.log"),
        new RegExp(`Verified TLS connection established to mailhub\\.example\\.com\\[[0-9.]+\\]:${port}:`),
    );
    return mail;
}

const originals = new Map<string, string>();
before(() => {
    for (const host of ["hub", "laptop1", "laptop2", "laptop3"]) originals.set(host, configuration(host));
});

function nothingRemains(...hosts: string[]): void {
    for (const host of hosts) {
        assert.equal(configuration(host), originals.get(host), host);
        assert.equal(litter(host), "", host);
    }
}

describe("a guest on an admin's hub", () => {
    let stack: Stack;
    let admins = "";
    let adminsKey = "";
    const adminsFiles = "/etc/postfix/main.cf /etc/postfix/master.cf";

    before(async () => {
        on(
            "hub",
            `cp -a ${adminsFiles} /root && cd /etc/ssl &&
            openssl req -x509 -newkey rsa:2048 -nodes -keyout private/admin.pem -out certs/admin.pem \
                -subj /CN=mail.example.com -days 30 2>/dev/null &&
            postconf -e smtpd_tls_cert_file=/etc/ssl/certs/admin.pem smtpd_tls_key_file=/etc/ssl/private/admin.pem \
                'smtpd_client_restrictions = check_client_access inline:{10.77.1.1=REJECT}' \
                'smtpd_recipient_restrictions = reject_unknown_sender_domain' &&
            postfix reload`,
        );
        admins = configuration("hub");
        adminsKey = servedKey(25);
        assert.match(adminsKey, /BEGIN PUBLIC KEY/);
        stack = await stackOf("guest", { mode: "guest" }, { laptop1: {} });
    });
    after(() => {
        on("hub", "cp -a /root/main.cf /root/master.cf /etc/postfix && rm /root/ma*.cf && postfix reload");
        stack.remove();
    });

    test("needs no takeOver and changes none of the admin's lines", async () => {
        const before = readOn("hub", "/etc/postfix/main.cf");
        const out = await succeeds(stack.up("--skip-preview"));
        assert.doesNotMatch(out, /takeOver/);
        const now = readOn("hub", "/etc/postfix/main.cf");
        assert.ok(now.startsWith(before), now);
        assert.match(
            now.slice(before.length),
            /^(# BEGIN pulumi-postfix (?:.+\n)+?# END pulumi-postfix .+\n)+$/,
        );
        for (const line of now.slice(before.length).split("\n"))
            assert.match(line, /^($|#|pulumi_)/, "a parameter of Postfix itself");
    });

    test("port 25 goes on serving the admin's certificate and restrictions, the laptops' port ours", async () => {
        assert.equal(servedKey(25), adminsKey);
        assert.notEqual(servedKey(587), adminsKey);
        const { out } = tryOn(
            "laptop1",
            "swaks --server 10.77.0.1:25 --from a@example.com --to b@example.com",
        );
        assert.match(out, /554 5\.7\.1 .*Client host rejected/);
    });

    test("a laptop that port 25 refuses relays on 587 with the pinned key", async () => {
        await relays("laptop1", "by-the-guest", 587);
    });

    test("a stranger without certificate gets 450 on 587, for any address", () => {
        for (const to of ["alice@example.net", "alice@example.com"]) {
            const { code, out } = stranger(587, to);
            assert.notEqual(code, 0, out);
            assert.match(out, /TLS started/);
            assert.match(out, /<~\* +450 4\.3\.2/);
        }
    });

    test("destroy gives both files back byte for byte", async () => {
        await succeeds(stack.destroy());
        assert.equal(configuration("hub"), admins);
        assert.equal(servedKey(25), adminsKey);
        assert.equal(litter("hub"), "");
        nothingRemains("laptop1");
    });
});

describe("port 25 shared with other mail", () => {
    let stack: Stack;
    const algorithms = { laptop1: "rsa-3072", laptop2: "both", laptop3: "ecdsa-p256" };
    before(async () => {
        const laptops = Object.entries(algorithms).map(([name, keyAlgorithm]) => [name, { keyAlgorithm }]);
        stack = await stackOf("public", { port: 25, keyAlgorithm: "both" }, Object.fromEntries(laptops));
        await succeeds(stack.up("--skip-preview"));
    });
    after(() => stack.remove());

    for (const [laptop, algorithm] of Object.entries(algorithms)) {
        test(`a laptop with keys "${algorithm}" relays through it`, async () => {
            const mail = await relays(laptop, `with-${algorithm}`, 25);
            assert.match(mail, /Client CN "laptop\d"/);
            const signed = /client-signature (\S+)/.exec(mail)?.[1] ?? "";
            const expected = { "rsa-3072": /^RSA/, both: /^(RSA|ECDSA)/, "ecdsa-p256": /^ECDSA/ }[algorithm];
            assert.match(signed, expected ?? /never/);
        });
    }

    test("a stranger relays nothing, and still reaches the hub's own people", async () => {
        const refused = stranger(25, "alice@example.net");
        assert.notEqual(refused.code, 0, refused.out);
        assert.match(refused.out, /<~\* +[45]54 .*Relay access denied/);
        const { code, out } = tryOn(
            "outside",
            `swaks --server ${labHost("hub").ip}:25 --tls --from eve@example.net --to alice@example.com \
                --header 'Subject: from-a-stranger'`,
        );
        assert.equal(code, 0, out);
        await eventually("it is delivered", () => mailWith("hub", "from-a-stranger"));
    });

    test("destroy leaves everything as it was", async () => {
        await succeeds(stack.destroy());
        nothingRemains("hub", ...Object.keys(algorithms));
    });
});

describe("two owners on one hub", () => {
    let first: Stack;
    let second: Stack;
    before(async () => {
        first = await stackOf("first", {}, { laptop1: {} });
        second = await stackOf("second", { name: "annex", mode: "guest", port: 2587 }, { laptop2: {} });
    });
    after(() => {
        first.remove();
        second.remove();
    });

    test("the second does not disturb the first", async () => {
        await succeeds(first.up("--skip-preview"));
        const key = servedKey(587);
        await succeeds(second.up("--skip-preview"));
        assert.equal(servedKey(587), key);
        assert.notEqual(servedKey(2587), key);
        await relays("laptop1", "by-the-first", 587);
        await relays("laptop2", "by-the-second", 2587);
        // Each finds its own as it left it, whatever the other did since.
        for (const stack of [first, second]) {
            await succeeds(stack.refresh("--expect-no-changes", "--skip-preview"));
            await succeeds(stack.up("--skip-preview", "--expect-no-changes"));
        }
        assert.equal(litter("hub"), "");
    });

    test("a third hub of the first's name belongs to somebody else and is refused", async () => {
        const stranger = await stackOf("third", { mode: "guest", port: 3587 }, {});
        try {
            const standing = configuration("hub");
            const { code, out } = await stranger.up("--skip-preview");
            assert.notEqual(code, 0, out);
            assert.match(out, /this host has a fragment "hub-[0-9a-f]+" of another program/);
            assert.equal(configuration("hub"), standing);
        } finally {
            stranger.remove();
        }
    });

    test("the first leaves, the second's mail goes on", async () => {
        await succeeds(first.destroy());
        nothingRemains("laptop1");
        await relays("laptop2", "after-the-first", 2587);
        await succeeds(second.up("--skip-preview", "--expect-no-changes"));
        assert.equal(litter("hub"), "");
        assert.doesNotMatch(readOn("hub", "/etc/postfix/main.cf"), /pulumi-postfix[ (]hub-/);
    });

    test("the last leaves nothing behind", async () => {
        await succeeds(second.destroy());
        nothingRemains("hub", "laptop2");
    });
});
