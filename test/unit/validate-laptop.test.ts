import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { validateLaptop } from "../../postfix/validate/laptop";
import { Security } from "../../postfix/words";
import { roadWarriorSettings } from "../road-warrior-settings";
import { later, pin, problemsOf } from "./validate-helpers";

const hub = { hostname: "mailhub.example.com", port: 587, pins: [pin("AA"), pin("BB")] };
const second = { hostname: "second.example.com", port: 587, pins: [pin("CC")] };
const routes = {
    hubs: [second],
    senders: { "@work.example": second },
    transports: { "work.example": second },
};
const made = (security?: Security, more = {}) =>
    roadWarriorSettings({ hub, identity: [], settings: {}, routes: more, security });

/** A Host's inputs, with some of main.cf and of the tables exchanged. */
function check(
    main: Record<string, unknown>,
    tables: Record<string, unknown> = {},
    of = made("fingerprint", routes),
) {
    return problemsOf(validateLaptop, { main: { ...of.main, ...main }, tables: { ...of.tables, ...tables } });
}

function only(...args: Parameters<typeof check>): string {
    const found = check(...args);
    assert.equal(found.length, 1, `one problem expected, found:\n${found.join("\n")}`);
    return found[0] ?? "";
}

test("what the role makes passes, at every level and with every route", () => {
    for (const security of Object.values(Security)) {
        for (const more of [{}, { hubs: [second] }, routes])
            assert.deepEqual(check({}, {}, made(security, more)), [], security);
    }
});

for (const level of ["", "none", "may", "dane", "verify", "half-dane", undefined]) {
    test(`level ${level} is none for a laptop`, () => {
        assert.match(
            only({ smtp_tls_security_level: level, smtp_tls_policy_maps: "" }),
            /^main\.smtp_tls_security_level: given .*allowed on a laptop: "fingerprint", "encrypt", "secure", "dane-only"$/,
        );
    });
}

describe("a level without what it checks by is refused:", () => {
    for (const [security, main, problem] of [
        ["fingerprint", { smtp_tls_fingerprint_cert_match: "" }, /at least one pin of its hub/],
        ["fingerprint", { smtp_tls_fingerprint_cert_match: undefined }, /at least one pin of its hub/],
        ["fingerprint", { smtp_tls_fingerprint_cert_match: `${pin("AA")} AB` }, /cert_match: given "AB"/],
        ["secure", { smtp_tls_CAfile: "" }, /^main\.smtp_tls_CAfile: given "".*allowed at level "secure"/],
        ["secure", { smtp_tls_CAfile: undefined }, /^main\.smtp_tls_CAfile: given nothing/],
        ["secure", { smtp_tls_secure_cert_match: " " }, /^main\.smtp_tls_secure_cert_match: given " "/],
        ["dane", { smtp_dns_support_level: "enabled" }, /^main\.smtp_dns_support_level: .*"dnssec"/],
    ] as const) {
        test(`${security} with ${JSON.stringify(main)}`, () => {
            assert.match(only(main, {}, made(security)), problem);
        });
    }
});

test("a match for all hubs beside policies is refused: one hub's key would pass for another's", () => {
    assert.match(
        only({ smtp_tls_fingerprint_cert_match: pin("AA") }),
        /^main\.smtp_tls_fingerprint_cert_match: must be empty beside smtp_tls_policy_maps/,
    );
});

describe("a policy is as strict as the laptop, or refused:", () => {
    for (const [policy, problem] of [
        ["may", /and no other level$/],
        ["encrypt", /and no other level$/],
        [`verify match=${pin("AA")}`, /and no other level$/],
        ["fingerprint", /holds no pin/],
        ["fingerprint match=AA:BB", /it has 4 hex digits/],
        [`fingerprint match=${pin("AA")} protocols=SSLv3`, /something beside match=PIN/],
        [`fingerprint match=${pin("AA")}|${pin("BB")}`, /not joined by \|/],
        [7, /and no other level$/],
    ] as const) {
        test(String(policy).slice(0, 60), () => {
            const entries = { ...made("fingerprint", routes).tables["tls-policy"]?.entries };
            const path = 'tables["tls-policy"].entries["[second.example.com]:587"]';
            const found = only(
                {},
                { "tls-policy": { entries: { ...entries, "[second.example.com]:587": policy } } },
            );
            assert.ok(found.startsWith(`${path}: `), found);
            assert.match(found, problem);
        });
    }
});

test("every next hop has a policy", () => {
    const entries = { "[mailhub.example.com]:587": `fingerprint match=${pin("AA")}` };
    const found = check({}, { "tls-policy": { entries } });
    assert.deepEqual(
        found.map((problem) => problem.split(":")[0]),
        [
            "main.relayhost",
            'tables["sender-relays"].entries["@work.example"]',
            'tables.transports.entries["work.example"]',
        ],
    );
    for (const problem of found) assert.match(problem, /\[second\.example\.com\]:587 has no line/);
    // As it is written: another spelling of the same hub has none.
    assert.match(only({ relayhost: "[mailhub.example.com]" }), /has no line in smtp_tls_policy_maps/);
});

describe("a route leads to a hub in brackets and by smtp(8), or is refused:", () => {
    for (const to of [
        "second.example.com",
        "relay:[second.example.com]:587",
        "smtp:second.example.com",
        "local:",
    ]) {
        test(`transports to ${to}`, () => {
            assert.match(
                only({}, { transports: { entries: { "work.example": to } } }),
                /^tables\.transports\.entries\["work\.example"\]: allowed: "smtp:\[mailhub/,
            );
        });
    }
    test("a sender's hub without brackets", () => {
        assert.match(
            only({}, { "sender-relays": { entries: { "@work.example": "work.example" } } }),
            /^tables\["sender-relays"\]\.entries\["@work\.example"\]: allowed: "\[mailhub/,
        );
    });
});

for (const name of ["transport_maps", "sender_dependent_relayhost_maps", "smtp_tls_policy_maps"]) {
    test(`${name} names a table of the laptop's own, or nothing`, () => {
        for (const value of ["hash:/etc/postfix/x", "@{transports} hash:/x", "static:smtp:[x]"])
            assert.match(only({ [name]: value }), /allowed on a laptop: a table of its own/);
        assert.match(only({ [name]: "@{none}" }), /there is no table "none" of entries/);
        assert.match(
            only({ [name]: "@{odd}" }, { odd: { type: "regexp", text: "/./ smtp:[x]" } }),
            /there is no table "odd" of entries/,
        );
    });
}

test("a table of policies goes with pins only: elsewhere the level counts for every hop", () => {
    const secure = made("secure");
    const table = {
        "tls-policy": { entries: { "[mailhub.example.com]:587": `fingerprint match=${pin("AA")}` } },
    };
    assert.match(
        only({ smtp_tls_policy_maps: "@{tls-policy}" }, table, secure),
        /^main\.smtp_tls_policy_maps: goes with smtp_tls_security_level "fingerprint" only/,
    );
});

test("what is not known yet is left alone", () => {
    assert.deepEqual(problemsOf(validateLaptop, { main: later }), []);
    const { main, tables } = made("fingerprint", routes);
    assert.deepEqual(problemsOf(validateLaptop, { main, tables: later }), []);
    for (const name of Object.keys(main)) assert.deepEqual(check({ [name]: later }), [], name);
    for (const name of Object.keys(tables)) {
        assert.deepEqual(check({}, { [name]: later }), [], name);
        assert.deepEqual(check({}, { [name]: { entries: later } }), [], name);
    }
});
