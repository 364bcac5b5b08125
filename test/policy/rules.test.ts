import assert from "node:assert/strict";
import { test } from "node:test";
import { postfixPolicies } from "../../policy";
import { daysLeft, floorOfTls, knowsHostKey, knowsItsHub } from "../../policy/rules";
import { selfSigned } from "../certificates";

const { certificate } = selfSigned("alice");
const good = {
    role: "roadWarrior",
    connection: { host: "192.0.2.101", hostKey: "ssh-ed25519 AAAA" },
    main: { smtp_tls_security_level: "fingerprint", smtp_tls_mandatory_protocols: ">=TLSv1.2" },
    services: { "587/inet": { command: "smtpd", options: { smtpd_tls_mandatory_protocols: ">=TLSv1.3" } } },
    chains: { identity: [{ privateKey: "[secret]", certificate }] },
};

for (const [what, rule, inputs, words] of [
    [
        "a machine whose host key nobody knows",
        knowsHostKey,
        { ...good, connection: { host: "a" } },
        /^connection\.hostKey: is missing/,
    ],
    [
        "a jump host whose key nobody knows",
        knowsHostKey,
        { ...good, connection: { ...good.connection, proxy: { host: "b" } } },
        /^connection\.proxy\.hostKey: /,
    ],
    ["whoever answers", knowsHostKey, { ...good, insecureIgnoreHostKey: true }, /^insecureIgnoreHostKey: /],
    [
        "a laptop that only encrypts",
        knowsItsHub,
        { ...good, main: { smtp_tls_security_level: "encrypt" } },
        /"encrypt", allowed: fingerprint/,
    ],
    ["a laptop without a level", knowsItsHub, { ...good, main: {} }, /allowed: fingerprint/],
    [
        "TLS 1.0 in main.cf",
        floorOfTls,
        { main: { smtpd_tls_mandatory_protocols: ">=TLSv1" } },
        /^main\.smtpd_tls_mandatory_protocols: /,
    ],
    [
        "TLS 1.1 of a service",
        floorOfTls,
        { services: { "587/inet": { options: { smtpd_tls_mandatory_protocols: ">=TLSv1.1" } } } },
        /^services\["587\/inet"\]\.options\./,
    ],
    [
        "a certificate that ends",
        daysLeft(60),
        good,
        /^chains\.identity\[0\]\.certificate: (29|30) days left, at least 60/,
    ],
] as const) {
    test(`refused: ${what}`, () => {
        const [found, ...others] = rule(inputs);
        assert.deepEqual(others, []);
        assert.match(found ?? "", words);
        assert.deepEqual(
            rule(good),
            rule === knowsHostKey || rule === knowsItsHub || rule === floorOfTls ? [] : [found],
        );
    });
}

test("a hub is no laptop, known_hosts are as good, and a certificate that is not there yet is none", () => {
    assert.deepEqual(knowsItsHub({ role: "smartHost", main: {} }), []);
    assert.deepEqual(knowsHostKey({ connection: { host: "a" }, knownHosts: "/k" }), []);
    assert.deepEqual(daysLeft(20)(good), []);
    assert.deepEqual(daysLeft(20)({ chains: { identity: [{ certificate: "04da6b54" }] } }), []);
});

test("as policies they look at Hosts and at laptops that have none, and report each problem", () => {
    const policies = postfixPolicies({ enforcementLevel: "advisory", daysLeft: 5 });
    assert.deepEqual(
        new Set(policies.map(({ enforcementLevel }) => enforcementLevel)),
        new Set(["advisory"]),
    );
    const host = { role: "roadWarrior", connection: {}, main: {} };
    const said = (type: string, props: Record<string, unknown> = host): string[] => {
        const messages: string[] = [];
        for (const { validateResource } of policies)
            validateResource({ type, props }, (text) => messages.push(text));
        return messages;
    };
    assert.equal(said("postfix:index:Host").length, 2);
    assert.deepEqual(said("postfix:index:SmartHost"), []);
    const laptop = { bundle: true, security: "encrypt" };
    assert.match(said("postfix:index:RoadWarrior", laptop).join("\n"), /^security: is "encrypt", allowed: /);
    assert.deepEqual(said("postfix:index:RoadWarrior", { ...laptop, bundle: false }), []);
    assert.deepEqual(said("postfix:index:RoadWarrior", { bundle: true }), []);
});
