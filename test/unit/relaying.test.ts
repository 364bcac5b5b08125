import assert from "node:assert/strict";
import { test } from "node:test";
import { loopFaults, sameNameFault } from "../../postfix/judge/loops";
import { relayVerdict } from "../../postfix/judge/open-relay";
import { ownNetworkFaults } from "../../postfix/judge/own-networks";
import { relayFaults } from "../../postfix/judge/relaying";
import { expand, restrictionWords } from "../../postfix/judge/restriction-words";
import { parseMasterCf } from "../../postfix/master-cf";
import { stockMaster } from "../provider/host/fixtures";
import { relayLists } from "../relay-lists";

const lookup = (values: Record<string, string>) => (name: string) => values[name];

test("names, conditions and brackets as postconf(5) has them", () => {
    const values = lookup({ a: "1", b: "$a$a", empty: "", loop: "$loop" });
    const of = (text: string) => expand(text, values);
    assert.equal(of("$a ${b} $(a) $$a $none."), "1 11 1 $a .");
    assert.equal(of("${a?yes} ${empty?yes} ${a:no} ${empty:no}"), "yes   no");
    assert.equal(of("${a?{yes}:{no}} ${empty?{yes}:{$a}}"), "yes 1");
    assert.equal(of("${{$a} == {1} ? {x} : {y}}"), "${{$a} == {1} ? {x} : {y}}");
    assert.ok(of("$loop").length < 20);
});

test("the words of a list; braces make one", () => {
    assert.deepEqual(restrictionWords("a,b  c { d, e } f{g h}\ti"), [
        "a",
        "b",
        "c",
        "{ d, e }",
        "f{g h}",
        "i",
    ]);
});

for (const { title, outcome, options, sender } of relayLists)
    test(`${title}: ${outcome}${sender ? `, for ${sender}` : ""}, as a real stranger hears it too`, () => {
        const stock = {
            smtpd_relay_restrictions:
                "permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination",
            mynetworks: "127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128",
        };
        assert.equal(relayVerdict(lookup({ ...stock, ...options })).outcome, outcome);
    });

test("a verdict says what lets the stranger in", () => {
    const open = relayVerdict(
        lookup({
            smtpd_relay_restrictions: "permit_mynetworks, reject_unauth_destination",
            mynetworks: "[::]/0",
        }),
    );
    assert.deepEqual(open, { outcome: "open", why: "smtpd_relay_restrictions: mynetworks holds [::]/0" });
    assert.equal(relayVerdict(lookup({})).outcome, "broken");
});

test("networks that nobody in the world has an address in are not wide, however short they are", () => {
    const outcome = (mynetworks: string) =>
        relayVerdict(lookup({ smtpd_relay_restrictions: "permit_mynetworks, reject", mynetworks })).outcome;
    for (const own of [
        "[fe80::]/10",
        "[fc00::]/7",
        "[fec0::]/10",
        "[fd00::]/8",
        "[2001::]/16",
        "10.0.0.0/8",
        "unknown.example",
    ])
        assert.equal(outcome(own), "closed", own);
    for (const wide of [
        "[::]/0",
        "[::]/1",
        "[::]/2",
        "[2000::]/3",
        "[2000::]/4",
        "[2a00::]/12",
        "8.0.0.0/7",
        "unknown",
    ])
        assert.equal(outcome(wide), "open", wide);
});

test("a table lets in whoever calls himself something, and nobody by his address or his name in the DNS", () => {
    const outcome = (rule: string) =>
        relayVerdict(lookup({ smtpd_relay_restrictions: `${rule}, reject_unauth_destination` })).outcome;
    for (const key of ["192.0.2.7", "2001:db8::1", "192.0.2", "friend.example.org", ".example.org"]) {
        assert.equal(outcome(`check_client_access inline:{ {${key}=OK} }`), "closed", key);
        assert.equal(outcome(`check_helo_access inline:{ {${key}=OK} }`), "open", key);
        assert.equal(outcome(`check_sender_access inline:{x=DUNNO, ${key}=OK}`), "open", key);
    }
    assert.equal(outcome("check_client_access inline:{192.0.2.7=OK, unknown=OK}"), "open");
    assert.equal(outcome("check_client_access static:OK"), "open");
});

test("OK of a table of names that nobody has verified is never obeyed", () => {
    const outcome = (said: string) =>
        relayVerdict(
            lookup({
                smtpd_relay_restrictions: `check_reverse_client_hostname_access ${said}, permit, reject`,
                smtpd_recipient_restrictions: "reject_unauth_destination, permit",
                relay_domains: "static:all",
            }),
        ).outcome;
    assert.equal(outcome("static:OK"), "closed");
    assert.equal(outcome("static:REJECT"), "closed");
    assert.equal(outcome("static:DUNNO"), "open");
    const unverified = "check_reverse_client_hostname_access inline:{x.example.org=OK}";
    const restrictions = { smtpd_relay_restrictions: `${unverified}, reject_unauth_destination` };
    assert.equal(relayVerdict(lookup(restrictions)).outcome, "closed");
});

test("whoever has a certificate is let in where only a CA of one's own makes them", () => {
    const verdict = (more: Record<string, string>) =>
        relayVerdict(
            lookup({
                smtpd_relay_restrictions: "permit_tls_all_clientcerts, reject_unauth_destination",
                ...more,
            }),
        );
    const own = { smtpd_tls_CAfile: "/etc/postfix/own-ca.pem" };
    assert.equal(verdict(own).outcome, "closed");
    assert.equal(verdict({ smtpd_tls_CApath: "/etc/ssl/own-ca" }).outcome, "closed");
    assert.equal(verdict({ ...own, tls_append_default_CA: "no" }).outcome, "closed");
    assert.match(
        verdict({ ...own, tls_append_default_CA: "yes" }).why,
        /any CA that the system knows, by tls_append_default_CA$/,
    );
    const foreign: Record<string, string>[] = [
        {},
        { smtpd_tls_CAfile: "" },
        { smtpd_tls_CApath: "/etc/ssl/certs" },
        { ...own, smtpd_tls_CApath: "/etc/ssl/certs/" },
        { smtpd_tls_CAfile: "/etc/ssl/certs/ca-certificates.crt" },
        { smtpd_tls_CAfile: "/etc/pki/tls/certs/ca-bundle.crt" },
        { smtpd_tls_CAfile: "/etc/ssl/cert.pem" },
    ];
    for (const more of foreign)
        assert.deepEqual(verdict(more), {
            outcome: "open",
            why: "smtpd_relay_restrictions: permit_tls_all_clientcerts lets in whoever has a certificate of any CA, as long as smtpd_tls_CAfile names none of your own",
        });
});

test("somebody who may call himself another host's client is in every network", () => {
    const restrictions = { smtpd_relay_restrictions: "permit_mynetworks, reject", mynetworks: "127.0.0.0/8" };
    assert.equal(relayVerdict(lookup(restrictions)).outcome, "closed");
    const open = relayVerdict(lookup({ ...restrictions, smtpd_authorized_xclient_hosts: "0.0.0.0/0" }));
    assert.equal(open.outcome, "open");
});

test("services are judged by their own options, and only those that somebody elsewhere reaches", () => {
    const services = (more: string) => parseMasterCf(`${stockMaster}${more}`).services;
    const builtIn = {
        smtpd_relay_restrictions: "permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination",
        mynetworks: "127.0.0.0/8",
        inet_interfaces: "all",
    };
    const names = (more: string, settings = {}) =>
        relayFaults(
            Object.entries(settings).map(([name, value]) => ({
                name,
                value: String(value),
                first: 0,
                last: 0,
            })),
            services(more),
            builtIn,
        ).map(({ service }) => service.service);
    const open = "-o mynetworks=0.0.0.0/0";
    assert.deepEqual(names(""), []);
    assert.deepEqual(names(`10025 inet n - n - - smtpd ${open}\n`), ["10025"]);
    assert.deepEqual(names(`10.0.0.1:10025 inet n - n - - smtpd ${open}\n`), ["10.0.0.1:10025"]);
    for (const address of ["127.0.0.1", "[::1]", "localhost"])
        assert.deepEqual(names(`${address}:10025 inet n - n - - smtpd ${open}\n`), []);
    assert.deepEqual(names(`smtpd pass - - n - - smtpd ${open}\n`), ["smtpd"]);
    assert.deepEqual(names(`10025 inet n - n - - spawn ${open}\n`), []);
    assert.deepEqual(names("", { mynetworks: "0.0.0.0/0" }), ["smtp"]);
    assert.deepEqual(names("", { mynetworks: "0.0.0.0/0", inet_interfaces: "loopback-only" }), []);
    assert.deepEqual(names("", { mynetworks: "0.0.0.0/0", inet_interfaces: "127.0.0.1, [::1]" }), []);
    assert.deepEqual(names("", { mynetworks: "0.0.0.0/0", inet_interfaces: " localhost,\t::1 " }), []);
    for (const reachable of [
        "127.0.0.1, 192.0.2.1",
        "",
        "all",
        "::10",
        "10.127.0.1",
        "localhost.example.org",
    ])
        assert.deepEqual(
            names("", { mynetworks: "0.0.0.0/0", inet_interfaces: reachable }),
            ["smtp"],
            reachable,
        );
    for (const address of ["localhost.example.org", "[::1:2]", "10.127.0.1", "not-localhost"])
        assert.deepEqual(names(`${address}:10025 inet n - n - - smtpd ${open}\n`), [`${address}:10025`]);
    assert.deepEqual(names(`10025 unix n - n - - smtpd ${open}\n`), []);
});

test("without a line of its own a host is judged by what its compatibility level has built in", () => {
    const outcome = (level?: string) => {
        const settings = level ? [{ name: "compatibility_level", value: level, first: 0, last: 0 }] : [];
        const builtIn = { smtpd_relay_restrictions: "", mynetworks: "127.0.0.0/8", inet_interfaces: "all" };
        return relayFaults(settings, parseMasterCf(stockMaster).services, builtIn).map(
            ({ verdict }) => verdict.outcome,
        );
    };
    for (const level of ["1", "2", "3.6", "3.11"]) assert.deepEqual(outcome(level), [], level);
    // "fatal: in parameter smtpd_relay_restrictions or smtpd_recipient_restrictions, specify at least one ..."
    assert.deepEqual(outcome(), ["broken"]);
    assert.deepEqual(outcome("0"), ["broken"]);
});

test("words of mynetworks that smtpd(8) could not read, or that would match nobody", () => {
    const faults = (value: string) => ownNetworkFaults("mynetworks", value);
    assert.deepEqual(
        faults("127.0.0.0/8, [::1]/128 !10.1.0.0/16 $other hash:/x cidr:/etc/y /etc/nets static:all"),
        [],
    );
    assert.deepEqual(
        faults(
            "proxy:pgsql:/etc/x maybe:hash:/x !!inline:{ 10.0.0.1=OK, 10.0.0.2=OK } $a/8 cidr:{ {10.0.0.0/8 OK}, }",
        ),
        [],
    );
    // namadr_list(3) asks for the client's name too.
    assert.deepEqual(faults("localhost relay.example.com .example.org com 1.example 4you.example"), []);
    assert.deepEqual(faults("10.0.0 x@example.org"), [
        'holds "10.0.0", which is no IP address, and no name of a client: it would never match',
        'holds "x@example.org", which is no IP address, and no name of a client: it would never match',
    ]);
    assert.deepEqual(faults("10.0.0.0/33"), [
        'holds "10.0.0.0/33", which has "/33" behind the address, allowed: /0 to /32. smtpd(8) would answer everybody with 451',
    ]);
    assert.match(faults("fd00:1:2::/48")[0] ?? "", /for a table: write \[fd00:1:2::\]\/48$/);
    assert.match(faults("fe80::1/10")[0] ?? "", /bits set/);
    assert.match(faults("fe80::/10")[0] ?? "", /for a table: write \[fe80::\]\/10$/);
    assert.match(faults("fe80::1")[0] ?? "", /for a table: write \[fe80::1\]$/);
    assert.match(faults("[fe80::1]/10")[0] ?? "", /bits set/);
    assert.match(faults("10.0.0.1!")[0] ?? "", /^holds "10.0.0.1!", which is no IP address/);
    assert.deepEqual(faults("  "), []);
    assert.deepEqual(ownNetworkFaults("relay_domains", "localhost"), []);
});

test("a next hop that is the machine itself, where its own smtpd(8) answers", () => {
    const { services } = parseMasterCf(
        `${stockMaster}587 inet n - n - - smtpd\n10026 inet n - n - - spawn x\n`,
    );
    const faults = (value: string) =>
        loopFaults(value, ["mail.example.com", "mail"], services, ["all"]).length;
    for (const hop of [
        "[MAIL.example.com.]",
        "[mail]:587",
        "[127.0.0.1]:smtp",
        "localhost",
        "[::1]:25",
        "[ipv6:::1]",
        "[127.10.20.30]",
        " [localhost] ",
    ])
        assert.equal(faults(hop), 1, hop);
    for (const hop of [
        "",
        "other.example.com",
        "mail.example.com",
        "mail.example.com:587",
        "[127.0.0.1]:10025",
        "[localhost]:10026",
        "[mail.example.com]:2525",
        "[localhost.example.org]",
        "[not-localhost]",
        "[127.0.0.1.example.org]",
        "[mail]:no-such-service",
    ])
        assert.equal(faults(hop), 0, hop);
    assert.equal(faults("[other]:587, [mail]:587"), 1);
});

test("a next hop on this machine is itself only where its smtpd(8) listens", () => {
    const hops = ["[127.0.0.1]", "[::1]", "[127.0.0.2]", "[localhost]", "[mail.example.com]"];
    const found = (service: string, interfaces: string[]) => {
        const { services } = parseMasterCf(`${service} inet n - y - - smtpd\n`);
        return hops.filter((hop) => loopFaults(hop, ["mail.example.com"], services, interfaces).length > 0);
    };
    assert.deepEqual(found("smtp", ["all"]), hops);
    assert.deepEqual(found("0.0.0.0:smtp", ["loopback-only"]), hops);
    assert.deepEqual(found("smtp", ["loopback-only"]), ["[127.0.0.1]", "[::1]", "[localhost]"]);
    assert.deepEqual(found("smtp", ["192.0.2.5"]), ["[mail.example.com]"]);
    assert.deepEqual(found("192.0.2.5:smtp", ["all"]), ["[mail.example.com]"]);
    assert.deepEqual(found("127.0.0.2:smtp", ["all"]), ["[127.0.0.2]", "[localhost]"]);
    assert.deepEqual(found("[::1]:smtp", ["all"]), ["[::1]", "[localhost]"]);
    assert.deepEqual(found("smtp", ["$myhostname", "[::1]"]), ["[::1]", "[localhost]", "[mail.example.com]"]);
});

test("a relayhost that is myhostname ends Postfix", () => {
    const said = /^given "Mail.example.com", which is myhostname too, .* must not be identical"/;
    assert.match(sameNameFault("Mail.example.com", "mail.example.com") ?? "", said);
    for (const other of ["", "[mail.example.com]", "mail.example.com:25", "example.com"])
        assert.equal(sameNameFault(other, "mail.example.com"), undefined, other);
    assert.equal(sameNameFault("", ""), undefined);
});
