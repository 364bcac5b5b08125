import assert from "node:assert/strict";
import { test } from "node:test";
import { bookkeepingDiff, configurationDiff } from "../../../provider/host/diff";
import { hostResource } from "../../../provider/host/index";
import { bookkeepingKeys, configurationKeys } from "../../../provider/host/inputs";
import { type PropertyMap, Secret, unknown } from "../../../provider/values";

const quiet = { progress() {}, info() {}, warn() {}, signal: new AbortController().signal };
const diff = (olds: PropertyMap, news: PropertyMap) =>
    hostResource.diff({
        ...quiet,
        urn: "",
        id: "hub-00000001/1111111111111111",
        olds,
        oldInputs: {},
        news,
        ignoreChanges: [],
    } as unknown as Parameters<typeof hostResource.diff>[0]);

test("each setting that differs is one path of its own, as Pulumi writes it", () => {
    const before = {
        main: { relayhost: "a", biff: "no", same: "x" },
        services: {
            "587/inet": { command: "smtpd", options: { x: "1", y: "2" } },
            "25/inet": { command: "smtpd" },
        },
        chains: { identity: [{ privateKey: "k", certificate: "c" }] },
        keyGeneration: 1,
    };
    const after = {
        main: { relayhost: "b", same: "x", myorigin: "" },
        services: { "587/inet": { command: "smtpd -v", options: { y: "2", z: "3" } } },
        chains: {
            identity: [
                { privateKey: "k", certificate: "d" },
                { privateKey: "l", certificate: "e" },
            ],
        },
        keyGeneration: 2,
    };
    assert.deepEqual(configurationDiff(before, after), {
        "main.relayhost": "update",
        "main.biff": "delete",
        "main.myorigin": "add",
        'services["587/inet"].command': "update",
        'services["587/inet"].options.x': "delete",
        'services["587/inet"].options.z': "add",
        'services["25/inet"].command': "delete",
        "chains.identity[0].certificate": "update",
        "chains.identity[1].privateKey": "add",
        "chains.identity[1].certificate": "add",
        keyGeneration: "update",
    });
});

test("an absent map and an empty one are the same, both ways and below", () => {
    for (const key of configurationKeys.filter((name) => name !== "keyGeneration")) {
        assert.deepEqual(configurationDiff({}, { [key]: {} }), {});
        assert.deepEqual(configurationDiff({ [key]: {} }, {}), {});
    }
    const service = { command: "smtpd" };
    assert.deepEqual(
        configurationDiff(
            { services: { "587/inet": service } },
            { services: { "587/inet": { ...service, options: {} } } },
        ),
        {},
    );
    assert.deepEqual(
        configurationDiff({}, { main: { x: "" } }),
        { "main.x": "add" },
        "an empty value is a value",
    );
});

test("an unknown counts as a change wherever it stands", () => {
    assert.deepEqual(configurationDiff({ main: { x: "1" } }, { main: { x: unknown } }), {
        "main.x": "update",
    });
    assert.deepEqual(configurationDiff({ main: { x: "1" } }, { main: unknown }), { main: "update" });
    assert.deepEqual(configurationDiff({}, { main: unknown }), { main: "add" });
});

test("how a host is reached and what it is like are told apart, and every property is one or the other", () => {
    const all = { main: { x: "1" }, sudo: true, proof: { serves: { port: 1, pins: [] } }, takeOver: ["a"] };
    assert.deepEqual(Object.keys(configurationDiff({}, all)), ["main.x"]);
    assert.deepEqual(Object.keys(bookkeepingDiff({}, all)).sort(), [
        "proof.serves.pins",
        "proof.serves.port",
        "sudo",
        "takeOver",
    ]);
    const both = configurationKeys.filter((key) => (bookkeepingKeys as readonly string[]).includes(key));
    assert.deepEqual(both, []);
});

test("nothing differs, secrets or not: no change", async () => {
    const secret = {
        main: { x: new Secret("1") },
        provenBy: "postfix",
        postfixVersion: "3.7.11",
        generation: "0",
        pending: false,
    };
    const answer = await diff(secret, { main: { x: "1" } });
    assert.deepEqual([answer.changes, answer.detailed], [false, {}]);
});

test("a key that lies on the host and is another one than the proven is a change of its pin", async () => {
    const certificateFiles = [{ keyFile: "/k", certificateFile: "/c" }];
    const wanted = { main: { x: "1" }, certificateFiles };
    const seen = { ...wanted, pending: false, servedPins: ["AA"] };
    const answer = await diff({ ...seen, provenBy: "unproven" }, wanted);
    assert.deepEqual(answer.detailed, { provenBy: "update", servedPins: "update" });
    assert.equal((await diff({ ...seen, provenBy: "postfix" }, wanted)).changes, false);
});

test("a hub that could not be reached is proven by the next up: that is a change", async () => {
    const seen = { main: { x: "1" }, pending: false };
    const answer = await diff({ ...seen, provenBy: "unproven" }, { main: { x: "1" } });
    assert.deepEqual([answer.changes, answer.detailed], [true, { provenBy: "update" }]);
    assert.equal((await diff({ ...seen, provenBy: "none" }, { main: { x: "1" } })).changes, false);
});

test("no change ever replaces, another machine's address included", async () => {
    const before: PropertyMap = {
        owner: "a",
        connection: { host: "192.0.2.1" },
        main: { x: "1" },
        pending: false,
    };
    const answer = await diff(before, { owner: "b", connection: { host: "192.0.2.2" }, main: {} });
    assert.deepEqual(answer.detailed, { "main.x": "delete", "connection.host": "update", owner: "update" });
    assert.deepEqual([answer.replaces, answer.deleteBeforeReplace], [[], false]);
});
