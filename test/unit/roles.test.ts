import assert from "node:assert/strict";
import { test } from "node:test";
import { relayAccessSettings } from "../../postfix/roles/relay-access";
import { roadWarriorOwns } from "../../postfix/roles/road-warrior";
import { SmartHostMode, smartHostOwns, smartHostSettings } from "../../postfix/roles/smart-host";
import type { HostSettings } from "../../postfix/settings";
import { roadWarriorSettings } from "../road-warrior-settings";
import { pin } from "./validate-helpers";

const identity = [{ privateKey: "key", certificate: "certificate" }];
const hub = { hostname: "mailhub.example.com", port: 587, pins: [pin("AA"), pin("BB")] };
const laptop = roadWarriorSettings({ hub, identity, settings: {} });
const dedicated = smartHostSettings({ mode: SmartHostMode.Dedicated, port: 587, identity, settings: {} });
const guest = smartHostSettings({ mode: SmartHostMode.Guest, port: 2525, identity, settings: {} });
const shared = smartHostSettings({ mode: SmartHostMode.Dedicated, port: 25, identity, settings: {} });
const service = dedicated.services["587/inet"]?.options ?? {};

test("a laptop sends to that very host, by its key alone", () => {
    assert.equal(
        laptop.main.relayhost,
        "[mailhub.example.com]:587",
        "in brackets: no MX that a café could answer",
    );
    assert.equal(laptop.main.smtp_tls_security_level, "fingerprint");
    assert.equal(
        laptop.main.smtp_tls_fingerprint_digest,
        "sha256",
        "written out: the default was md5 up to 3.5",
    );
    assert.equal(laptop.main.smtp_tls_fingerprint_cert_match, `${pin("AA")}, ${pin("BB")}`);
    assert.equal(
        laptop.main.tls_required_enable,
        "no",
        "else a header in a message switches the pin off (3.10)",
    );
});

test("a laptop takes mail from itself alone, and delivers none", () => {
    assert.equal(laptop.main.inet_interfaces, "loopback-only");
    assert.equal(laptop.main.mynetworks, "127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128");
    assert.equal(laptop.main.mydestination, "");
});

test("the hub serves laptops encrypted, and relays for pinned keys alone", () => {
    assert.equal(service.smtpd_tls_security_level, "encrypt");
    assert.equal(service.smtpd_tls_ask_ccert, "yes");
    assert.equal(service.smtpd_tls_req_ccert, "no", "it would want a certificate that a CA vouches for");
    assert.equal(
        service.smtpd_relay_restrictions,
        "permit_tls_clientcerts,defer",
        "450 for strangers, no bounce",
    );
    assert.equal(service.smtpd_tls_fingerprint_digest, "sha256");
});

test("what an admin restricts for other mail does not reach the laptops' service", () => {
    const stages = ["client", "helo", "recipient", "data", "end_of_data"];
    for (const stage of stages) assert.equal(service[`smtpd_${stage}_restrictions`], "", stage);
    assert.equal(service.smtpd_sender_restrictions, "$pulumi_laptop_sender_limits", "ours alone");
});

test("nowhere is a client let in for any certificate", () => {
    for (const settings of [laptop, dedicated, guest, shared])
        assert.ok(!JSON.stringify(settings).includes("permit_tls_all_clientcerts"));
});

test("a guest leaves main.cf to the admin", () => {
    assert.deepEqual(guest.main, {});
    assert.deepEqual(Object.keys(guest.services), ["2525/inet"]);
});

test("on the public port nobody else's mail is refused for good", () => {
    assert.deepEqual(shared.services, {});
    assert.match(shared.main.smtpd_relay_restrictions ?? "", /defer_unauth_destination$/);
    assert.equal(shared.main.smtpd_tls_security_level, "may", "other mail may come in clear");
});

test("a path that a role mentions is one that it makes", () => {
    const grant = relayAccessSettings([{ name: "alice", pins: [pin("AA")] }]);
    for (const settings of [laptop, dedicated, guest, shared, grant] satisfies HostSettings[]) {
        const made = [...Object.keys(settings.chains), ...Object.keys(settings.tables)];
        const mentioned = JSON.stringify(settings).matchAll(/@\{([^}]*)\}/g);
        for (const [, name = ""] of mentioned) assert.ok(made.includes(name), name);
    }
});

test("a grant has all pins of all its laptops", () => {
    const grant = relayAccessSettings([
        { name: "alice", pins: [pin("AA"), pin("BB")] },
        { name: "bob", pins: [pin("CC")] },
    ]);
    assert.deepEqual(grant.tables.clients?.entries, {
        [pin("AA")]: "alice",
        [pin("BB")]: "alice",
        [pin("CC")]: "bob",
    });
    assert.deepEqual(grant.lists, { relay_clientcerts: "@{clients}" });
    assert.deepEqual(relayAccessSettings([]).tables, { clients: { entries: {} } });
});

test("the user's settings are added, and what a role owns is all that it sets", () => {
    const settings = { message_size_limit: "52428800" };
    const own = Object.keys(laptop.main).sort();
    const alone = { several: false, senders: false, transports: false };
    assert.deepEqual(roadWarriorOwns("fingerprint", alone).sort(), own);
    const more = roadWarriorSettings({ hub, identity, settings }).main;
    assert.equal(more.message_size_limit, "52428800");
    assert.ok(smartHostOwns({ mode: "dedicated", port: 587 }).includes("smtpd_tls_chain_files"));
    assert.ok(
        smartHostOwns({ mode: "guest", port: 587 }).includes("relay_clientcerts"),
        "lists are the role's too",
    );
    assert.ok(!smartHostOwns({ mode: "guest", port: 587 }).includes("smtpd_tls_chain_files"));
});
