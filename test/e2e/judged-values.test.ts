import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { valueFaults } from "../../postfix/judge/value";
import { parseMainCf } from "../../postfix/main-cf";
import { parseVersion } from "../../postfix/version";
import { selfSigned, validBetween } from "../certificates";
import { secretOf } from "../provider/grpc/harness";
import { DirectProvider, type Values } from "./direct";
import { directHub, directLaptop, newKeyPair } from "./direct-machines";
import { configuration, on, tryOn } from "./lab";
import { addReleases, releases } from "./releases";

let provider: DirectProvider;
const key = newKeyPair("hub");

before(async () => {
    addReleases();
    provider = await DirectProvider.start();
});
after(() => provider.stop());

const pinned = key.pin;

/** A setting that Postfix's own check lets pass, where it stands, and what is said of it. */
const rows: [what: string, settings: Record<string, string>, message: RegExp][] = [
    [
        "an unknown parameter",
        { smtpd_banne: "x" },
        /^main\.smtpd_banne: Postfix \S+ on this host knows no such parameter.*did you mean smtpd_banner/m,
    ],
    [
        "an undefined $name",
        { myorigin: "$mydomian" },
        /^main\.myorigin: reads \$mydomian, which nothing sets.*did you mean \$mydomain/m,
    ],
    ["a boolean that is none", { biff: "true" }, /^main\.biff: given "true", allowed: yes or no/m],
    [
        "a time that is none",
        { queue_run_delay: "5 minutes" },
        /^main\.queue_run_delay: given "5 minutes", allowed: a time/m,
    ],
    [
        "a number that is none",
        { default_process_limit: "many" },
        /^main\.default_process_limit: given "many", allowed: a whole number/m,
    ],
    [
        "a size with a unit",
        { header_size_limit: "100K" },
        /^main\.header_size_limit: given "100K", allowed: a whole number without a unit/m,
    ],
    ["a $ that begins no name", { mail_name: "for $ 5" }, /^main\.mail_name: has a \$ that begins no name/m],
    [
        "a comment behind a value",
        { relay_domains: "example.org # ours" },
        /^main\.relay_domains: holds a # behind a blank/m,
    ],
    ["a bad protocol list", { lmtp_tls_protocols: ">=TLSv9" }, /^main\.lmtp_tls_protocols: holds ">=TLSv9"/m],
    [
        "a bad level",
        { lmtp_tls_security_level: "encypt" },
        /^main\.lmtp_tls_security_level: given "encypt".*is "encrypt" meant/m,
    ],
    [
        "a bad digest",
        { lmtp_tls_fingerprint_digest: "sha265" },
        /^main\.lmtp_tls_fingerprint_digest: given "sha265".*is "sha256" meant/m,
    ],
    [
        "a bad cipher grade",
        { lmtp_tls_mandatory_ciphers: "hihg" },
        /^main\.lmtp_tls_mandatory_ciphers: given "hihg".*is "high" meant/m,
    ],
    [
        "| between pins",
        { smtp_tls_fingerprint_cert_match: `${pinned}|${pinned}` },
        /^main\.smtp_tls_fingerprint_cert_match: holds a \| between pins/m,
    ],
    [
        "a pin without colons",
        { lmtp_tls_fingerprint_cert_match: pinned.replaceAll(":", "") },
        /^main\.lmtp_tls_fingerprint_cert_match: .*colon/m,
    ],
    [
        "an unknown map type",
        { virtual_alias_maps: "cdb:/etc/postfix/x, mysql:/etc/postfix/y" },
        /^main\.virtual_alias_maps: names a table of type "mysql", which Postfix on this host does not have/m,
    ],
    [
        "a missing table",
        { canonical_maps: "hash:/etc/postfix/nowhere" },
        /^main\.canonical_maps: hash:\/etc\/postfix\/nowhere of the host cannot be read: .*postmap hash:\/etc\/postfix\/nowhere/m,
    ],
    [
        "a missing certificate",
        { smtp_tls_cert_file: "/etc/ssl/nowhere.pem" },
        /^main\.smtp_tls_cert_file: \/etc\/ssl\/nowhere\.pem of the host is not there/m,
    ],
    [
        "a file without a key",
        { smtp_tls_key_file: "/etc/hostname" },
        /^main\.smtp_tls_key_file: \/etc\/hostname of the host holds no private key/m,
    ],
    [
        "a CA file without a CA",
        { lmtp_tls_CAfile: "/etc/hostname" },
        /^main\.lmtp_tls_CAfile: \/etc\/hostname of the host holds no certificate/m,
    ],
];

/** The same of who may relay, one after the other: each of them hides the next. */
const relayRows: [what: string, settings: Record<string, string>, message: RegExp][] = [
    [
        "a word in mynetworks that is no network",
        { mynetworks: "127.0.0.0/8 10.0.0.1/8" },
        /^main\.mynetworks: holds "10\.0\.0\.1\/8", which has an address with bits set behind its \/8.*write 10\.0\.0\.0\/8/m,
    ],
    [
        "relay restrictions without a refusal",
        { smtpd_relay_restrictions: "permit_mynetworks, permit_sasl_authenticated" },
        /^main\.smtpd_relay_restrictions: "smtp\/inet" \(master\.cf line \d+\) would not start: neither/m,
    ],
    [
        "a misspelt restriction",
        { smtpd_relay_restrictions: "permit_mynetwork, reject_unauth_destination" },
        /^main\.smtpd_relay_restrictions: no restriction of smtpd\(8\): "permit_mynetwork"; did you mean permit_mynetworks/m,
    ],
    [
        "an open relay",
        { mynetworks: "0.0.0.0/0" },
        /^main\.mynetworks: "smtp\/inet" \(master\.cf line \d+\) would be an open relay, for anybody to anywhere: smtpd_relay_restrictions: mynetworks holds 0\.0\.0\.0\/0/m,
    ],
    [
        "a next hop that is the machine itself",
        { relayhost: "[localhost]:25" },
        /^main\.relayhost: given "\[localhost\]:25", which is this machine itself/m,
    ],
];

const service = (command: string, options: Record<string, string> = {}): Values => ({ command, options });

for (const { debian, postfix, hub, laptop } of releases) {
    describe(`before anything is changed on Postfix ${postfix}`, () => {
        let said = "";
        let stood = "";

        before(async () => {
            stood = configuration(hub);
            const settings = Object.assign({}, ...rows.map(([, set]) => set)) as Record<string, string>;
            const wanted = directHub(hub, key, { settings });
            wanted.services = {
                ...(wanted.services as Values),
                "10025/inet": service("smtpdd"),
                "10026/inet": service("smtpd", { biff: "maybe" }),
            };
            assert.deepEqual(await provider.check(wanted), []);
            await assert.rejects(provider.preview(wanted), (error: { details?: string }) => {
                said = error.details ?? "";
                return true;
            });
        });

        for (const [what, , message] of rows) test(`${what} is refused`, () => assert.match(said, message));

        for (const [what, settings, message] of relayRows)
            test(`${what} is no good`, () =>
                assert.rejects(
                    provider.preview(directHub(hub, key, { settings })),
                    (error: { details?: string }) => {
                        assert.match(error.details ?? "", message);
                        return true;
                    },
                ));

        test("an open relay that an admin has made is refused by a hub, and a warning for a guest", async () => {
            on(hub, "cp -p /etc/postfix/main.cf /root/main.cf && postconf -e mynetworks=0.0.0.0/0");
            try {
                const open =
                    /"smtp\/inet" \(master\.cf line \d+\) would be an open relay.*mynetworks in main\.cf line \d+/;
                await assert.rejects(provider.preview(directHub(hub, key)), open);
                const warned = provider.warned.length;
                await provider.preview(directHub(hub, key, { mode: "guest" }));
                assert.match(provider.warned.slice(warned).join("\n"), open);
            } finally {
                on(hub, "mv /root/main.cf /etc/postfix/main.cf");
            }
        });

        test("a daemon that is not there is refused", () =>
            assert.match(
                said,
                /^services\["10025\/inet"\]\.command: given "smtpdd", and \/\S+\/smtpdd is no program on this host/m,
            ));

        test("an option of a service is judged as a setting is", () =>
            assert.match(
                said,
                /^services\["10026\/inet"\]\.options\.biff: given "maybe", allowed: yes or no/m,
            ));

        test("nothing has changed on the host, and its Postfix answers", () => {
            assert.equal(configuration(hub), stood);
            assert.equal(tryOn(hub, "postfix status").code, 0);
        });

        test("what Postfix itself has as defaults is refused nowhere", () => {
            const version = parseVersion(on(hub, "postconf -d -h mail_version").trim());
            assert.ok(version);
            const mapTypes = on(hub, "postconf -m").split(/\s+/);
            const defaults = [
                ...parseMainCf(on(hub, "postconf -d")).settings,
                ...parseMainCf(on(hub, "postconf -d -x")).settings,
            ];
            assert.ok(defaults.length > 1400, `${defaults.length}`);
            const refused = defaults.flatMap(({ name, value }) =>
                valueFaults({ name, value, builtIn: value }, { version, mapTypes }).map(
                    (fault) => `${name}: ${fault}`,
                ),
            );
            assert.deepEqual(refused, []);
        });

        test("nor is anything that we write ourselves", async () => {
            const warned = provider.warned.length;
            for (const role of [
                {},
                { mode: "guest" as const },
                { port: 25 },
                { hubTls: { implicitTlsPort: 465, publicPort: "encrypt" as const } },
            ])
                await provider.preview(directHub(hub, key, role));
            await provider.preview(directLaptop(laptop, newKeyPair(debian), { host: hub, pins: [pinned] }));
            assert.deepEqual(provider.warned.slice(warned), []);
        });
    });
}

describe("before any host is asked", () => {
    const other = selfSigned("other");
    const wanted = (change: Values): Promise<string[]> =>
        provider.check({ ...directHub("hub", key), ...change });
    const chain = (privateKey: string, certificate: string): Values => ({
        chains: { identity: [{ privateKey: secretOf(privateKey), certificate }] },
    });

    test("a key of another certificate is refused", async () =>
        assert.match(
            (await wanted(chain(other.privateKey, key.certificate))).join("\n"),
            /does not belong to the certificate/,
        ));

    test("a chain in the wrong order is refused", async () =>
        assert.match(
            (await wanted(chain(key.privateKey, `${other.certificate}\n${key.certificate}`))).join("\n"),
            /the key belongs to certificate 2 of the chain: put that one first/,
        ));

    test("a table line without a value is refused", async () =>
        assert.match(
            (await wanted({ tables: { mine: { text: "a 1\nb\n" } } })).join("\n"),
            /tables\.mine\.text: line 2 has a key and no value behind it/,
        ));

    test("an expired certificate, or one of the future, is a warning where pins count", async () => {
        const certificate = validBetween("old", key.privateKey, "20200101", "20200201");
        const change = chain(key.privateKey, certificate);
        assert.deepEqual(await wanted(change), []);
        await provider.preview({ ...directHub("hub", key), ...change });
        assert.match(
            provider.warned.join("\n"),
            /^chains\.identity\[0\]\.certificate: expired on 2020-02-01; pinned peers do not mind, all others do$/m,
        );
    });
});
