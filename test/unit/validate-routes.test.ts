import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { validateRoadWarrior } from "../../postfix/validate/road-warrior";
import { authority } from "../certificates";
import { hostKey, later, pin, problemsOf } from "./validate-helpers";

const linkTo = (hostname: string, ...pins: string[]) => ({
    version: 1,
    hostname,
    port: 587,
    pins: pins.length > 0 ? pins : [pin("AA")],
    digest: "sha256",
});
const first = linkTo("mailhub.example.com");
const second = linkTo("second.example.com");
const good = { smartHost: first, connection: { host: "192.0.2.101", user: "admin", hostKey } };

const check = (more: Record<string, unknown>): string[] =>
    problemsOf(validateRoadWarrior, { ...good, ...more });

function only(more: Record<string, unknown>): string {
    const found = check(more);
    assert.equal(found.length, 1, `one problem expected, found:\n${found.join("\n")}`);
    return found[0] ?? "";
}

test("good routes pass", () => {
    assert.deepEqual(
        check({
            fallbackSmartHosts: [second, linkTo("third.example.com")],
            senderRelays: { "@work.example": second, "bob@home.example": first },
            transports: { "work.example": second, ".work.example": second, "root@x.example": first },
            security: "fingerprint",
        }),
        [],
    );
    assert.deepEqual(check({ fallbackSmartHosts: [], senderRelays: {}, transports: {} }), []);
});

test("links that come later are left alone, wherever they stand", () => {
    assert.deepEqual(check({ fallbackSmartHosts: later }), []);
    assert.deepEqual(check({ fallbackSmartHosts: [later, { ...second, pins: later }] }), []);
    assert.deepEqual(
        check({ senderRelays: { "@a.example": later }, transports: { "b.example": later } }),
        [],
    );
});

for (const [what, args, problem] of [
    ["no list", { fallbackSmartHosts: second }, /^fallbackSmartHosts: given .*allowed: a list of links/],
    [
        "a link without pins",
        { fallbackSmartHosts: [{ ...second, pins: [] }] },
        /^fallbackSmartHosts\[0\]\.pins: given an empty list/,
    ],
    [
        "the first hub once more",
        { fallbackSmartHosts: [second, first] },
        /^fallbackSmartHosts\[1\]: given \[mailhub\.example\.com\]:587, which smartHost is too: name each hub once/,
    ],
    [
        "one hub twice, however it is spelt",
        { fallbackSmartHosts: [second, { ...second, hostname: "SECOND.example.com" }] },
        /^fallbackSmartHosts\[1\]: .*which fallbackSmartHosts\[0\] is too/,
    ],
    [
        "one hub with other pins elsewhere",
        { transports: { "work.example": linkTo("mailhub.example.com", pin("BB")) } },
        /^transports\["work\.example"\]: has other pins than smartHost for \[mailhub\.example\.com\]:587/,
    ],
    ["no map of senders", { senderRelays: [second] }, /^senderRelays: given a list, allowed: a map of hubs/],
    [
        "a map that comes as a whole",
        { transports: later },
        /^transports: comes later, allowed: what is there when the program runs; single values in it may/,
    ],
    [
        "a domain without its @",
        { senderRelays: { "work.example": second } },
        /^senderRelays\["work\.example"\]: allowed: an address, or "@domain"/,
    ],
    ["a blank in a sender", { senderRelays: { "@a b": second } }, /^senderRelays\["@a b"\]: allowed: /],
    [
        "all destinations",
        { transports: { "*": second } },
        /^transports\["\*"\]: allowed: an address, "domain"/,
    ],
    ["a line break", { transports: { "a\nb": second } }, /^transports\["a\\nb"\]: allowed: /],
    [
        "a transport in words",
        { transports: { "work.example": "smtp:[x]" } },
        /^transports\["work\.example"\]: given "smtp:\[x\]" \(a string\), allowed: \{ version/,
    ],
] as const) {
    test(`routes with ${what} are refused`, () => assert.match(only(args), problem));
}

test("a laptop is none of its own hubs", () => {
    const connection = { ...good.connection, host: "second.example.com" };
    assert.match(
        only({ connection, fallbackSmartHosts: [second] }),
        /^connection\.host: .*cannot be its own hub/,
    );
    assert.match(
        only({ hostname: "second.example.com", senderRelays: { "@x.example": second } }),
        /^hostname: /,
    );
});

describe("security", () => {
    test("is one of four words", () => {
        for (const security of ["fingerprint", "encrypt", "dane"]) assert.deepEqual(check({ security }), []);
        for (const security of ["may", "none", "verify", ""])
            assert.match(
                only({ security }),
                /^security: given .*allowed: "fingerprint", "encrypt", "secure", "dane"/,
            );
        assert.match(only({ security: "fingerprints" }), /is "fingerprint" meant\?$/);
    });

    test("security secure needs a CA, from the argument or from every link", () => {
        const { certificate } = authority();
        const vouched = (link: object) => ({ ...link, certificateAuthority: certificate });
        assert.match(only({ security: "secure" }), /^certificateAuthority: missing; .*hub of smartHost/);
        assert.deepEqual(check({ security: "secure", smartHost: vouched(first) }), []);
        assert.match(
            only({ security: "secure", smartHost: vouched(first), fallbackSmartHosts: [second] }),
            /hub of fallbackSmartHosts\[0\]/,
        );
        assert.deepEqual(check({ security: "secure", smartHost: later }), []);
    });

    test("a CA counts for nothing at another level", () => {
        assert.match(
            only({ certificateAuthority: later }),
            /^certificateAuthority: counts at security "secure" only/,
        );
    });

    test("what a level sets itself is not among the settings", () => {
        for (const [security, name] of [
            ["encrypt", "smtp_tls_security_level"],
            ["dane", "smtp_dns_support_level"],
        ])
            assert.match(
                only({ security, settings: { [name ?? ""]: "x" } }),
                /is set by this resource itself/,
            );
        // The article's line against log noise: it decides nothing where pins do.
        assert.deepEqual(check({ settings: { smtp_tls_CAfile: "/etc/ssl/ca.pem" } }), []);
    });
});

test("a route among the settings is answered with the argument for it", () => {
    for (const [name, argument] of [
        ["transport_maps", "transports"],
        ["sender_dependent_relayhost_maps", "senderRelays"],
        ["smtp_fallback_relay", "fallbackSmartHosts"],
    ])
        assert.match(
            only({ settings: { [name ?? ""]: "hash:/etc/postfix/x" } }),
            new RegExp(`that one way out only; leave it out, and name the hub in ${argument}$`),
        );
    assert.match(
        only({ settings: { transport_maps: "" }, transports: { "x.example": second } }),
        /^settings\.transport_maps: is set by this resource itself/,
    );
});
