import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { configuration, eventually, lab, labHost, mailWith, on, readOn, send, tryOn } from "./lab";
import { complaintsButOfCaches, endOfLog } from "./mail-log";
import { OwnFleet } from "./own-fleet";
import { addReleases, releases } from "./releases";
import { startResolver } from "./resolver";

/** The lab's hub as an admin has set it up by hand, with a certificate of his own CA; none of it is ours. */
const fleet = new OwnFleet("levels");
const laptops = releases.map(({ laptop }) => laptop);
const originals = new Map<string, string>();
const second = releases[1]?.hub ?? "";
const hub = { fqdn: "mailhub.example.com", port: 587 };
let authority = "";
/** As openssl works it out: no code of ours. */
let pin = "";

const ca = `
    cd /etc/ssl && ec="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes" &&
    openssl req -x509 $ec -subj '/CN=Our CA' -days 30 -keyout private/ca.key -out certs/ca.pem 2>/dev/null`;
/** A certificate of that CA in some name, as `NAME.pem` and `NAME.key` in /root. */
const sign = (name: string) => `
    cd /root && openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=${name} \
        -addext subjectAltName=DNS:${name} -keyout ${name}.key -out ${name}.csr 2>/dev/null &&
    printf 'subjectAltName=DNS:${name}\\n' >${name}.ext &&
    openssl x509 -req -in ${name}.csr -CA /etc/ssl/certs/ca.pem -CAkey /etc/ssl/private/ca.key -CAcreateserial \
        -days 30 -extfile ${name}.ext -out ${name}.pem 2>/dev/null`;

before(() => {
    addReleases();
    for (const laptop of laptops) originals.set(laptop, configuration(laptop));
    on("hub", `${ca} && ${[hub.fqdn, "other.example.com", labHost(second).fqdn].map(sign).join(" && ")}`);
    setUpByHand("hub");
    setUpByHand(second);
    authority = readOn("hub", "/etc/ssl/certs/ca.pem");
    pin = on(
        "hub",
        `openssl x509 -in /root/${hub.fqdn}.pem -noout -pubkey | openssl pkey -pubin -outform DER |
            openssl dgst -sha256 -c | sed 's/.*= //' | tr a-f A-F`,
    ).trim();
});

after(() => {
    for (const host of ["hub", second])
        on(
            host,
            "cd /root && cp -p main.cf master.cf /etc/postfix && rm -f main.cf master.cf && postfix reload",
        );
    fleet.remove();
});

/** Port 587 with the certificate in the host's own name. */
function setUpByHand(host: string): void {
    const file = `/root/${labHost(host).fqdn}`;
    copyFromHub(host, [`${file}.pem`, `${file}.key`]);
    on(
        host,
        `cp -p /etc/postfix/main.cf /etc/postfix/master.cf /root &&
        postconf -e smtpd_tls_cert_file=${file}.pem smtpd_tls_key_file=${file}.key &&
        printf '%s\\n' '587 inet n - y - - smtpd' >>/etc/postfix/master.cf && postfix reload`,
    );
}

function copyFromHub(host: string, files: string[]): void {
    for (const file of files) on(host, `cat >${file} <<'END'\n${readOn("hub", file)}END`);
}

const linkTo = (hostname: string) => ({
    version: 1,
    hostname,
    port: hub.port,
    pins: [pin],
    digest: "sha256",
});

async function levels(args: Record<string, unknown>): Promise<{ code: number; out: string }> {
    const smartHost = linkTo(hub.fqdn);
    fleet.machines({}, Object.fromEntries(laptops.map((laptop) => [laptop, { smartHost, ...args }])));
    for (const laptop of laptops) logged.set(laptop, endOfLog(laptop));
    return fleet.stack.up("--skip-preview");
}

async function up(args: Record<string, unknown>): Promise<string> {
    const { code, out } = await levels(args);
    assert.equal(code, 0, out);
    return out;
}

const provenBy = async (laptop: string) => (await fleet.stack.host(laptop))?.outputs.provenBy;
const queue = (laptop: string) => on(laptop, "postqueue -p");
const caught = (subject: string) => mailWith("impostor", subject, "caught");

/** A mail that waits, and the words that say why. */
async function waits(laptop: string, subject: string, why: RegExp): Promise<void> {
    send(laptop, subject);
    await eventually(`it waits: ${why}`, () => why.test(queue(laptop).replace(/\s+/g, " ")));
    for (const host of ["hub", "impostor"])
        assert.equal(tryOn(host, `grep -rqs 'Subject: ${subject}' /var/mail`).code, 1, host);
}

/** A mail that goes, and nothing that Postfix warns of since the level was set. */
async function arrives(laptop: string, subject: string): Promise<void> {
    send(laptop, subject);
    await eventually("the hub has it", () => mailWith("hub", subject));
    assert.deepEqual(complaintsButOfCaches(laptop, logged.get(laptop)), []);
}

const logOf = (laptop: string) => readOn(laptop, "/var/log/mail.log");
/** How long each laptop's log was when the last level was set. */
const logged = new Map<string, number>();

const forget = (): void => {
    for (const laptop of laptops) on(laptop, "postsuper -d ALL 2>&1");
};

describe("fingerprint", () => {
    before(() => up({}));

    for (const { laptop, postfix, debian } of releases) {
        test(`knows the hub by the pin that openssl works out, on Postfix ${postfix}`, async () => {
            assert.equal(await provenBy(laptop), "postfix");
            assert.equal(on(laptop, "postconf -h smtp_tls_fingerprint_digest").trim(), "sha256");
            const pinned = on(laptop, "postconf -h smtp_tls_fingerprint_cert_match").trim();
            assert.equal(pinned, pin);
            const seen = on(
                laptop,
                `posttls-finger -c -l fingerprint -d sha256 '[${hub.fqdn}]:${hub.port}' ${pinned} 2>&1`,
            );
            assert.match(seen, /Verified TLS connection established/);
            await arrives(laptop, `pinned-${debian}`);
        });
    }
});

describe("a weaker level while a mail waits behind the pin", () => {
    before(async () => {
        lab("takeover", "impostor", "hub");
        try {
            for (const laptop of laptops)
                await waits(laptop, "behind-the-pin", /Server certificate not verified/);
        } finally {
            lab("giveback", "impostor", "hub");
        }
    });
    after(forget);

    test("is refused, and nothing is changed", async () => {
        const standing = laptops.map(configuration);
        const { code, out } = await levels({ security: "encrypt" });
        assert.notEqual(code, 0, out);
        for (const laptop of laptops)
            assert.match(
                out,
                new RegExp(`\\(${laptop}\\):\\s+error: onDelete: 1 mail waits in this laptop's queue`),
            );
        assert.deepEqual(laptops.map(configuration), standing);
        for (const laptop of laptops) assert.match(queue(laptop), /Server certificate not verified/);
    });

    test('with onDelete "hold" comes, and the mail is held', async () => {
        await up({ security: "encrypt", onDelete: "hold" });
        for (const laptop of laptops) {
            assert.equal(on(laptop, "postconf -h smtp_tls_security_level").trim(), "encrypt");
            assert.match(queue(laptop), /^[0-9A-F]+! /m);
            on(laptop, "postqueue -f");
        }
        assert.equal(mailWith("hub", "behind-the-pin"), undefined);
    });
});

describe("encrypt", () => {
    test("is said to be open to whoever stands between, by every run", async () => {
        const danger = /security "encrypt" does not look who answers: whoever stands between/;
        assert.match(await up({ security: "encrypt" }), danger);
        const { code, out } = await fleet.stack.up("--skip-preview", "--expect-no-changes");
        assert.equal(code, 0, out);
        assert.match(out, danger);
        for (const laptop of laptops) assert.equal(await provenBy(laptop), "none");
    });

    for (const { laptop, postfix, debian } of releases) {
        test(`sends encrypted, on Postfix ${postfix}`, async () => {
            const from = logOf(laptop).length;
            await arrives(laptop, `encrypted-${debian}`);
            assert.match(
                logOf(laptop).slice(from),
                /Untrusted TLS connection established to mailhub\.example\.com\[[^\]]*\]:587: TLSv1\.3/,
            );
        });
    }

    describe("meets an impostor", () => {
        before(() => lab("takeover", "impostor", "hub"));
        after(() => lab("giveback", "impostor", "hub"));

        for (const { laptop, postfix, debian } of releases) {
            test(`and sends him its mail if he has TLS, on Postfix ${postfix}`, async () => {
                send(laptop, `deceived-${debian}`);
                await eventually("he has it", () => caught(`deceived-${debian}`));
            });
        }

        test("and sends nothing in clear if he has none", async () => {
            on("impostor", "postconf -e smtpd_tls_security_level=none && postfix reload");
            try {
                for (const { laptop, debian } of releases)
                    await waits(laptop, `in-clear-${debian}`, /TLS is required, but was not offered/);
            } finally {
                on("impostor", "postconf -e smtpd_tls_security_level=may && postfix reload");
                forget();
            }
        });
    });
});

describe("secure", () => {
    before(async () => {
        const out = await up({ security: "secure", certificateAuthority: authority });
        assert.doesNotMatch(out, /not proven|could not be reached/);
    });

    for (const { laptop, postfix, debian } of releases) {
        test(`knows the hub by its CA and name, on Postfix ${postfix}`, async () => {
            assert.equal(await provenBy(laptop), "postfix");
            await arrives(laptop, `vouched-${debian}`);
            assert.match(
                readOn(laptop, "/var/log/mail.log"),
                /Verified TLS connection established to mailhub\./,
            );
            const file = on(laptop, "postconf -h smtp_tls_CAfile").trim();
            assert.equal(on(laptop, `stat -c '%a %U' ${file}`).trim(), "600 root");
        });
    }

    describe("meets an impostor", () => {
        before(() => lab("takeover", "impostor", "hub"));
        after(() => {
            lab("giveback", "impostor", "hub");
            forget();
        });

        test("with the hub's name by another CA, which gets nothing", async () => {
            for (const { laptop, debian } of releases)
                await waits(laptop, `another-ca-${debian}`, /Server certificate not (trusted|verified)/);
        });

        test("with another name by the same CA, which gets nothing", async () => {
            const files = ["/root/other.example.com.pem", "/root/other.example.com.key"];
            copyFromHub("impostor", files);
            on(
                "impostor",
                `cp /etc/postfix/main.cf /root && postconf -e smtpd_tls_cert_file=${files[0]} \
                    smtpd_tls_key_file=${files[1]} && postfix reload`,
            );
            forget();
            try {
                for (const { laptop, debian } of releases)
                    await waits(laptop, `another-name-${debian}`, /Server certificate not verified/);
            } finally {
                on("impostor", "cp /root/main.cf /etc/postfix/main.cf && postfix reload");
            }
        });
    });
});

describe("secure with a second hub", () => {
    after(() => lab("giveback", "impostor", "hub"));

    test("passes an impostor over, and each hub is proven by its own name", async () => {
        const fallbackSmartHosts = [linkTo(labHost(second).fqdn)];
        const out = await up({ security: "secure", certificateAuthority: authority, fallbackSmartHosts });
        assert.doesNotMatch(out, /not proven|could not be reached/);
        lab("takeover", "impostor", "hub");
        for (const { laptop, debian } of releases) send(laptop, `vouched-second-${debian}`);
        for (const { debian } of releases)
            await eventually("the second hub has it", () => mailWith(second, `vouched-second-${debian}`));
        for (const { debian } of releases) assert.equal(caught(`vouched-second-${debian}`), undefined);
    });
});

describe("dane", () => {
    let stops: (() => void)[] = [];

    before(async () => {
        // The lab's own DNS vouches for nothing: applied, and no mail goes.
        const out = await up({ security: "dane" });
        assert.match(out, /the hub could not be reached from this laptop/);
    });
    after(() => {
        for (const stop of stops) stop();
    });

    for (const { laptop, postfix, debian } of releases) {
        test(`sends nothing where nobody checks DNSSEC, on Postfix ${postfix}`, async () => {
            assert.equal(on(laptop, "postconf -h smtp_tls_security_level").trim(), "dane-only");
            await waits(laptop, `unvouched-${debian}`, /\(.*(TLSA|DNSSEC|dane).*\)/i);
        });
    }

    test("knows the hub by its TLSA record; the next up proves it", async () => {
        forget();
        const { ip } = labHost("hub");
        stops = laptops.map((laptop) => startResolver(laptop, { ...hub, ip }));
        for (const laptop of laptops) on(laptop, `echo ${pin} >/run/tlsa`);
        assert.doesNotMatch(await up({ security: "dane" }), /could not be reached/);
        for (const { laptop, debian } of releases) {
            assert.equal(await provenBy(laptop), "postfix");
            await arrives(laptop, `tlsa-${debian}`);
        }
    });

    for (const [what, line] of [
        ["another key in the record", "echo $(printf %064d 0) >/run/tlsa"],
        ["no record", "rm -f /run/tlsa"],
        ["a record that DNSSEC does not vouch for", `echo ${"$PIN"} >/run/tlsa; touch /run/insecure`],
    ] as const) {
        test(`sends nothing with ${what}`, async () => {
            for (const { laptop } of releases) {
                on(laptop, `PIN=${pin}; ${line}; postfix reload`);
                await waits(laptop, what.replaceAll(" ", "-"), /\(.*(TLSA|DNSSEC|dane|certificate not).*\)/i);
                on(
                    laptop,
                    `rm -f /run/insecure; echo ${pin} >/run/tlsa; postsuper -d ALL 2>&1; postfix reload`,
                );
            }
        });
    }

    test("sends an impostor nothing", async () => {
        lab("takeover", "impostor", "hub");
        try {
            for (const { laptop, debian } of releases)
                await waits(laptop, `no-dane-${debian}`, /Server certificate not (trusted|verified)/);
        } finally {
            lab("giveback", "impostor", "hub");
            forget();
        }
    });
});

test("back at fingerprint, and away: every laptop is as it was", async () => {
    await up({});
    for (const laptop of laptops) assert.equal(await provenBy(laptop), "postfix");
    const { code, out } = await fleet.stack.destroy();
    assert.equal(code, 0, out);
    for (const laptop of laptops) assert.equal(configuration(laptop), originals.get(laptop), laptop);
});
