import assert from "node:assert/strict";
import { test } from "node:test";
import { namesRead, undefinedFaults } from "../../postfix/judge/macros";
import { valueFaults } from "../../postfix/judge/value";
import type { Version } from "../../postfix/version";
import { encodeBytes } from "../../provider/host/bytes";
import { pin } from "../provider/host/fixtures";
import { property } from "./readings";

const version = (minor: number): Version => ({ major: 3, minor, patch: 0 });
const versions = [5, 7, 10, 11].map(version);
const mapTypes = ["hash", "proxy", "regexp", "texthash"];

const faultsOn = (at: Version, name: string, value: string, builtIn?: string): string[] =>
    valueFaults({ name, value, ...(builtIn === undefined ? {} : { builtIn }) }, { version: at, mapTypes });

/** What is said on every version alike. */
function faults(name: string, value: string, builtIn?: string): string[] {
    const [first = [], ...others] = versions.map((at) => faultsOn(at, name, value, builtIn));
    for (const other of others) assert.deepEqual(other, first);
    return first;
}

const one = (name: string, value: string, builtIn?: string): string => {
    const [fault = "", ...more] = faults(name, value, builtIn);
    assert.deepEqual(more, []);
    return fault;
};

test("a boolean is yes or no, whatever the capitals", () => {
    for (const value of ["yes", "no", "YES", "$biff", "${a?{yes}:{no}}"])
        assert.deepEqual(faults("biff", value, "yes"), []);
    for (const value of ["true", "1", "", "yes no"])
        assert.equal(one("biff", value, "no"), `given ${JSON.stringify(value)}, allowed: yes or no`);
});

test("where versions have words beside yes and no, or a number with a dot, those pass", () => {
    assert.deepEqual(faults("smtpd_forbid_bare_newline", "normalize", "no"), []);
    assert.deepEqual(faults("compatibility_level", "3.6", "0"), []);
});

test("a time has one unit or none", () => {
    for (const value of ["300", "+30s", "300s", "5d", "2w", "$other"])
        assert.deepEqual(faults("queue_run_delay", value, "300s"), []);
    for (const value of ["5x", "1h30m", "5 d", "5D", "-5s", ""])
        assert.equal(
            one("queue_run_delay", value, "300s"),
            `given ${JSON.stringify(value)}, allowed: a time, a whole number with s, m, h, d or w behind it, e.g. "300s"`,
        );
    assert.match(one("smtpd_timeout", "soon", "${stress?{10}:{300}}s"), /e\.g\. "300s"$/);
});

test("a number has no unit, is not negative where the default is not, and fits", () => {
    for (const value of ["0", "51200000", "2147483647", "+1"])
        assert.deepEqual(faults("header_size_limit", value, "102400"), []);
    for (const value of ["10M", "1e6", "", "ten", "1.5"])
        assert.equal(
            one("header_size_limit", value, "102400"),
            `given ${JSON.stringify(value)}, allowed: a whole number without a unit, e.g. "102400"`,
        );
    assert.match(one("header_size_limit", "-1", "102400"), /^given "-1", allowed: .* not negative/);
    assert.deepEqual(faults("some_offset", "-1", "-1"), []);
    assert.match(one("header_size_limit", "2147483648", "102400"), /up to 2147483647$/);
    assert.deepEqual(faults("message_size_limit", "21474836480", "10240000"), []);
});

test("not all that has a number for its default is one, or may not be negative", () => {
    for (const name of ["postscreen_dnsbl_allowlist_threshold", "postscreen_dnsbl_whitelist_threshold"]) {
        assert.deepEqual(faults(name, "-1", "0"), []);
        assert.equal(faults(name, "1x", "0").length, 1);
    }
    for (const name of ["default", "local", "my-transport"])
        for (const value of ["1", "0.5", "1/concurrency", "1 / sqrt_concurrency"]) {
            assert.deepEqual(faults(`${name}_destination_concurrency_positive_feedback`, value, "1"), []);
            assert.deepEqual(faults(`${name}_destination_concurrency_negative_feedback`, value, "1"), []);
        }
    assert.deepEqual(faults("milter_protocol", "6, no_header_reply", "6"), []);
    assert.deepEqual(faults("lmtp_tcp_port", "lmtp", "24"), []);
    assert.deepEqual(faults("smtp_tls_loglevel", "summary", "0"), []);
    assert.deepEqual(faults("lmdb_map_size", "10737418240", "16777216"), []);
    assert.match(one("postscreen_dnsbl_threshold", "-1", "1"), /not negative/);
});

test("a parameter whose default says nothing of its kind takes anything", () => {
    for (const builtIn of ["", "$other", "hash:/x", undefined])
        assert.deepEqual(faults("my_parameter", "any thing", builtIn), []);
});

test("levels, grades, digests and address families are words", () => {
    assert.deepEqual(faults("smtp_tls_security_level", "dane-only"), []);
    assert.deepEqual(faults("smtp_tls_security_level", ""), []);
    assert.equal(
        one("smtp_tls_security_level", "encypt"),
        'given "encypt", with which smtp(8) would not start, and no mail would leave; allowed: "none", "may", "encrypt", "dane", "dane-only", "fingerprint", "verify", "secure"; is "encrypt" meant?',
    );
    assert.deepEqual(faults("smtpd_tls_security_level", "Encrypt"), []);
    assert.match(one("smtpd_tls_security_level", "fingerprint"), /or take it for encrypt; allowed: "none"/);
    assert.match(one("smtp_tls_mandatory_ciphers", "hihg"), /is "high" meant\?$/);
    assert.match(
        one("smtpd_tls_fingerprint_digest", "sha265"),
        /no key would be known.*is "sha256" meant\?$/,
    );
    assert.match(one("smtp_address_preference", "ipv5"), /is "ipv4" meant\?$/);
});

test("a list of protocols holds names of protocols, and ranges from 3.6 on", () => {
    for (const value of ["!SSLv2, !SSLv3", "!sslv3:!TLSv1", "TLSv1.2 TLSv1.3", "$other", ""])
        assert.deepEqual(faults("smtp_tls_mandatory_protocols", value), []);
    assert.match(one("smtpd_tls_protocols", "!SSLv3, TLSv9"), /^holds "TLSv9", with which no TLS session/);
    assert.match(
        faultsOn(version(7), "smtpd_tls_protocols", ">= TLSv1.2")[0] ?? "",
        /holds ">=", with which no/,
    );
    for (const value of [">=TLSv1.2 !TLSv1.3", "<=TLSv1.3", ">=0303"]) {
        assert.match(faultsOn(version(5), "smtp_tls_protocols", value)[0] ?? "", /needs Postfix 3\.6/);
        for (const at of versions.slice(1)) assert.deepEqual(faultsOn(at, "smtp_tls_protocols", value), []);
    }
});

test("pins in main.cf stand apart, have colons, and are whole", () => {
    assert.deepEqual(faults("smtp_tls_fingerprint_cert_match", `${pin(1)}, ${pin(2)} ${pin(3)}`), []);
    assert.match(one("smtp_tls_fingerprint_cert_match", `${pin(1)}|${pin(2)}`), /in main\.cf write a comma/);
    assert.equal(faults("smtp_tls_fingerprint_cert_match", pin(1).replaceAll(":", "")).length, 1);
    assert.equal(faults("smtp_tls_fingerprint_cert_match", pin(1).slice(0, -3)).length, 1);
});

test("a table of a type that the host lacks is told, wherever it stands", () => {
    for (const value of ["hash:/x", "inline:{a=b}", "unix:/run/x", "inet:host:25", "$x/btree:y", "[::1]/128"])
        assert.deepEqual(faults("smtp_generic_maps", value), []);
    assert.equal(
        one("virtual_alias_maps", "hash:/a, lmdb:/b proxy:lmdb:/c"),
        'names a table of type "lmdb", which Postfix on this host does not have; it has: hash, regexp, texthash. Install its package there (on Debian: postfix-lmdb), or choose another type',
    );
    assert.equal(faults("smtpd_sender_restrictions", "check_sender_access pcre:/x, permit").length, 1);
});

test("a comment behind a value is none, but in words for people it may stand", () => {
    assert.match(one("relayhost", "[hub]:587 # the hub"), /^holds a # behind a blank/);
    assert.match(one("header_size_limit", "5 # bytes", "1"), /^holds a # behind a blank/);
    assert.deepEqual(faults("smtpd_banner", "$myhostname # 1"), []);
    assert.deepEqual(faults("unverified_sender_reject_reason", "Unknown, see ticket #12"), []);
    assert.deepEqual(faults("unverified_sender_reject_reason", "Unknown, see # 12"), []);
    assert.deepEqual(faults("mail_name", "Mail # 1"), []);
    assert.match(one("other_mail_name", "Mail # 1"), /^holds a # behind a blank/);
    assert.deepEqual(faults("recipient_delimiter", "+#"), []);
    assert.deepEqual(faults("header_checks", "regexp:{{/^Subject: #x/ IGNORE}}"), []);
});

const broken = [
    "price $ 5",
    "/x$/",
    "$$$",
    "$(touch x)",
    "$(a",
    "${a",
    "${a b}",
    "${a.b}",
    "${}",
    "$é",
    "a$",
];
const whole = [
    "$a-$b",
    "$$5",
    "$(a)",
    "${a}",
    "${ a }",
    "${1}",
    "${a?b}",
    "${a?{b}:{c}}",
    "${a:$b}",
    "${{a}=={b}?{c}:{d}}",
];

test("a $ that begins no name is told, but where a value is read with names of its own", () => {
    for (const value of broken)
        assert.match(one("smtpd_banner", value, "x"), /^has a \$ that begins no name/, value);
    for (const value of whole) assert.deepEqual(faults("smtpd_banner", value, "x"), [], value);
    assert.deepEqual(faults("mailbox_command", "x $(a b)", ""), []);
    assert.deepEqual(faults("of_nobody", "$(a b)"), []);
    assert.deepEqual(faults("smtp_requiretls_policy", "${domain_to_ascii{$mydomain}}", "x"), []);
});

property("Postfix ends at such a $ and at no other", 1, async (postconf) => {
    for (const value of [...broken, ...whole]) {
        const mainCf = encodeBytes(`smtpd_banner = ${value}\n`);
        const { status } = await postconf.ask({ mainCf }, "-n");
        assert.equal(status === 0, whole.includes(value), value);
    }
});

test("the names that a value reads, not those that it only asks about", () => {
    assert.deepEqual(namesRead("$a ${b}c $(d) ${e?f} ${g:h} $$i ${{$j} == {k} ? {l} : {m}}"), [
        ...["a", "b", "d", "j"],
    ]);
});

test("what nothing sets is told with what may have been meant; of a delivery much is set in its moment", () => {
    const isDefined = (name: string) => ["myhostname"].includes(name);
    const of = (name: string, value: string) =>
        undefinedFaults({ name, value }, isDefined, ["myhostname", "mydomain"]);
    assert.deepEqual(of("myorigin", "$myhostname"), []);
    assert.deepEqual(of("myorigin", "$myhostnam x $myhostnam"), [
        "reads $myhostnam, which nothing sets on this host, and which would count as empty; did you mean $myhostname?",
    ]);
    assert.deepEqual(of("luser_relay", "$user@example.com"), []);
    assert.deepEqual(of("smtpd_reject_footer", "$nothing"), []);
});
