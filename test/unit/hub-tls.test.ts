import assert from "node:assert/strict";
import { test } from "node:test";
import { toDialect } from "../../postfix/dialect";
import { Problems } from "../../postfix/problems";
import { type SmartHostRole, smartHostSettings } from "../../postfix/roles/smart-host";
import {
    destinationProblem,
    policyProblem,
    policyVersionProblem,
} from "../../postfix/validate/outbound-policy";
import { validateRoadWarrior } from "../../postfix/validate/road-warrior";
import { validateSmartHost } from "../../postfix/validate/smart-host";
import { tlsWarnings } from "../../postfix/validate/tls";
import { roadWarriorSettings } from "../road-warrior-settings";
import { hostKey, link, pin, problemsOf } from "./validate-helpers";

const hub = (more: Partial<SmartHostRole> = {}) =>
    smartHostSettings({ mode: "dedicated", port: 587, identity: [], settings: {}, ...more });
const laptop = (more: object = {}) =>
    roadWarriorSettings({
        hub: { hostname: "mailhub.example.com", port: 465, pins: [pin("AA")] },
        identity: [],
        settings: {},
        ...more,
    });

test("TLS is logged and written into the message on both sides, unless told otherwise", () => {
    for (const [tls, level, header] of [
        [{}, "1", "yes"],
        [{ logLevel: 2, receivedHeader: false }, "2", "no"],
        [{ logLevel: 0 }, "0", "yes"],
    ] as const) {
        const service = hub({ tls }).services["587/inet"]?.options ?? {};
        for (const settings of [hub({ tls }).main, laptop({ tls }).main]) {
            assert.equal(settings.smtp_tls_loglevel, level);
            assert.equal(settings.smtpd_tls_loglevel, level);
            assert.equal(settings.smtpd_tls_received_header, header);
        }
        assert.equal(service.smtpd_tls_loglevel, level);
        assert.equal(service.smtpd_tls_received_header, header);
    }
});

const floors: { floor?: "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3"; since36: string; before: string }[] = [
    { since36: ">=TLSv1.2", before: "!SSLv2, !SSLv3, !TLSv1, !TLSv1.1" },
    { floor: "TLSv1", since36: ">=TLSv1", before: "!SSLv2, !SSLv3" },
    { floor: "TLSv1.1", since36: ">=TLSv1.1", before: "!SSLv2, !SSLv3, !TLSv1" },
    { floor: "TLSv1.3", since36: ">=TLSv1.3", before: "!SSLv2, !SSLv3, !TLSv1, !TLSv1.1, !TLSv1.2" },
];
for (const { floor, since36, before } of floors) {
    test(`a floor of ${floor ?? "nothing said"} is told in every dialect, and TLS 1.3 stays on`, () => {
        for (const version of ["3.5.25", "3.6.4", "3.7.11", "3.10.13", "3.11.7"]) {
            const wanted = version.startsWith("3.5") ? before : since36;
            const [sends, serves] = [laptop({ tls: { floor } }), hub({ tls: { floor } })].map((settings) =>
                toDialect(settings, version, new Problems()),
            );
            assert.equal(sends?.main.smtp_tls_mandatory_protocols, wanted);
            assert.equal(serves?.main.smtpd_tls_mandatory_protocols, wanted);
            assert.equal(serves?.services["587/inet"]?.options.smtpd_tls_mandatory_protocols, wanted);
            assert.equal(serves?.main.smtpd_tls_protocols, undefined, "would only make it come in clear");
        }
    });
}

test("a floor below TLS 1.2 is warned of", () => {
    assert.deepEqual(
        [undefined, "TLSv1.2", "TLSv1.3"].flatMap((protocolFloor) => tlsWarnings({ protocolFloor })),
        [],
    );
    for (const protocolFloor of ["TLSv1", "TLSv1.1"])
        assert.match(tlsWarnings({ protocolFloor })[0] ?? "", /broken \(RFC 8996\)/);
});

test("a port with TLS from the first byte is the same service once more", () => {
    const { services } = hub({ hubTls: { implicitTlsPort: 465 } });
    assert.deepEqual(Object.keys(services), ["587/inet", "465/inet"]);
    const { smtpd_tls_wrappermode: wrapped, ...rest } = services["465/inet"]?.options ?? {};
    const { smtpd_tls_wrappermode: plain, ...other } = services["587/inet"]?.options ?? {};
    assert.deepEqual([wrapped, plain], ["yes", "no"]);
    assert.deepEqual(rest, other);
    assert.deepEqual(Object.keys(hub({ mode: "guest", hubTls: { implicitTlsPort: 465 } }).services), [
        "587/inet",
        "465/inet",
    ]);
    assert.equal(laptop({ implicitTls: true }).main.smtp_tls_wrappermode, "yes");
    assert.equal(laptop().main.smtp_tls_wrappermode, undefined);
});

test("port 25 is a public MX, or takes TLS alone, or is closed", () => {
    assert.equal(hub().main.smtpd_tls_security_level, "may");
    assert.equal(hub().closed, undefined);
    assert.equal(hub({ hubTls: { publicPort: "encrypt" } }).main.smtpd_tls_security_level, "encrypt");
    assert.deepEqual(hub({ hubTls: { publicPort: "none" } }).closed, ["25/inet"]);
});

test("the hub's own mail goes out as it is told, for single destinations otherwise", () => {
    assert.equal(hub().main.smtp_tls_security_level, "may");
    assert.equal(hub().main.smtp_dns_support_level, undefined);
    const dane = hub({ hubTls: { outboundSecurity: "dane" } }).main;
    assert.equal(dane.smtp_tls_security_level, "dane");
    assert.equal(dane.smtp_dns_support_level, "dnssec");
    const outboundPolicy = { "example.org": "dane-only", "[mx.example.net]:587": "secure match=nexthop" };
    const { main, tables } = hub({ hubTls: { outboundPolicy } });
    assert.equal(main.smtp_tls_policy_maps, "@{outbound-policy}");
    assert.equal(main.smtp_dns_support_level, "dnssec", "one destination needs it");
    assert.deepEqual(tables["outbound-policy"], { entries: outboundPolicy });
});

test("destinations and policies are those of Postfix", () => {
    for (const good of [
        "example.org",
        ".example.org",
        "[mx.example.org]:587",
        "example.org:smtp",
        "[192.0.2.1]",
        "[2001:db8::1]:25",
    ])
        assert.equal(destinationProblem(good), undefined, good);
    for (const bad of [
        "",
        "exam ple.org",
        "[mx.example.org",
        "user@example.org",
        "example.org:25:26",
        "2001:db8::1",
    ])
        assert.match(destinationProblem(bad) ?? "", /is no destination/, bad);
    for (const good of [
        "none",
        "may ciphers=high",
        "encrypt protocols=>=TLSv1.2 exclude=aNULL:MD5",
        "dane-only",
        `fingerprint match=${pin("AA")}|${pin("BB")}`,
        "secure match=mail.example.org:.example.org servername=mx.example.org",
    ])
        assert.equal(policyProblem(good), undefined, good);
    for (const [bad, reason] of [
        ["encypt", /the level "encypt".*is "encrypt" meant\?/],
        ["fingerprint", /wants at least one match=PIN/],
        ["fingerprint match=AA:BB", /pin|fingerprint|SHA/i],
        ["encrypt match=x", /goes with fingerprint, verify and secure/],
        ["none ciphers=high", /nothing to choose/],
        ["secure cipher=high", /is ciphers= meant\?/],
        ["secure\nmay", /line break/],
    ] as const)
        assert.match(policyProblem(bad) ?? "", reason, bad);
});

test("what an older Postfix would not read in a policy is named", () => {
    const on = (policy: string, minor: number) => policyVersionProblem(policy, { major: 3, minor, patch: 0 });
    assert.match(
        on("encrypt protocols=>=TLSv1.2", 5) ?? "",
        /needs Postfix 3\.6, this host has 3\.5: .*!TLSv1\.1/,
    );
    assert.equal(on("encrypt protocols=!SSLv3:!TLSv1", 5), undefined);
    assert.equal(on("encrypt protocols=>=TLSv1.2", 7), undefined);
    assert.match(on("encrypt enable_rpk=yes", 7) ?? "", /needs Postfix 3\.9/);
});

const hubProblems = (more: object) =>
    problemsOf(validateSmartHost, {
        hostname: "mailhub.example.com",
        connection: { host: "192.0.2.25", hostKey },
        ...more,
    });

test("ports of the hub that do not go together are refused", () => {
    assert.deepEqual(hubProblems({ implicitTlsPort: 465, publicPort: "none", tlsLogLevel: 0 }), []);
    assert.match(
        hubProblems({ implicitTlsPort: 587 })[0] ?? "",
        /^implicitTlsPort: given 587, which is the port of/,
    );
    assert.match(hubProblems({ implicitTlsPort: 25 })[0] ?? "", /^implicitTlsPort: given 25/);
    assert.match(
        hubProblems({ publicPort: "none", port: 25 })[0] ?? "",
        /^publicPort: given "none", but laptops/,
    );
    assert.match(hubProblems({ publicPort: "mxx" })[0] ?? "", /^publicPort: given "mxx".*is "mx" meant\?/);
    assert.match(hubProblems({ tlsLogLevel: 5 })[0] ?? "", /^tlsLogLevel: given 5, allowed/);
    assert.match(hubProblems({ protocolFloor: "TLSv1.4" })[0] ?? "", /^protocolFloor: /);
    for (const more of [
        { publicPort: "mx" },
        { outboundSecurity: "dane" },
        { outboundPolicy: { "example.org": "may" } },
    ])
        assert.match(hubProblems({ mode: "guest", ...more })[0] ?? "", /: does not go with mode "guest"/);
    assert.match(
        hubProblems({ outboundPolicy: { "example.org": "encypt" } })[0] ?? "",
        /^outboundPolicy\["example\.org"\]: given the level "encypt"/,
    );
    assert.match(
        hubProblems({
            outboundPolicy: { "example.org": "may" },
            settings: { smtp_tls_policy_maps: "hash:/x" },
        })[0] ?? "",
        /^settings\.smtp_tls_policy_maps: is set by this resource itself/,
    );
});

test("a laptop asks for TLS from the first byte only of a hub that has a port for it", () => {
    const connection = { host: "192.0.2.101", hostKey };
    const problems = (smartHost: object) =>
        problemsOf(validateRoadWarrior, { smartHost, connection, implicitTls: true });
    assert.match(
        problems(link)[0] ?? "",
        /^implicitTls: given true, but the hub of smartHost has no port for it/,
    );
    assert.deepEqual(problems({ ...link, implicitTlsPort: 465 }), []);
    assert.match(
        problems({ ...link, implicitTlsPort: "465" })[0] ?? "",
        /^smartHost\.implicitTlsPort: given "465"/,
    );
});
