import assert from "node:assert/strict";
import { test } from "node:test";
import { relayAccessSettings } from "../../postfix/roles/relay-access";
import { senderClass } from "../../postfix/roles/sender-limits";
import { smartHostSettings } from "../../postfix/roles/smart-host";
import { validateRelayAccess } from "../../postfix/validate/relay-access";
import { validateRoadWarrior } from "../../postfix/validate/road-warrior";
import { hostKey, later, pin, problemsOf } from "./validate-helpers";

const alice = { name: "alice", pins: [pin("AA"), pin("BB")], senders: ["alice@example.com"] };
const bob = { name: "bob", pins: [pin("CC")], senders: ["@example.org", "bob@example.com"] };
const carol = { name: "carol", pins: [pin("DD")] };

test("each key of a limited laptop leads to the class of what it may send as, a free one to none", () => {
    const { main, lists, tables } = relayAccessSettings([alice, bob, carol]);
    const [ofAlice, ofBob] = [senderClass(alice.senders), senderClass(bob.senders)];
    assert.deepEqual(tables.senders, {
        entries: { [pin("AA")]: ofAlice.name, [pin("BB")]: ofAlice.name, [pin("CC")]: ofBob.name },
    });
    assert.deepEqual(main, { [ofAlice.name]: ofAlice.restrictions, [ofBob.name]: ofBob.restrictions });
    assert.equal(lists.laptop_sender_limits, "check_ccert_access @{senders}");
    for (const { name } of [ofAlice, ofBob])
        assert.ok(lists.laptop_sender_classes?.includes(`\${${name}?${name}}`));
    assert.equal(Object.keys(tables.clients?.entries ?? {}).length, 4, "all of them relay");
});

test("a class says whom it lets send, and puts everybody else off", () => {
    assert.equal(
        senderClass(["@Example.org", "bob@example.com"]).restrictions,
        "check_sender_access inline:{ {<> = OK}, {example.org = OK}, {bob@example.com = OK} }, " +
            "check_sender_access static:{450 4.7.1 this laptop may not send as this address}",
    );
    const [one, other] = [
        ["a@x.example", "b@x.example"],
        ["B@x.example", "a@x.example", "a@x.example"],
    ].map(senderClass);
    assert.deepEqual(one, other, "the same of the same");
    assert.notEqual(senderClass(["a@x.example"]).name, senderClass(["@x.example"]).name);
});

test("without limits there is nothing of them", () => {
    const { main, lists, tables } = relayAccessSettings([carol]);
    assert.deepEqual(main, {});
    assert.deepEqual(Object.keys(lists), ["relay_clientcerts"]);
    assert.deepEqual(Object.keys(tables), ["clients"]);
});

test("the laptops' service reads the limits of all owners, and takes a domain for itself alone", () => {
    const { services, lists } = smartHostSettings({ mode: "guest", port: 587, identity: [], settings: {} });
    const options = services["587/inet"]?.options ?? {};
    assert.equal(options.smtpd_sender_restrictions, "$pulumi_laptop_sender_limits");
    assert.equal(options.smtpd_restriction_classes, "$pulumi_laptop_sender_classes");
    assert.doesNotMatch(options.parent_domain_matches_subdomains ?? "smtpd_access_maps", /smtpd_access_maps/);
    assert.equal(lists.laptop_sender_limits, "", "defined also while no laptop has limits");
    assert.equal(lists.laptop_sender_classes, "");
    const onShared = smartHostSettings({ mode: "dedicated", port: 25, identity: [], settings: {} });
    assert.match(
        onShared.main.smtpd_relay_restrictions ?? "",
        /^\$pulumi_laptop_sender_limits permit_mynetworks/,
    );
    assert.equal(onShared.main.smtpd_restriction_classes, "$pulumi_laptop_sender_classes");
});

test("senders are addresses and domains", () => {
    const connection = { host: "192.0.2.101", hostKey };
    const laptop = (senders: unknown) =>
        problemsOf(validateRoadWarrior, { smartHost: later, connection, senders });
    assert.deepEqual(laptop(["alice@example.com", "@example.com", later, "o'b+x_1@mail.example.com"]), []);
    assert.match(laptop([])[0] ?? "", /^senders: given an empty list.*leave it out/);
    assert.match(laptop("alice@example.com")[0] ?? "", /^senders: given "alice@example\.com"/);
    for (const bad of [
        "example.com",
        "a b@example.com",
        "a@b@c",
        "a@",
        "{x}@example.com",
        "$x@example.com",
        "x=y@example.com",
        "a,b@example.com",
        '"a"@example.com',
        "a@exa mple.com",
        7,
    ])
        assert.match(
            laptop([bad])[0] ?? "",
            /^senders\[0\]: given .*allowed: an address such as/,
            String(bad),
        );
    const grant = problemsOf(validateRelayAccess, { connection, laptops: [{ ...alice, senders: ["x"] }] });
    assert.match(grant[0] ?? "", /^laptops\[0\]\.senders\[0\]: given "x"/);
});
