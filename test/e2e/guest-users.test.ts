import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { arrives, configuration, connection, eventually, lab, labHost, litter, on, tryOn } from "./lab";
import { oneByOne } from "./releases";
import { Stack } from "./stack";

const password = "hunter2";
const port = 2587;

/** A hub as somebody has run it for years: people log in on 587, a printer is let in by its address. */
const admins = `cd /etc/ssl && openssl req -x509 -newkey rsa:2048 -nodes -keyout private/admin.pem \
        -out certs/admin.pem -subj /CN=mail.example.com -days 30 2>/dev/null &&
    printf 'pwcheck_method: auxprop\\nauxprop_plugin: sasldb\\nmech_list: PLAIN\\n' >/etc/postfix/sasl/smtpd.conf &&
    printf '${password}\\n' | saslpasswd2 -p -c -u example.com bob && chgrp postfix /etc/sasldb2 && chmod 0640 /etc/sasldb2 &&
    postconf -e smtpd_tls_cert_file=/etc/ssl/certs/admin.pem smtpd_tls_key_file=/etc/ssl/private/admin.pem \
        smtpd_tls_security_level=may 'mynetworks = 127.0.0.0/8 PRINTER' &&
    printf '%s\\n' 'submission inet n - n - - smtpd' ' -o smtpd_tls_security_level=encrypt' \
        ' -o smtpd_sasl_auth_enable=yes' ' -o smtpd_sasl_local_domain=example.com' \
        ' -o smtpd_relay_restrictions=permit_sasl_authenticated,reject' >>/etc/postfix/master.cf &&
    postfix reload`;

const hosts = oneByOne.map(({ debian, postfix }, index) => ({
    debian,
    postfix,
    hub: `hub-people-${debian}`,
    laptop: `laptop-people-${debian}`,
    index,
}));
before(() => {
    for (const { debian, hub, laptop, index } of hosts) {
        const release = `${debian}-sasl`;
        lab("add", hub, `10.77.14.${index + 1}`, "--release", release, "--fqdn", `mail${hub}.example.com`);
        lab("add", laptop, `10.77.15.${index + 1}`, "--release", debian);
    }
});

/** What a client hears: of a login on 587, and of the printer on 25. */
const logsIn = (hub: string, secret: string) =>
    tryOn(
        "impostor",
        `swaks --server ${labHost(hub).ip}:587 --tls --auth PLAIN --auth-user bob --auth-password ${secret} \
            --from bob@example.com --to alice@example.net --quit-after RCPT 2>&1`,
    ).out;
const prints = (hub: string) =>
    tryOn(
        "outside",
        `swaks --server ${labHost(hub).ip}:25 --from printer@example.com --to alice@example.net --quit-after RCPT 2>&1`,
    ).out;
const shownKey = (hub: string, at: number) =>
    on(
        "outside",
        `openssl s_client -starttls smtp -connect ${labHost(hub).ip}:${at} </dev/null 2>/dev/null |
            openssl x509 -noout -pubkey`,
    );

function serves(hub: string, key: string): void {
    assert.match(logsIn(hub, password), /235 2\.7\.0 Authentication successful[\s\S]*<~ +250 2\.1\.5 Ok/);
    assert.match(logsIn(hub, "hunter3"), /535 5\.7\.8 /);
    assert.match(prints(hub), /<- +250 2\.1\.5 Ok/);
    for (const at of [25, 587]) assert.equal(shownKey(hub, at), key, `port ${at}`);
}

for (const { postfix, debian, hub, laptop } of hosts) {
    describe(`a guest on a hub with people and a printer, on Postfix ${postfix}`, () => {
        const stack = new Stack(`people-${debian}`);
        let key = "";
        let untouched = "";
        before(async () => {
            on(hub, admins.replace("PRINTER", `${labHost("outside").ip}/32`));
            await eventually("the admin's port answers", () => shownKey(hub, 587));
            key = shownKey(hub, 25);
            untouched = configuration(hub);
            await stack.machines(
                { mode: "guest", port },
                { [laptop]: { connection: connection(laptop) } },
                hub,
            );
        });
        after(() => stack.remove());

        test("who was served before is served, with the admin's key", async () => {
            serves(hub, key);
            const { code, out } = await stack.up("--skip-preview");
            assert.equal(code, 0, out);
            serves(hub, key);
            assert.notEqual(shownKey(hub, port), key);
        });

        test("the laptop's mail goes by its own port", async () => {
            await arrives(laptop, hub, `people-${debian}`);
            assert.match(
                on(laptop, "grep 'status=sent' /var/log/mail.log | tail -n 1"),
                new RegExp(`relay=mail${hub}\\.example\\.com\\[[0-9.]+\\]:${port}`),
            );
        });

        test("destroy leaves them as they were", async () => {
            const { code, out } = await stack.destroy();
            assert.equal(code, 0, out);
            assert.equal(configuration(hub), untouched);
            assert.equal(litter(hub), "");
            serves(hub, key);
        });
    });
}
