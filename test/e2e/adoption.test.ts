/** Hosts that somebody set up by hand in 2009, as the article says, and has not looked at since. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { after, before, test } from "node:test";
import { selfSigned } from "../certificates";
import { arrives, configuration, connection, labHost, on, operatorKey, tryOn } from "./lab";
import { fails, Stack, succeeds } from "./stack";

const stack = new Stack("adoption");
const hosts = ["hub", "laptop1"];
const kept = new Map<string, string>();
const { privateKey, certificate } = selfSigned(labHost("hub").fqdn);
const sha1 = new X509Certificate(certificate).fingerprint;

/** The article's own words, where Postfix still starts with them. */
const hubOf2009 = `
# sending over TLS/SSL
smtp_tls_security_level = may
# receiving over TLS/SSL
smtpd_tls_security_level = may
smtpd_tls_CAfile = /etc/postfix/server-cert.pem
smtpd_tls_key_file = /etc/postfix/server-key.pem
smtpd_tls_cert_file = /etc/postfix/server-cert.pem
# TLS logging
smtp_tls_loglevel = 1
smtpd_tls_loglevel = 1
smtpd_tls_received_header = yes
smtpd_tls_session_cache_database = btree:\${queue_directory}/smtpd_scache
smtp_tls_session_cache_database = btree:\${queue_directory}/smtp_scache
mynetworks = 127.0.0.0/8 10.0.0.0/8
`;
const laptopOf2009 = `
# The CA-less fingerprint security level only scales to a limited
# number of destinations.
relayhost = [${labHost("hub").fqdn}]
smtp_tls_security_level = fingerprint
smtp_tls_mandatory_protocols = !SSLv2, !SSLv3
smtp_tls_mandatory_ciphers = high
# default is md5
smtp_tls_fingerprint_digest = sha1
smtp_tls_fingerprint_cert_match = ${sha1}
smtpd_tls_received_header = yes
smtpd_tls_loglevel = 1
smtp_tls_loglevel = 1`;

/** Parameters whose line the admin wrote and we want otherwise; what is the same may stay. */
const yielding = {
    hub: ["smtpd_tls_cert_file", "smtpd_tls_key_file"],
    laptop1: [
        "relayhost",
        "smtp_tls_mandatory_protocols",
        "smtp_tls_fingerprint_digest",
        "smtp_tls_fingerprint_cert_match",
    ],
};

function byHand(host: string, text: string): void {
    const names = [...text.matchAll(/^(\w+) =/gm)].map(([, name]) => name).join("|");
    on(
        host,
        `sed -Ei '/^(${names})( |=)/d' /etc/postfix/main.cf && cat >>/etc/postfix/main.cf <<'END_2009'${text}\nEND_2009\n` +
            "postfix check && postfix stop; postfix start",
    );
}

const configure = (hub: string[], laptop: string[]) =>
    stack.config(
        {
            smartHost: { hostname: labHost("hub").fqdn, connection: connection("hub"), takeOver: hub },
            laptops: { laptop1: { connection: connection("laptop1"), takeOver: laptop } },
        },
        { 'privateKeys["*"]': operatorKey() },
    );

before(async () => {
    for (const host of hosts) on(host, "rm -rf /root/kept && cp -a /etc/postfix /root/kept");
    on("hub", `umask 077; printf '%s' '${privateKey}' >/etc/postfix/server-key.pem`);
    on("hub", `printf '%s' '${certificate}' >/etc/postfix/server-cert.pem`);
    byHand("hub", hubOf2009);
    byHand("laptop1", laptopOf2009);
    for (const host of hosts) kept.set(host, configuration(host));
});

after(() => {
    stack.remove();
    for (const host of hosts)
        on(host, "postfix stop; rm -rf /etc/postfix && cp -a /root/kept /etc/postfix && postfix start");
});

test("it works as it did in 2009", async () => {
    await arrives("laptop1", "hub", "of-2009");
});

test("without a word of the admin nothing yields: each of their lines is named, with its number and what it would be", async () => {
    // A laptop waits for its hub, so the hub's lines come first.
    for (const [host, takeOver, ours] of [
        ["hub", [[], []], "would"],
        ["laptop1", [["*"], []], "would become"],
    ] as const) {
        await configure([...takeOver[0]], [...takeOver[1]]);
        const said = await fails(stack.preview());
        for (const name of yielding[host]) {
            const line = on(host, `grep -n '^${name} =' /etc/postfix/main.cf | cut -d: -f1`).trim();
            assert.match(said, new RegExp(`main\\.${name}: main\\.cf line ${line} of the host, .* ${ours}`));
        }
    }
    for (const host of hosts) assert.equal(configuration(host), kept.get(host), host);
});

test("with it a preview says what each line becomes, and touches nothing", async () => {
    await configure(["*"], ["*"]);
    const said = await succeeds(stack.preview());
    for (const [name, value] of [
        ["relayhost", `\\[${labHost("hub").fqdn}\\]:587`],
        ["smtp_tls_mandatory_protocols", ">=TLSv1.2"],
        ["smtp_tls_fingerprint_digest", "sha256"],
        ["smtp_tls_fingerprint_cert_match", "\\(known after up\\)"],
    ])
        assert.match(said, new RegExp(`main\\.cf:\\d+ ${name}: ".*" => "${value}`));
    for (const host of hosts) assert.equal(configuration(host), kept.get(host), host);
});

test("up: the mail goes over today's pin, every old line is kept as a comment", async () => {
    await succeeds(stack.up("--skip-preview"));
    assert.match(await arrives("laptop1", "hub", "of-today"), /using TLSv1\.3/);
    for (const name of yielding.laptop1)
        assert.equal(
            tryOn("laptop1", `grep -c '^#.*${name} =' /etc/postfix/main.cf`).out.trim(),
            "1",
            `${name} is kept`,
        );
    await succeeds(stack.up("--skip-preview", "--expect-no-changes"));
});

test("destroy gives 2009 back, byte for byte, and it works", async () => {
    on("laptop1", "postsuper -d ALL 2>/dev/null || true");
    await succeeds(stack.destroy("--skip-preview"));
    for (const host of hosts) assert.equal(configuration(host), kept.get(host), host);
    await arrives("laptop1", "hub", "of-2009-again");
});
