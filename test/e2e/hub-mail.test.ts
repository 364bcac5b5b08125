import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { eventually, labHost, mailWith, on, readOn, send, tryOn } from "./lab";
import { addReleases, oneByOne } from "./releases";
import { Stack, succeeds } from "./stack";

const logOf = (host: string) => readOn(host, "/var/log/mail.log");

before(addReleases);

/** Talks SMTP as it is written here, byte for byte: over the network, or through a program such as openssl. */
const talk = (host: string, to: string, lines: string) => {
    const program = `
        use IPC::Open2;
        $SIG{ALRM} = sub { exit 3 }; alarm 30;
        my $pid = open2(my $in, my $out, "${to}");
        $out->autoflush(1);
        sub heard { while (<$in>) { print; return if /^[0-9]{3} / } }
        heard() if "${to}" !~ /s_client/;
        for (split /\\|/, "${lines}") { print $out $_; heard() }
        close $out; waitpid $pid, 0;`;
    return tryOn(host, `cat >/tmp/talk.pl <<'PERL'\n${program}\nPERL\nperl /tmp/talk.pl 2>&1`);
};

for (const { postfix, hub, laptop } of oneByOne) {
    describe(`SMTP smuggling on Postfix ${postfix}`, () => {
        let stack: Stack;
        before(async () => {
            stack = new Stack(`smuggle-${postfix.replace(".", "-")}`);
            await stack.machines({}, { [laptop]: {} }, hub);
            await succeeds(stack.up("--skip-preview"));
        });
        after(async () => {
            await succeeds(stack.destroy());
            stack.remove();
        });

        // The second message stands behind an end that only a careless server sees (CVE-2023-51764).
        const smuggled = (subject: string) =>
            [
                "EHLO client.example.net\\r\\n",
                "MAIL FROM:<eve\\@example.net>\\r\\n",
                "RCPT TO:<alice\\@example.com>\\r\\n",
                "DATA\\r\\n",
                `Subject: ${subject}-first\\r\\n\\r\\nfirst\\n.\\nMAIL FROM:<boss\\@example.com>\\r\\nRCPT TO:<alice\\@example.com>\\r\\nDATA\\r\\nSubject: ${subject}-second\\r\\n\\r\\nsecond\\r\\n.\\r\\n`,
                "QUIT\\r\\n",
            ].join("|");

        for (const [where, from, to] of [
            ["its public port", "outside", `busybox nc ${labHost(hub).ip} 25`],
            [
                "the laptops' port",
                laptop,
                `openssl s_client -quiet -starttls smtp -connect ${labHost(hub).ip}:587 -cert /tmp/identity.pem -key /tmp/identity.pem 2>/dev/null`,
            ],
        ] as const) {
            test(`a message inside a message stays one on ${where}`, async () => {
                on(laptop, "cp /etc/postfix/pulumi/*/*/identity.pem /tmp/identity.pem");
                const subject = `smuggle-${postfix}-${from === "outside" ? 25 : 587}`;
                const { out } = talk(from, to, smuggled(subject));
                const mail = await eventually(`the first arrives; said: ${out}`, () =>
                    mailWith(hub, `${subject}-first`),
                );
                assert.match(mail, new RegExp(`Subject: ${subject}-second`), "as text of the first");
                on(hub, "postqueue -f");
                assert.ok(mailWith(hub, `${subject}-second`)?.includes(`Subject: ${subject}-first`));
            });
        }
    });
}

describe("a hub's own mail", () => {
    let stack: Stack;
    const pinOfOutside = () =>
        on(
            "outside",
            `openssl x509 -noout -pubkey -in /etc/ssl/certs/ssl-cert-snakeoil.pem | openssl pkey -pubin -outform DER |
                openssl dgst -sha256 -c | sed 's/.*= *//' | tr a-f A-F`,
        ).trim();
    const withPolicy = (policy: string) =>
        stack.machines(
            { outboundSecurity: "none", outboundPolicy: { "example.net": policy } },
            { laptop1: {} },
        );
    before(() => {
        stack = new Stack("outbound");
    });
    after(async () => {
        await succeeds(stack.destroy());
        stack.remove();
    });

    test("goes out as it is told, for one destination by its key", async () => {
        await withPolicy(`fingerprint match=${pinOfOutside()}`);
        await succeeds(stack.up("--skip-preview"));
        send("laptop1", "by-key", "alice@example.net");
        await eventually("it arrives", () => mailWith("outside", "by-key"));
        assert.match(logOf("hub"), /Verified TLS connection established to outside\.example\.net\[/);
        assert.match(
            on("hub", "postmap -q example.net $(postconf -hx smtp_tls_policy_maps)"),
            /^fingerprint match=/,
        );
        await succeeds(stack.up("--skip-preview", "--expect-no-changes"));
    });

    test("waits where the destination shows another key than the policy names", async () => {
        await withPolicy(`fingerprint match=${Array(32).fill("AA").join(":")}`);
        await succeeds(stack.up("--skip-preview"));
        send("laptop1", "other-key", "alice@example.net");
        await eventually("it is deferred", () =>
            /to=<alice@example\.net>.*status=deferred \(Server certificate not verified\)/.test(logOf("hub")),
        );
    });

    test("goes in clear where it is told so", async () => {
        await stack.machines({ outboundSecurity: "none" }, { laptop1: {} });
        await succeeds(stack.up("--skip-preview"));
        on("hub", "postqueue -f");
        const mail = await eventually("what waited arrives", () => mailWith("outside", "other-key"));
        assert.doesNotMatch(/by outside[^;]*/.exec(mail)?.[0] ?? mail, /TLS/);
        assert.match(/from mailhub[^;]*outside[^;]*/.exec(mail)?.[0] ?? "", /with ESMTP id/);
    });
});
