import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
    configuration,
    connection,
    eventually,
    lab,
    labHost,
    litter,
    mailWith,
    on,
    operatorKey,
    readOn,
    send,
    tryOn,
} from "./lab";
import { oneByOne } from "./releases";
import { fails, Stack, succeeds } from "./stack";

const password = "hunter2 with blanks";

/** Hosts that have Dovecot and the tools of Cyrus SASL. */
const releases = oneByOne.map(({ debian, postfix }, index) => ({
    debian,
    postfix,
    hub: `hub-sasl-${debian}`,
    laptop: `laptop-sasl-${debian}`,
    index,
}));
before(() => {
    for (const { debian, hub, laptop, index } of releases) {
        const release = `${debian}-sasl`;
        lab("add", hub, `10.77.12.${index + 1}`, "--release", release, "--fqdn", `mail${hub}.example.com`);
        lab("add", laptop, `10.77.13.${index + 1}`, "--release", release);
    }
});

const tells = (out: string, message: string) => assert.ok(out.includes(message), `${message}\n${out}`);

const logOf = (host: string) => readOn(host, "/var/log/mail.log");

/** A hub and a laptop that logs in there; passwords as secrets of the stack. */
function machines(
    stack: Stack,
    hub: string,
    sasl: object | undefined,
    laptop: string,
    users = false,
): Promise<void> {
    return stack.config(
        {
            smartHost: { hostname: labHost(hub).fqdn, connection: connection(hub), sasl },
            laptops: { [laptop]: { connection: connection(laptop), sasl: { username: "alice" } } },
        },
        {
            'privateKeys["*"]': operatorKey(),
            [`laptops["${laptop}"].sasl.password`]: password,
            ...(users ? { "smartHost.sasl.users.alice": password } : {}),
        },
    );
}

/** What a client without a certificate hears when it logs in. */
const login = (hub: string, secret: string, way = "--tls") =>
    tryOn(
        "outside",
        `swaks --server ${labHost(hub).ip}:587 ${way} --auth PLAIN --auth-user alice --auth-password '${secret}' \
            --from eve@example.net --to alice@example.net --quit-after RCPT 2>&1`,
    ).out;

function letsIn(hub: string): void {
    assert.match(login(hub, password), /235 2\.7\.0 Authentication successful[\s\S]*<~ +250 2\.1\.5 Ok/);
    assert.match(login(hub, "hunter3"), /535 5\.7\.8 /);
    assert.match(
        login(hub, password, ""),
        /no authentication|Host did not advertise authentication|AUTH .*not/i,
    );
    const stranger = tryOn(
        "outside",
        `swaks --server ${labHost(hub).ip}:587 --tls --from eve@example.net --to alice@example.com 2>&1`,
    );
    assert.match(stranger.out, /<~\* +450 4\.3\.2/);
}

async function logsIn(laptop: string, hub: string, subject: string): Promise<void> {
    const start = logOf(hub).length;
    send(laptop, subject);
    await eventually("it arrives", () => mailWith(hub, subject));
    assert.match(logOf(hub).slice(start), /sasl_method=PLAIN, sasl_username=alice/);
}

for (const { postfix, hub, laptop } of releases) {
    describe(`names and passwords of our own, by Cyrus SASL, on Postfix ${postfix}`, () => {
        let stack: Stack;
        const originals = new Map<string, string>();
        before(async () => {
            for (const host of [hub, laptop]) originals.set(host, configuration(host));
            stack = new Stack(`cyrus-${postfix.replace(".", "-")}`);
            await machines(stack, hub, { type: "cyrus" }, laptop, true);
            await succeeds(stack.up("--skip-preview"));
        });
        after(() => stack.remove());

        test("who knows the password relays, over TLS alone; nobody else does", () => letsIn(hub));

        test("the laptop logs in, and the hub's own Postfix is told as little as others", async () => {
            await logsIn(laptop, hub, `cyrus-${postfix}`);
            for (const [host, files] of [
                [hub, "/etc/postfix/pulumi/*/*/sasl-users"],
                [laptop, "/etc/postfix/pulumi/*/*/sasl-password"],
            ] as const)
                assert.match(on(host, `stat -c '%a %U:%G' ${files}`), /^(600 root:root\n)+$/);
            const database = on(hub, "find /etc/postfix/pulumi-sasl -mindepth 1 -printf '%m %u:%g %f\\n'");
            assert.match(database, /^640 root:postfix sasldb2$/m);
            assert.doesNotMatch(database, /^\d*[1-7] /m, "nothing for others");
            assert.doesNotMatch((await stack.exportState()).out, /hunter2/);
            for (const host of [hub, laptop]) assert.doesNotMatch(logOf(host), /hunter2/);
        });

        test("a session that is not verified gets no password, should somebody weaken the pin", async () => {
            const start = [logOf(hub).length, logOf(laptop).length];
            on(
                laptop,
                `cp -p /etc/postfix/main.cf /root/main.cf &&
                sed -i 's/^smtp_tls_security_level = fingerprint/smtp_tls_security_level = encrypt/' /etc/postfix/main.cf &&
                touch -d '1 minute ago' /etc/postfix/main.cf && postfix reload`,
            );
            try {
                send(laptop, `unverified-${postfix}`);
                await eventually("it is deferred", () =>
                    /status=deferred \(SASL authentication failed; cannot authenticate to server/.test(
                        logOf(laptop).slice(start[1]),
                    ),
                );
                assert.doesNotMatch(logOf(hub).slice(start[0]), /sasl_username/);
            } finally {
                on(laptop, "cp -p /root/main.cf /etc/postfix/main.cf && rm /root/main.cf && postfix reload");
            }
            await eventually(
                "it arrives after all",
                () => {
                    // A queue manager that is just starting does not hear it.
                    on(laptop, "postqueue -f");
                    return mailWith(hub, `unverified-${postfix}`);
                },
                60,
            );
        });

        test("a second run changes nothing; a password that the hub does not know is a warning", async () => {
            await succeeds(stack.up("--skip-preview", "--expect-no-changes"));
            await succeeds(stack.refresh("--expect-no-changes", "--skip-preview"));
            await succeeds(
                stack.run(
                    [
                        "config",
                        "set",
                        "--secret",
                        "--path",
                        `postfix-stacks:laptops["${laptop}"].sasl.password`,
                    ],
                    "other",
                ),
            );
            const out = await succeeds(stack.up("--skip-preview"));
            assert.match(
                out,
                /does not let this laptop log in, so its mail waits \(.*SASL authentication failed/,
            );
            assert.doesNotMatch(out, /hunter2/);
        });

        test("destroy leaves nothing", async () => {
            await succeeds(stack.destroy());
            for (const host of [hub, laptop]) {
                assert.equal(configuration(host), originals.get(host), host);
                assert.equal(litter(host), "", host);
            }
        });
    });

    describe(`names and passwords of Dovecot on Postfix ${postfix}`, () => {
        let stack: Stack;
        let original = "";
        before(async () => {
            original = configuration(hub);
            stack = new Stack(`dovecot-${postfix.replace(".", "-")}`);
            await machines(stack, hub, { type: "dovecot" }, laptop);
        });
        after(() => {
            tryOn(hub, "doveadm -c /root/dovecot.conf stop");
            stack.remove();
        });

        test("without its socket the preview says what is missing", async () => {
            const out = await fails(stack.preview());
            tells(
                out,
                'services["587/inet"].options.smtpd_sasl_path: there is no socket private/auth of Dovecot on this host: start Dovecot with ',
            );
            await fails(stack.up("--skip-preview"));
            assert.equal(configuration(hub), original);
        });

        test("with it who knows the password relays, and the laptop logs in", async () => {
            startDovecot(hub);
            await succeeds(stack.up("--skip-preview"));
            letsIn(hub);
            await logsIn(laptop, hub, `dovecot-${postfix}`);
            await succeeds(stack.up("--skip-preview", "--expect-no-changes"));
        });

        test("destroy leaves the hub as it was", async () => {
            await succeeds(stack.destroy());
            assert.equal(configuration(hub), original);
        });
    });
}

/** A Dovecot that does nothing but look at passwords; its configuration has another form since 2.4. */
function startDovecot(host: string): void {
    const socket = `service auth {
  unix_listener /var/spool/postfix/private/auth {
    mode = 0660
    user = postfix
    group = postfix
  }
}
ssl = no
auth_mechanisms = plain login
log_path = /var/log/dovecot.log
protocols =
`;
    const old = `disable_plaintext_auth = no
passdb {
  driver = passwd-file
  args = scheme=PLAIN /root/dovecot.users
}
`;
    const current = `dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
auth_allow_cleartext = yes
passdb passwd-file {
  passwd_file_path = /root/dovecot.users
  default_password_scheme = PLAIN
}
`;
    const newer = !on(host, "dovecot --version").startsWith("2.3");
    on(
        host,
        `printf '%s' '${newer ? current + socket : socket + old}' >/root/dovecot.conf
        printf 'alice:{PLAIN}%s\\n' '${password}' >/root/dovecot.users
        chmod 644 /root/dovecot.users; chmod 711 /root
        dovecot -c /root/dovecot.conf </dev/null >/dev/null 2>&1 && test -S /var/spool/postfix/private/auth`,
    );
}

const withoutPlain = `main.smtp_sasl_auth_enable: this host's SASL library has no mechanism PLAIN, each login would fail with "no mechanism available": install it (Debian: libsasl2-modules, Fedora and RHEL: cyrus-sasl-plain)`;

test("hosts without the libraries are told which package brings them", async () => {
    const stack = new Stack("no-sasl");
    try {
        await machines(stack, "hub", { type: "cyrus" }, "laptop1", true);
        const out = await fails(stack.preview());
        tells(
            out,
            'tables["sasl-users"]: there is no saslpasswd2 on this host to make the database with: install it (on Debian: apt-get install sasl2-bin), or let Dovecot look at the passwords',
        );
        tells(
            out,
            withoutPlain.replace(
                "main.smtp_sasl_auth_enable",
                'services["587/inet"].options.smtpd_sasl_type',
            ),
        );
        // A laptop is looked at only where nothing is wrong with its hub.
        await machines(stack, "hub", undefined, "laptop1");
        tells(await fails(stack.preview()), withoutPlain);
    } finally {
        stack.remove();
    }
});
