import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { toDialect } from "../../postfix/dialect";
import { Problems } from "../../postfix/problems";
import { roadWarriorOwns } from "../../postfix/roles/road-warrior";
import { type Hub, type Routes, routeShape } from "../../postfix/roles/routes";
import { Security } from "../../postfix/words";
import { roadWarriorSettings } from "../road-warrior-settings";
import { pin } from "./validate-helpers";

const hub: Hub = { hostname: "mailhub.example.com", port: 587, pins: [pin("AA"), pin("BB")] };
const second: Hub = { hostname: "second.example.com", port: 2525, pins: [pin("CC")] };
const work: Hub = { hostname: "work.example.org", port: 587, pins: [pin("DD")] };

const laptop = (routes?: Partial<Routes>, security?: Security) =>
    roadWarriorSettings({ hub, identity: [], settings: {}, routes, security });

const versions = ["3.5.25", "3.7.11", "3.10.13", "3.11.7"];

describe("several hubs", () => {
    const settings = laptop({ hubs: [second] });

    test("are tried in their order", () => {
        assert.equal(settings.main.relayhost, "[mailhub.example.com]:587, [second.example.com]:2525");
    });

    test("have a policy line each, keyed as the next hop is written, and no match for all", () => {
        assert.equal(settings.main.smtp_tls_security_level, "fingerprint");
        assert.equal(settings.main.smtp_tls_fingerprint_cert_match, "");
        assert.equal(settings.main.smtp_tls_fingerprint_digest, "sha256");
        assert.equal(settings.main.smtp_tls_policy_maps, "@{tls-policy}");
        assert.deepEqual(settings.tables, {
            "tls-policy": {
                entries: {
                    "[mailhub.example.com]:587": `fingerprint match=${pin("AA")} match=${pin("BB")}`,
                    "[second.example.com]:2525": `fingerprint match=${pin("CC")}`,
                },
            },
        });
    });
});

test("one hub alone stays as it is: its pins in main.cf, no table", () => {
    const { main, tables } = laptop();
    assert.equal(main.smtp_tls_fingerprint_cert_match, `${pin("AA")}, ${pin("BB")}`);
    assert.equal(main.smtp_tls_policy_maps, undefined);
    assert.deepEqual(tables, {});
});

test("routes by sender and by destination are tables, and each of their hubs has a policy", () => {
    const { main, tables } = laptop({
        senders: { "@work.example": work },
        transports: { "home.example": second },
    });
    assert.equal(main.relayhost, "[mailhub.example.com]:587");
    assert.equal(main.sender_dependent_relayhost_maps, "@{sender-relays}");
    assert.equal(main.transport_maps, "@{transports}");
    assert.deepEqual(tables["sender-relays"]?.entries, { "@work.example": "[work.example.org]:587" });
    assert.deepEqual(tables.transports?.entries, { "home.example": "smtp:[second.example.com]:2525" });
    assert.deepEqual(Object.keys(tables["tls-policy"]?.entries ?? {}), [
        "[mailhub.example.com]:587",
        "[work.example.org]:587",
        "[second.example.com]:2525",
    ]);
});

const levels: { security: Security; main: Record<string, string> }[] = [
    { security: Security.Encrypt, main: { smtp_tls_security_level: "encrypt" } },
    {
        security: Security.Dane,
        // Not `dane`, which sends in clear where it finds no TLSA record.
        main: { smtp_tls_security_level: "dane-only", smtp_dns_support_level: "dnssec" },
    },
    {
        security: Security.Secure,
        main: {
            smtp_tls_security_level: "secure",
            smtp_tls_CAfile: "@{authority}",
            smtp_tls_CApath: "",
            smtp_tls_trust_anchor_file: "",
            tls_append_default_CA: "no",
            smtp_tls_secure_cert_match: "nexthop",
        },
    },
];

for (const { security, main } of levels) {
    test(`security ${security} says so for every next hop, without pins`, () => {
        const alone = laptop({}, security).main;
        const several = laptop({ hubs: [second] }, security);
        const verification = (settings: Record<string, string>) =>
            Object.fromEntries(
                Object.entries(settings).filter(
                    ([name]) =>
                        /^(smtp_tls|smtp_dns|tls_append)_/.test(name) &&
                        !/mandatory|chain_files|loglevel/.test(name),
                ),
            );
        assert.deepEqual(verification(alone), main);
        assert.deepEqual(verification(several.main), main);
        assert.deepEqual(several.tables, {});
    });

    for (const version of versions) {
        test(`security ${security} is written whole for Postfix ${version}`, () => {
            const problems = new Problems();
            const written = toDialect(laptop({}, security), version, problems).main;
            assert.deepEqual(problems.list, []);
            for (const [name, value] of Object.entries(main)) assert.equal(written[name], value, name);
            const floor = version.startsWith("3.5") ? /^!SSLv2.*!TLSv1\.1$/ : /^>=TLSv1\.2$/;
            assert.match(written.smtp_tls_mandatory_protocols ?? "", floor);
        });
    }
}

for (const version of versions) {
    test(`routes are written whole for Postfix ${version}`, () => {
        const settings = laptop({ hubs: [second], senders: { "@work.example": work } });
        const problems = new Problems();
        const { main } = toDialect(settings, version, problems);
        assert.deepEqual(problems.list, []);
        for (const name of ["relayhost", "smtp_tls_policy_maps", "sender_dependent_relayhost_maps"])
            assert.equal(main[name], settings.main[name]);
        assert.equal(main.smtp_tls_fingerprint_digest, "sha256");
        assert.equal(main.tls_required_enable, /^3\.1[01]/.test(version) ? "no" : undefined);
    });
}

test("what the role owns is what it sets, at every level and for every shape", () => {
    const senders = { "@work.example": work };
    for (const security of Object.values(Security)) {
        for (const routes of [{}, { hubs: [second] }, { senders }, { transports: { x: work } }]) {
            const shape = routeShape({ hubs: [], senders: {}, transports: {}, ...routes });
            const own = Object.keys(laptop(routes, security).main);
            assert.deepEqual(roadWarriorOwns(security, shape), own);
        }
    }
});

test("no level on a laptop is one that falls back to clear text", () => {
    for (const security of Object.values(Security)) {
        const { main, tables } = laptop({ hubs: [second] }, security);
        const said = [main.smtp_tls_security_level, ...Object.values(tables["tls-policy"]?.entries ?? {})];
        for (const level of said) assert.match(level ?? "", /^(fingerprint|encrypt|secure|dane-only)\b/);
    }
});
