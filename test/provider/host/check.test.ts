import assert from "node:assert/strict";
import { test } from "node:test";
import { checkInputs } from "../../../provider/host/check";
import { bookkeepingKeys, configurationKeys } from "../../../provider/host/inputs";
import { unknown } from "../../../provider/values";
import { pin } from "./fixtures";

const valid = {
    owner: "hub",
    role: "smartHost",
    connection: { host: "192.0.2.25", user: "root" },
    insecureIgnoreHostKey: true,
    main: { smtp_tls_loglevel: "1" },
};
const at = (inputs: Record<string, unknown>, olds: Record<string, unknown> = {}) =>
    checkInputs({ ...valid, ...inputs }, olds).map(({ path }) => path);
const reason = (inputs: Record<string, unknown>, olds: Record<string, unknown> = {}) =>
    checkInputs({ ...valid, ...inputs }, olds)
        .map((problem) => problem.reason)
        .join("\n");

test("what is right has no problem", () => {
    assert.deepEqual(at({}), []);
    assert.deepEqual(
        at({
            tables: { clients: { entries: { [pin(1)]: "alice" } } },
            services: { "587/inet": { command: "smtpd" } },
        }),
        [],
    );
});

test("every problem comes at once, each under its own path", () => {
    const wrong = {
        owner: "Hub!",
        role: "hub",
        connection: { host: 5 },
        onUnreachable: "wait",
        onDelete: "drop",
        mian: {},
        main: { "bad name": "x", relayhost: "a\nb", biff: true },
        lists: { relay_clientcerts: 1 },
        services: {
            submission: { command: "smtpd" },
            "587/inet": { command: "smtpd", options: { x: "a\rb" }, chroot: "yes" },
            "smtp/unix": { command: "smtp", colour: "red" },
        },
        chains: { identity: [], "Not!": [{ privateKey: "x", certificate: "y" }] },
        tables: {
            clients: { entries: { abc: "alice", [pin(1)]: "" } },
            spam: { type: "regexp", entries: {} },
        },
        keyGeneration: 5,
    };
    const paths = new Set(at(wrong, { keyGeneration: 1 }));
    for (const path of [
        "owner",
        "role",
        "connection.host",
        "onUnreachable",
        "onDelete",
        "mian",
        'main["bad name"]',
        "main.relayhost",
        "main.biff",
        "lists.relay_clientcerts",
        "services.submission",
        'services["587/inet"].options.x',
        'services["587/inet"].chroot',
        'services["smtp/unix"].colour',
        "chains.identity",
        'chains["Not!"]',
        'chains["Not!"][0].privateKey',
        "tables.clients.entries.abc",
        `tables.clients.entries["${pin(1)}"]`,
        "tables.spam.entries",
        "keyGeneration",
    ])
        assert.ok(paths.has(path), `${path} is not among ${[...paths].join(", ")}`);
});

test("an unknown property is named with the one that was meant, if there is one", () => {
    assert.equal(reason({ takeover: [] }), "is not known here: did you mean takeOver?");
    assert.equal(reason({ zzzzzzzz: 1 }), "is not known here");
    for (const key of [...configurationKeys, ...bookkeepingKeys])
        assert.ok(!at({ [key]: unknown }).includes(key), key);
});

test("values that are not known yet are left out, at every depth", () => {
    const entry = { privateKey: unknown, certificate: unknown };
    for (const inputs of [
        { connection: unknown },
        { connection: { host: unknown, user: "root" } },
        { main: unknown },
        { main: { relayhost: unknown } },
        { role: "roadWarrior", main: unknown },
        {
            role: "roadWarrior",
            main: { smtp_tls_security_level: "fingerprint", smtp_tls_fingerprint_cert_match: unknown },
        },
        { chains: { identity: unknown } },
        { chains: { identity: [entry] } },
        { tables: { clients: unknown } },
        { tables: { clients: { entries: { [pin(1)]: unknown } } } },
        { tables: { t: { type: unknown, text: unknown } } },
        { services: { "587/inet": { command: unknown, options: { x: unknown } } } },
        { services: unknown },
        { onDelete: unknown, onUnreachable: unknown, owner: unknown, role: unknown },
    ])
        assert.deepEqual(at(inputs), [], JSON.stringify(inputs));
    assert.deepEqual(at({ main: { relayhost: unknown, biff: 1 } }), ["main.biff"]);
});

test("a file that a value names must be there, unless the files are not known yet", () => {
    const files = { chains: { identity: unknown }, tables: { clients: { entries: {} } } };
    const service = { command: "smtpd", options: { a: "@{identity} @{nowhere}" } };
    const values = {
        main: { a: "@{clients}", b: "x @{client}" },
        lists: { c: "@{x}" },
        services: { "25/inet": service },
    };
    assert.deepEqual(at({ ...files, ...values }), ["main.b", 'services["25/inet"].options.a', "lists.c"]);
    assert.deepEqual(at({ ...values, tables: unknown }), []);
    assert.match(reason({ ...files, main: { b: "@{client}" } }) ?? "", /is @\{clients\} meant\?/);
});

test("a table cannot have the name of a file that is there already", () => {
    const table = { entries: {} };
    assert.deepEqual(at({ tables: { pins: table } }), ["tables.pins"]);
    assert.ok(at({ tables: { identity: table }, chains: { identity: unknown } }).includes("tables.identity"));
});

test("a laptop without its pin is refused", () => {
    const laptop = (main: Record<string, unknown>) => at({ role: "roadWarrior", main });
    const level = { smtp_tls_security_level: "fingerprint" };
    assert.deepEqual(laptop({ ...level, smtp_tls_fingerprint_cert_match: `${pin(1)}, ${pin(2)}` }), []);
    assert.deepEqual(laptop({ ...level }), ["main.smtp_tls_fingerprint_cert_match"]);
    assert.deepEqual(laptop({ ...level, smtp_tls_fingerprint_cert_match: "AA:BB" }), [
        "main.smtp_tls_fingerprint_cert_match",
    ]);
    assert.deepEqual(laptop({ smtp_tls_security_level: "may", smtp_tls_fingerprint_cert_match: pin(1) }), [
        "main.smtp_tls_security_level",
    ]);
});

const serves = (...pins: unknown[]) => ({ proof: { serves: { port: 587, pins } } });
const olds = { keyGeneration: 2, announces: [pin(3)], ...serves(pin(2)) };

test("a hub's key goes one step on, to the key that was announced before", () => {
    assert.deepEqual(at({ keyGeneration: 3, ...serves(pin(3)) }, olds), []);
    assert.deepEqual(at({ keyGeneration: 2, ...serves(pin(2)) }, olds), []);
    assert.deepEqual(at({ keyGeneration: 7, ...serves(pin(7)) }, {}), [], "the first one may be any");
});

test("back, or more than a step, would lock every laptop out: refused, with what is allowed", () => {
    for (const keyGeneration of [1, 4, 0, -2, 2.5]) {
        const inputs = { keyGeneration, ...serves(pin(3)) };
        assert.deepEqual(at(inputs, olds), ["keyGeneration"]);
        assert.match(
            reason(inputs, olds),
            new RegExp(`given ${keyGeneration}, allowed: 2 \\(no change\\) or 3`),
        );
    }
});

test("another key under the same number is refused: no laptop pins it", () => {
    assert.deepEqual(at({ keyGeneration: 2, ...serves(pin(9)) }, olds), ["keyGeneration"]);
    assert.match(reason({ keyGeneration: 2, ...serves(pin(9)) }, olds), /comes by nextKeyAlgorithm/);
    // Both algorithms on the way from one to the other; and what is not known yet is not judged.
    assert.deepEqual(at({ keyGeneration: 2, ...serves(pin(2), pin(9)) }, olds), []);
    assert.deepEqual(at({ keyGeneration: 2, ...serves(unknown) }, olds), []);
    assert.deepEqual(at({ keyGeneration: 2, ...serves(pin(9), unknown) }, olds), []);
});

test("a step to a key that was never announced is refused, whichever of its keys it is", () => {
    assert.deepEqual(at({ keyGeneration: 3, ...serves(pin(4)) }, olds), ["keyGeneration"]);
    assert.deepEqual(at({ keyGeneration: 3, ...serves(pin(3), pin(4)) }, olds), ["keyGeneration"]);
    assert.deepEqual(at({ keyGeneration: 3, ...serves(pin(3)) }, { keyGeneration: 2 }), ["keyGeneration"]);
    assert.match(reason({ keyGeneration: 3, ...serves(pin(4)) }, olds), /never announced.*keep generation 2/);
});

test("a step whose key nobody can tell is refused: the laptops could not tell it either", () => {
    assert.deepEqual(at({ keyGeneration: 3 }, olds), ["keyGeneration"]);
    assert.deepEqual(at({ keyGeneration: 3, ...serves() }, olds), ["keyGeneration"]);
});

test("a step is not judged before its key is known", () => {
    assert.deepEqual(at({ keyGeneration: 3, ...serves(unknown) }, olds), []);
    assert.deepEqual(at({ keyGeneration: 3, proof: unknown }, olds), []);
    assert.deepEqual(at({ keyGeneration: 3, proof: { serves: { port: 587, pins: unknown } } }, olds), []);
    assert.deepEqual(at({ keyGeneration: unknown, ...serves(pin(9)) }, olds), []);
});
