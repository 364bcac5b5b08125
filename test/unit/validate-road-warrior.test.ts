import assert from "node:assert/strict";
import { test } from "node:test";
import { exitParameters } from "../../postfix/exits";
import { validateRoadWarrior } from "../../postfix/validate/road-warrior";
import { hostKey, later, pin, problemsOf } from "./validate-helpers";

const link = {
    version: 1,
    hostname: "mailhub.example.com",
    port: 587,
    pins: [pin("AA"), pin("BB")],
    digest: "sha256",
};
const good = { smartHost: link, connection: { host: "192.0.2.101", user: "admin", hostKey } };

const check = (more: Record<string, unknown>): string[] =>
    problemsOf(validateRoadWarrior, { ...good, ...more });

function only(more: Record<string, unknown>): string {
    const found = check(more);
    assert.equal(found.length, 1, `one problem expected, found:\n${found.join("\n")}`);
    return found[0] ?? "";
}

test("good arguments pass", () => {
    assert.deepEqual(check({}), []);
    assert.deepEqual(
        check({ hostname: "alice.example.com", clientKeyGeneration: 2, onUnreachable: "pending" }),
        [],
    );
});

test("what comes later is left alone, also inside the link", () => {
    assert.deepEqual(check({ smartHost: later }), []);
    assert.deepEqual(check({ smartHost: { ...link, pins: later } }), []);
    assert.deepEqual(check({ smartHost: { ...link, pins: [later] } }), []);
});

test("what decides which settings there are cannot come later", () => {
    for (const field of ["settings", "genericAddresses", "senderRelays", "transports"])
        assert.match(only({ [field]: later }), /: comes later, allowed: .*; single values in it may/);
    for (const field of ["security", "chroot", "sasl", "bundle", "clientKeyGeneration", "flushOnNetwork"])
        assert.equal(
            only({ [field]: later }),
            `${field}: comes later, allowed: what is there when the program runs`,
        );
});

test("no hub, no laptop", () => {
    assert.match(only({ smartHost: undefined }), /^smartHost: missing; the link of the hub/);
    // What a StackReference gives for an output that is not there.
    assert.match(
        only({ smartHost: null }),
        /^smartHost: given null.*linkOf, which fails where getOutput is silent/,
    );
});

for (const [what, change, problem] of [
    ["no pins", { pins: undefined }, /^smartHost\.pins: given nothing, allowed: at least one pin/],
    [
        "an empty list of pins",
        { pins: [] },
        /^smartHost\.pins: given an empty list, allowed: at least one pin/,
    ],
    ["a string for pins", { pins: pin("AA") }, /^smartHost\.pins: given .*allowed: at least one pin/],
    ["a malformed pin", { pins: [pin("AA"), "AA:BB"] }, /^smartHost\.pins\[1\]: /],
    ["a pin that is no string", { pins: [7] }, /^smartHost\.pins\[0\]: given 7, allowed: a pin/],
    ["no version", { version: undefined }, /^smartHost\.version: missing/],
    ["a later version", { version: 2 }, /^smartHost\.version: given 2, allowed: 1; use the same release/],
    ["a bad hostname", { hostname: "mail hub" }, /^smartHost\.hostname: .*it holds a blank/],
    ["no hostname", { hostname: undefined }, /^smartHost\.hostname: missing/],
    ["a bad port", { port: "587" }, /^smartHost\.port: given "587" \(a string\)/],
    ["no port", { port: undefined }, /^smartHost\.port: missing/],
    ["another digest", { digest: "md5" }, /^smartHost\.digest: given "md5" \(a string\), allowed: "sha256"/],
] as const) {
    test(`a link with ${what} is refused`, () => {
        assert.match(only({ smartHost: { ...link, ...change } }), problem);
    });
}

for (const [name, value] of [
    ["transport_maps", "hash:/etc/postfix/transport"],
    ["smtp_tls_policy_maps", "hash:/etc/postfix/policy"],
    ["default_transport", "smtp:[elsewhere.example.com]"],
    ["content_filter", "smtp:127.0.0.1:10024"],
] as const) {
    test(`${name} = ${value} would open a second way out`, () => {
        const problem = only({ settings: { [name]: value } });
        assert.match(problem, new RegExp(`^settings\\.${name}: .*a laptop has that one way out only`));
    });
}

for (const { name } of exitParameters) {
    test(`${name} is refused among the settings of a laptop`, () => {
        const problem = only({ settings: { [name]: "smtp:[mail.invalid]" } });
        assert.match(problem, new RegExp(`^settings\\.${name}: .*leave it out`));
        assert.ok(!problem.includes("mail.invalid"), "the value of a setting is not repeated");
    });
}

test("a setting that is an exit only with other values may have a safe one", () => {
    assert.deepEqual(check({ settings: { default_transport: "smtp", transport_maps: "" } }), []);
    assert.deepEqual(check({ settings: { transport_maps: later } }), []);
});

for (const name of ["relayhost", "smtp_tls_security_level", "tls_required_enable", "mynetworks"]) {
    test(`${name} is the laptop's own`, () => {
        assert.match(
            only({ settings: { [name]: "x" } }),
            new RegExp(`^settings\\.${name}: is set by this resource itself`),
        );
    });
}

test("a laptop whose hub is itself is refused", () => {
    assert.match(only({ hostname: "MailHub.example.com" }), /^hostname: .*a machine cannot be its own hub/);
    const connection = { ...good.connection, host: "mailhub.example.com" };
    assert.match(only({ connection }), /^connection\.host: .*a machine cannot be its own hub/);
    assert.match(only({ connection: { ...connection, port: 22 } }), /^connection\.host: /);
    assert.deepEqual(
        check({ connection: { ...connection, port: 2222 } }),
        [],
        "another machine behind the same address",
    );
});

test("a laptop's key generation is a number from 1", () => {
    assert.match(only({ clientKeyGeneration: 0 }), /^clientKeyGeneration: given 0/);
    assert.match(only({ keyGeneration: 2 }), /^keyGeneration: unknown; /);
});

test("sending the queue when the network is back is a yes or a no", () => {
    assert.deepEqual(check({ flushOnNetwork: false }), []);
    assert.match(
        only({ flushOnNetwork: "NetworkManager" }),
        /^flushOnNetwork: given "NetworkManager" .*true or false/,
    );
});
