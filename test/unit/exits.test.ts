import assert from "node:assert/strict";
import { test } from "node:test";
import { exitOf, exitParameters, openExits } from "../../postfix/exits";
import { parseMainCf } from "../../postfix/main-cf";
import { parseMasterCf } from "../../postfix/master-cf";

const own = {
    smtp_tls_security_level: "fingerprint",
    smtp_tls_fingerprint_digest: "sha256",
    tls_required_enable: "no",
};
const inMain = (text: string) => openExits(parseMainCf(text).settings, [], own);
const inMaster = (text: string) => {
    const { services, broken } = parseMasterCf(text);
    assert.deepEqual(broken, []);
    return openExits([], services, own);
};

test("every parameter of decision and pitfall is among the exits", () => {
    const names = new Set(exitParameters.map(({ name }) => name));
    for (const name of [
        "transport_maps",
        "smtp_tls_policy_maps",
        "smtp_tls_per_site",
        "sender_dependent_relayhost_maps",
        "sender_dependent_default_transport_maps",
        "default_transport",
        "relay_transport",
        "smtp_fallback_relay",
        "content_filter",
        "smtpd_proxy_filter",
        "header_checks",
        "tls_required_enable",
    ]) {
        assert.ok(names.has(name), name);
    }
    assert.equal(names.size, exitParameters.length);
});

for (const { name, safe } of exitParameters) {
    test(`${name}: any value is an exit but the safe one`, () => {
        assert.ok(safe !== undefined);
        assert.equal(exitOf(name, safe), undefined);
        const [exit, ...more] = inMain(`# x\n${name} = \n  smtp:[evil.example.net]\n`);
        assert.deepEqual(more, []);
        assert.deepEqual([exit?.name, exit?.where], [name, 2]);
        assert.match(exit?.text ?? "", /evil/);
        assert.deepEqual(inMain(`${name} = ${safe}\n`), []);
        const [option] = inMaster(`x unix - - n - - cleanup -o ${name}=smtp:[evil.example.net]\n`);
        assert.match(option?.text ?? "", new RegExp(`^x/unix cleanup -o ${name}=`));
        assert.deepEqual(inMaster(`x unix - - n - - cleanup -o ${name}=${safe}\n`), []);
    });
}

test("no table is no exit, also where the default is another parameter's value", () => {
    const tables = exitParameters.filter(({ name }) => /_(maps|checks)$/.test(name));
    assert.ok(tables.length > 10);
    for (const { name } of tables) assert.deepEqual(inMain(`${name} =\n`), [], name);
});

test("an empty tls_required_enable or default_transport is no safe one", () => {
    assert.equal(inMain("tls_required_enable =\n").length, 1);
    assert.equal(inMain("tls_required_enable = yes\n").length, 1);
    assert.equal(inMain("default_transport = $x\n").length, 1);
});

test("delivery that stays on the machine is no exit, lmtp over the network is", () => {
    for (const value of ["local", "local:", "virtual", "lmtp:unix:private/dovecot-lmtp"]) {
        assert.deepEqual(inMain(`mailbox_transport = ${value}\nvirtual_transport = ${value}\n`), [], value);
    }
    for (const value of [
        "lmtp:inet:evil.example.net:24",
        "lmtp:evil.example.net",
        "smtp:[evil]",
        "lmtp:unix:a lmtp:b",
        "elsewhere-local",
        "local:a virtual",
        "x:lmtp:unix:a",
    ]) {
        assert.equal(inMain(`mailbox_transport = ${value}\nvirtual_transport = ${value}\n`).length, 2, value);
    }
});

test("what has nothing to do with the way is no exit", () => {
    assert.deepEqual(
        inMain("relayhost = x\nmynetworks = y\nsmtp_helo_name = z\nsmtpd_tls_cert_file = a\n"),
        [],
    );
});

const smtp = (options: string) => inMaster(`smtp unix - - y - - smtp\n${options}\n`);

test("an -o on smtp(8) that touches the pin is an exit, with its service and line", () => {
    for (const option of [
        "smtp_tls_security_level=may",
        "smtp_tls_security_level=",
        "smtp_tls_security_level=$level",
        "smtp_tls_policy_maps=inline:{x=may}",
        "smtp_tls_fingerprint_cert_match=AA:BB",
        "smtp_tls_fingerprint_digest=md5",
        "smtp_tls_mandatory_protocols=SSLv3",
        "smtp_tls_chain_files=/x",
        "smtp_fallback_relay=[evil.example.net]",
        "tls_required_enable=yes",
    ]) {
        const [exit, ...more] = smtp(`    -o ${option}`);
        assert.deepEqual(more, []);
        assert.deepEqual([exit?.name, exit?.where], ["smtp/unix", 1], option);
        assert.equal(exit?.text, `smtp/unix smtp -o ${option}`);
    }
});

test("the same on any further service of smtp(8), however it is spelt", () => {
    for (const line of [
        "foo unix - - n - - smtp -o smtp_tls_security_level=may",
        "foo unix - - n - - smtp -osmtp_tls_security_level=may",
        "foo unix - - n - - smtp -o { smtp_tls_security_level = may }",
        "foo unix - - n - - smtp -v\n# x\n\n  -o smtp_helo_timeout=5 -o smtp_tls_security_level=may",
    ]) {
        const [exit] = inMaster(`${line}\n`);
        assert.equal(exit?.name, "foo/unix", line);
    }
    assert.equal(smtp("  -o smtp_tls_security_level=may -o smtp_tls_policy_maps=x").length, 2);
});

test("an -o that leaves the pin as it is may stay", () => {
    for (const option of [
        "smtp_tls_loglevel=2",
        "smtp_tls_security_level=fingerprint",
        "smtp_tls_policy_maps=",
        "smtp_fallback_relay=",
        "tls_required_enable=no",
        "syslog_name=postfix/$service_name",
        "smtp_helo_timeout=5",
        "smtp_bind_address=192.0.2.1",
    ]) {
        assert.deepEqual(smtp(`    -o ${option}`), [], option);
    }
    assert.deepEqual(inMaster("foo unix - - n - - smtp\nbar unix - - n - - lmtp\n"), []);
});

test("routes in the -o of trivial-rewrite(8), filters in those of others", () => {
    for (const line of [
        "rewrite unix - - n - - trivial-rewrite -o relayhost=[evil.example.net]",
        "rewrite unix - - n - - trivial-rewrite -o relayhost=",
        "rewrite unix - - n - - trivial-rewrite -o transport_maps=hash:/x",
        "pickup unix n - n 60 1 pickup -o content_filter=scan:[127.0.0.1]:10024",
        "smtp inet n - n - - smtpd -o smtpd_proxy_filter=192.0.2.1:25",
        "cleanup unix n - n - 0 cleanup -o header_checks=regexp:/x",
    ]) {
        assert.equal(inMaster(`${line}\n`).length, 1, line);
    }
    assert.deepEqual(
        inMaster("127.0.0.1:10025 inet n - n - - smtpd -o content_filter= -o mynetworks=127.0.0.0/8\n"),
        [],
    );
});

test("the services for outbound mail must be smtp(8)", () => {
    for (const line of [
        "smtp unix - - n - - lmtp",
        "relay unix - n n - - pipe user=x argv=/usr/bin/msmtp ${recipient}",
        "smtp unix - - n - - ../elsewhere/smtp",
    ]) {
        assert.match(inMaster(`${line}\n`)[0]?.reason ?? "", /must go through smtp\(8\)/, line);
    }
    assert.deepEqual(inMaster("smtp inet n - n - - smtpd\n"), []);
});

test("the services of the distributions leave no exit open", () => {
    assert.deepEqual(
        inMaster(
            [
                "smtp inet n - y - - smtpd",
                "rewrite unix - - y - - trivial-rewrite",
                "smtp unix - - y - - smtp",
                "relay unix - - y - - smtp",
                "        -o syslog_name=postfix/$service_name",
                "relay unix - - n - - smtp -o smtp_fallback_relay=",
                "lmtp unix - - y - - lmtp",
                "uucp unix - n n - - pipe",
                "  flags=Fqhu user=uucp argv=uux -r -n -z -a$sender - $nexthop!rmail ($recipient)",
            ].join("\n"),
        ),
        [],
    );
});
