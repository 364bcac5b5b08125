import assert from "node:assert/strict";
import { test } from "node:test";
import { toDialect } from "../../postfix/dialect";
import { Problems } from "../../postfix/problems";
import { smartHostSettings } from "../../postfix/roles/smart-host";
import { roadWarriorSettings } from "../road-warrior-settings";

const laptop = roadWarriorSettings({
    hub: { hostname: "mailhub.example.com", port: 587, pins: ["AA"] },
    identity: [],
    settings: {},
});
const hub = smartHostSettings({ mode: "dedicated", port: 587, identity: [], settings: {} });

const cases: { version: string; protocols: string; tlsRequired: boolean }[] = [
    { version: "3.5.25", protocols: "!SSLv2, !SSLv3, !TLSv1, !TLSv1.1", tlsRequired: false },
    { version: "3.6.4", protocols: ">=TLSv1.2", tlsRequired: false },
    { version: "3.7.11", protocols: ">=TLSv1.2", tlsRequired: false },
    { version: "3.9.9", protocols: ">=TLSv1.2", tlsRequired: false },
    { version: "3.10.13", protocols: ">=TLSv1.2", tlsRequired: true },
    { version: "3.11.7", protocols: ">=TLSv1.2", tlsRequired: true },
];

for (const { version, protocols, tlsRequired } of cases) {
    test(`Postfix ${version} gets the laptop's settings in its own words`, () => {
        const problems = new Problems();
        const { main, omitted } = toDialect(laptop, version, problems);
        assert.deepEqual(problems.list, []);
        assert.equal(main.smtp_tls_mandatory_protocols, protocols);
        assert.equal(main.tls_required_enable, tlsRequired ? "no" : undefined);
        assert.deepEqual(omitted, tlsRequired ? [] : ["tls_required_enable"]);
        assert.equal(main.relayhost, "[mailhub.example.com]:587");
    });

    test(`Postfix ${version} gets the service's options in its own words`, () => {
        const { services } = toDialect(hub, version, new Problems());
        assert.equal(services["587/inet"]?.options.smtpd_tls_mandatory_protocols, protocols);
    });

    test(`Postfix ${version} gets a floor that the user wants for the public port in its own words`, () => {
        const settings = { smtpd_tls_protocols: ">=TLSv1.2", smtp_tls_protocols: ">=TLSv1.2" };
        const wish = smartHostSettings({ mode: "dedicated", port: 587, identity: [], settings });
        const { main } = toDialect(wish, version, new Problems());
        assert.equal(main.smtpd_tls_protocols, protocols);
        assert.equal(main.smtp_tls_protocols, protocols);
    });
}

test("a version below the oldest supported one is refused, with what to do", () => {
    const problems = new Problems();
    toDialect(laptop, "3.4.23", problems);
    assert.match(problems.list[0]?.reason ?? "", /3\.4\.23.*3\.5.*upgrade/);
});
