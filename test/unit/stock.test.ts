import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMainCf } from "../../postfix/main-cf";
import { parseMasterCf } from "../../postfix/master-cf";
import { isStockService, isStockSetting } from "../../postfix/stock";

const host = { fqdn: "alice.example.com", hostname: "alice" };
const strange = (mainCf: string) =>
    parseMainCf(mainCf)
        .settings.filter(({ name, value }) => !isStockSetting(name, value, host))
        .map(({ name }) => name);

/** What an installed package leaves of settings, by release and kind. */
const installed: Record<string, string> = {
    "Debian 12, Internet Site": `
        smtpd_banner = $myhostname ESMTP $mail_name (Debian/GNU)
        biff = no
        append_dot_mydomain = no
        readme_directory = no
        compatibility_level = 3.6
        smtpd_tls_cert_file=/etc/ssl/certs/ssl-cert-snakeoil.pem
        smtpd_tls_key_file=/etc/ssl/private/ssl-cert-snakeoil.key
        smtpd_tls_security_level=may
        smtp_tls_CApath=/etc/ssl/certs
        smtp_tls_security_level=may
        smtp_tls_session_cache_database = btree:\${data_directory}/smtp_scache
        smtpd_relay_restrictions = permit_mynetworks permit_sasl_authenticated defer_unauth_destination
        myhostname = alice.example.com
        alias_maps = hash:/etc/aliases
        alias_database = hash:/etc/aliases
        myorigin = /etc/mailname
        mydestination = $myhostname, alice.example.com, localhost.example.com, , localhost
        relayhost =
        mynetworks = 127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128
        mailbox_size_limit = 0
        recipient_delimiter = +
        inet_interfaces = all
        inet_protocols = all`,
    "Debian 11, Local only": `
        compatibility_level = 2
        myhostname = alice
        mydestination = $myhostname, alice, localhost.localdomain, localhost
        inet_interfaces = loopback-only
        default_transport = error
        relay_transport = error`,
    "Debian 13": `
        compatibility_level = 3.9
        myorigin = $myhostname
        smtpd_banner = $myhostname ESMTP $mail_name (Debian)
        mynetworks_style = host
        mynetworks = 127.0.0.0/8
        mydestination = $myhostname, localhost.$mydomain, localhost
        mailbox_size_limit = 51200000
        mailbox_command =
        alias_maps = $alias_database, nis:mail.aliases
        recipient_delimiter =
        cyrus_sasl_config_path = /etc/postfix/sasl
        smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt`,
    sid: `
        compatibility_level = 3.11
        default_database_type = cdb
        default_cache_db_type = lmdb
        alias_maps = $alias_database
        alias_database = cdb:/etc/aliases`,
};
for (const [release, settings] of Object.entries(installed)) {
    test(`nothing in main.cf of ${release} needs consent`, () => {
        assert.deepEqual(strange(settings.replace(/^ +/gm, "").trim()), []);
    });
}

test("an administrator's own values do", () => {
    const chosen = [
        "relayhost = smtp.provider.example",
        "mydestination = $myhostname, example.com",
        "mydestination =",
        "myhostname = mail.example.org",
        "myorigin = example.com",
        "mynetworks = 127.0.0.0/8 10.0.0.0/8",
        "smtp_tls_security_level = encrypt",
        "smtpd_tls_cert_file = /etc/letsencrypt/live/x/fullchain.pem",
        "smtpd_relay_restrictions = permit_mynetworks, reject",
        "inet_interfaces = 192.0.2.1",
        "transport_maps =",
        "toString = x",
    ];
    for (const line of chosen) assert.equal(strange(line).length, 1, line);
});

test("the same value on several lines is the same", () => {
    assert.deepEqual(strange("mynetworks = 127.0.0.0/8\n  [::ffff:127.0.0.0]/104\n\t[::1]/128\n"), []);
});

test("a laptop's name in the network where it was installed is still its own", () => {
    assert.deepEqual(
        strange("myhostname = Alice.fritz.box\nmydestination = alice.fritz.box, localhost.fritz.box\n"),
        [],
    );
    assert.ok(!isStockSetting("mydestination", "bob.fritz.box", host));
    assert.ok(!isStockSetting("mydestination", "", { fqdn: "", hostname: "" }));
});

const service = (line: string) => {
    const [parsed] = parseMasterCf(line).services;
    assert.ok(parsed, line);
    return isStockService(parsed);
};

test("services as the packages have them, in the chroot or not", () => {
    for (const line of [
        "smtp inet n - y - - smtpd",
        "smtp      inet  n       -       n       -       -       smtpd",
        "tlsmgr unix - - y 1000? 1 tlsmgr",
        "relay unix - - y - - smtp\n        -o syslog_name=postfix/$service_name",
        "relay unix - - n - - smtp\n  -o syslog_name=${multi_instance_name?{$multi_instance_name}:{postfix}}/$service_name",
        "uucp unix - n n - - pipe\n  flags=Fqhu user=uucp argv=uux -r -n -z -a$sender - $nexthop!rmail ($recipient)",
    ]) {
        assert.ok(service(line), line);
    }
});

test("services that an administrator added or changed", () => {
    for (const line of [
        "submission inet n - y - - smtpd",
        "smtp inet n - y - 1 postscreen",
        "smtp inet n - y - - smtpd -o smtpd_tls_security_level=encrypt",
        "smtp unix - - y - 1 smtp",
        "smtp unix - - y - - smtp -o smtp_tls_security_level=may",
        "qmgr unix n - y 300 1 qmgr",
    ]) {
        assert.ok(!service(line), line);
    }
});
