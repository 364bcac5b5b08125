import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { run } from "./harness";
import { hostKey, hubArgs, laptopArgs } from "./machines";

const sshKey = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "sec1", format: "pem" },
}).privateKey;

const proxy = { host: "192.0.2.1", user: "jump", hostKey, password: "plain-proxy-password" };
const connection = { ...hubArgs.connection, password: "plain-password", privateKey: sshKey, proxy } as const;
const secretParts = ["connection.password", "connection.privateKey", "connection.proxy.password"];

test("every secret is marked, and only the secrets are", async () => {
    const { engine } = await run(({ SmartHost, RoadWarrior }) => {
        const hub = new SmartHost("hub", { ...hubArgs, connection });
        const own = { ...connection, host: "192.0.2.101" };
        hub.relayFor("laptops", [new RoadWarrior("alice", { ...laptopArgs(hub, ""), connection: own })]);
    });
    for (const type of ["SmartHost hub", "RoadWarrior alice", "RelayAccess hub-laptops"]) {
        const [name = "", resource = ""] = type.split(" ");
        assert.deepEqual(engine.one(`postfix:index:${name}`, resource).secrets.sort(), secretParts, type);
    }
    assert.deepEqual(engine.host("hub-laptops").secrets.sort(), secretParts);
    for (const name of ["hub", "alice"]) {
        assert.deepEqual(
            engine.host(name).secrets.sort(),
            ["chains.identity[0].privateKey", ...secretParts],
            name,
        );
    }
});

test("no secret stands anywhere unmarked, in any resource", async () => {
    const { engine } = await run(({ SmartHost }) => {
        const args = {
            ...hubArgs,
            connection,
            installPackage: true,
            hooks: { before: "true", after: "true" },
        };
        new SmartHost("hub", args);
    });
    const values = ["plain-password", "plain-proxy-password", sshKey, engine.pair("hub-key-1").privateKeyPem];
    for (const { type, name, inputs, secrets } of engine.registrations) {
        for (const [path, value] of leaves(inputs)) {
            if (!values.includes(value as string)) continue;
            const marked = secrets.some((secret) => path === secret || path.startsWith(`${secret}.`));
            assert.ok(marked, `${type} ${name}: ${path} is in clear`);
        }
    }
});

test("values of a table may be secret outputs, and stay secret in the component and its Host", async () => {
    const { engine } = await run(({ SmartHost }) => {
        const entries = { "[isp]:587": pulumi.secret("user:plain-password") };
        const tables = { isp: { entries }, more: { text: pulumi.secret("x plain-password") } };
        new SmartHost("hub", { ...hubArgs, tables, settings: { smtp_sasl_password_maps: "@{isp}" } });
    });
    const secrets = ["tables.isp.entries.[isp]:587", "tables.more.text"];
    assert.deepEqual(engine.one("postfix:index:SmartHost", "hub").secrets.sort(), secrets);
    assert.deepEqual(engine.host("hub").secrets.sort(), ["chains.identity[0].privateKey", ...secrets]);
});

test("a connection that comes whole from an output is secret as a whole", async () => {
    const { engine } = await run(({ SmartHost }) => {
        new SmartHost("hub", { ...hubArgs, connection: pulumi.output(connection) });
    });
    assert.deepEqual(engine.host("hub").secrets.sort(), ["chains.identity[0].privateKey", "connection"]);
});

test("a password that comes as an output is secret too", async () => {
    const { engine } = await run(({ SmartHost }) => {
        const password = pulumi.output("plain-password");
        new SmartHost("hub", { ...hubArgs, connection: { ...hubArgs.connection, password } as never });
    });
    assert.ok(engine.host("hub").secrets.includes("connection.password"));
});

test("a Host marks the keys of its chains, however they come", async () => {
    const { engine } = await run(({ Host }) => {
        const pair = { privateKey: "k", certificate: "c" };
        const base = { role: "smartHost", connection: hubArgs.connection, main: {} } as const;
        new Host("plain", { ...base, owner: "a", chains: { identity: [pair] } });
        new Host("entry", { ...base, owner: "a", chains: { identity: [pulumi.output(pair)] } });
        new Host("chain", { ...base, owner: "a", chains: { identity: pulumi.output([pair]) } });
        new Host("all", { ...base, owner: "a", chains: pulumi.output({ identity: [pair] }) });
    });
    assert.deepEqual(engine.host("plain").secrets, ["chains.identity[0].privateKey"]);
    assert.deepEqual(engine.host("entry").secrets, ["chains.identity[0]"]);
    assert.deepEqual(engine.host("chain").secrets, ["chains.identity"]);
    assert.deepEqual(engine.host("all").secrets, ["chains"]);
});

function leaves(value: unknown, path = ""): [string, unknown][] {
    if (typeof value !== "object" || value === null) return [[path, value]];
    return Object.entries(value).flatMap(([key, below]) => {
        const step = Array.isArray(value) ? `[${key}]` : key;
        return leaves(below, path === "" || step.startsWith("[") ? path + step : `${path}.${step}`);
    });
}
