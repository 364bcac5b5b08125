import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { stackConfigKeys } from "../../postfix/validate/stack-config";
import { type Engine, otherStacks, promiseOf, run, unknown } from "./harness";
import { hostKey } from "./machines";

const smartHost = { hostname: "mailhub.example.com", connection: { host: "192.0.2.25", hostKey } };
const told = "PULUMI_CONFIG_SECRET_KEYS";

afterEach(() => {
    delete process.env[told];
});

/** What the language host hands to a program: each key of the stack file as JSON, and which ones are encrypted. */
function configure(config: Record<string, unknown>, encrypted: string[] = []): void {
    const entries = Object.entries(config).map(([key, value]) => [
        key.includes(":") ? key : `postfix-test:${key}`,
        typeof value === "string" ? value : JSON.stringify(value),
    ]);
    pulumi.runtime.setAllConfig(Object.fromEntries(entries));
    process.env[told] = JSON.stringify(encrypted.map((key) => `postfix-test:${key}`));
}

/** The stack program with this config, from its first line. */
async function program(config: Record<string, unknown>, encrypted: string[] = []) {
    const { engine, result } = await run(async () => {
        configure(config, encrypted);
        const path = require.resolve("../../index");
        delete require.cache[path];
        return { outputs: await (require(path) as typeof import("../../index"))() };
    });
    return { engine, outputs: result.outputs };
}

const connectionOf = (engine: Engine, name: string) =>
    engine.host(name).inputs.connection as Record<string, unknown>;

test("a config becomes hub, laptops, and one grant for all of them", async () => {
    const laptops = {
        alice: { connection: { host: "192.0.2.101" }, hostname: "alice.example.com" },
        bob: { connection: { host: "192.0.2.102", user: "root" }, sudo: false },
    };
    const defaults = { connection: { user: "admin", hostKey }, sudo: true, onUnreachable: "pending" };
    const { engine, outputs } = await program({ smartHost, laptops, defaults });
    assert.deepEqual(engine.names("postfix:index:Host").sort(), [
        "alice",
        "bob",
        "hub",
        "hub-laptops",
        "hub-laptops-proofs",
    ]);
    assert.deepEqual(connectionOf(engine, "alice"), { host: "192.0.2.101", user: "admin", hostKey });
    assert.deepEqual(connectionOf(engine, "bob"), { host: "192.0.2.102", user: "root", hostKey });
    assert.equal(engine.host("alice").inputs.sudo, true);
    assert.equal(engine.host("bob").inputs.sudo, false);
    assert.equal(engine.host("alice").inputs.onUnreachable, "pending");
    assert.equal(engine.host("hub").inputs.sudo, undefined, "the defaults are those of laptops");
    const link = await promiseOf(outputs.smartHost);
    assert.ok(link !== unknown && link.hostname === "mailhub.example.com" && link.pins.length === 2);
    assert.deepEqual(await promiseOf(outputs.laptops), [
        { name: "alice", pins: [engine.pin("alice-key-1")] },
        { name: "bob", pins: [engine.pin("bob-key-1")] },
    ]);
});

test("with one value of a key encrypted, tables and services are secret as settings are", async () => {
    const services = { "slow/unix": { command: "smtp", options: { x: "1" } } };
    const hub = { ...smartHost, settings: { y: "2" }, services, tables: { t: { entries: { k: "v" } } } };
    const { engine } = await program({ smartHost: hub }, ["smartHost"]);
    const { secrets, inputs } = engine.host("hub");
    for (const path of ["main.y", "tables.t.entries.k", "services.slow/unix.options.x"])
        assert.ok(secrets.includes(path), `${path} is not among ${secrets.join(", ")}`);
    assert.deepEqual(inputs.tables, { t: { entries: { k: "v" } } });
});

test("a hub alone, under a name of its own", async () => {
    const { engine } = await program({ smartHost: { ...smartHost, name: "mail" } });
    assert.deepEqual(engine.names("postfix:index:Host"), ["mail"]);
});

test("secrets come from keys of their own, and stay secret", async () => {
    const laptops = [
        { name: "alice", connection: { host: "192.0.2.101", hostKey } },
        { name: "bob", connection: { host: "192.0.2.102", hostKey } },
    ];
    const passwords = { bob: "of bob", "*": "of all" };
    const { engine } = await program({ smartHost, laptops, passwords }, ["passwords"]);
    const found = ["hub", "alice", "bob"].map((name) => connectionOf(engine, name).password);
    assert.deepEqual(found, ["of all", "of all", "of bob"]);
    for (const name of ["hub", "alice", "bob", "hub-laptops"])
        assert.ok(engine.host(name).secrets.includes("connection.password"), name);
});

test("a setting that the stack file holds encrypted stays secret", async () => {
    const settings = { milter_macro_daemon_name: "open-sesame" };
    const laptops = { alice: { connection: { host: "192.0.2.101", hostKey }, settings } };
    const { engine } = await program({ smartHost: { ...smartHost, settings }, laptops }, ["smartHost"]);
    assert.ok(engine.host("hub").secrets.includes("main.milter_macro_daemon_name"));
    assert.ok(!engine.host("alice").secrets.includes("main.milter_macro_daemon_name"));
    const component = engine.one("postfix:index:SmartHost", "hub");
    assert.ok(component.secrets.includes("settings.milter_macro_daemon_name"));
});

test("every problem of the config is told in one error, and nothing is made", async () => {
    await assert.rejects(
        program(
            {
                smartHost: { ...smartHost, port: 99999 },
                laptops: [{ name: "alice", connection: { host: "192.0.2.101" } }],
                laptop: { password: "hunter2" },
                passwords: { alice: "hunter2" },
                defaults: "sudo",
            },
            ["laptop"],
        ),
        (error: Error) => {
            assert.match(
                error.message,
                /^The config of stack "test" \(postfix-test:\.\.\.\) has 5 problems:\n/,
            );
            const paths = error.message
                .split("\n")
                .slice(1)
                .map((line) => line.trim().split(": ")[0]);
            assert.deepEqual(paths.sort(), [
                "defaults",
                "laptop",
                "laptops[0].connection.hostKey",
                "passwords.alice",
                "smartHost.port",
            ]);
            assert.ok(!error.message.includes("hunter2"));
            return true;
        },
    );
});

test("other programs' keys are none of ours", async () => {
    const { engine } = await program({ smartHost, "aws:region": "eu-central-1", "postfix:x": "y" });
    assert.ok(engine.host("hub"));
});

const prod = "organization/postfix-stacks/prod";
const pin = Array(32).fill("AA").join(":");
const link = { version: 1, hostname: "mailhub.example.com", port: 587, pins: [pin], digest: "sha256" };

test("a fleet's config becomes a Fleet with the link of the stack that it names, and its grant there", async () => {
    otherStacks[prod] = { smartHost: link };
    const config = {
        fleet: "berlin",
        smartHost: { stack: prod, connection: { host: "192.0.2.25", hostKey }, sudo: true },
        laptops: { alice: { host: "192.0.2.101", connection: { hostKey } } },
        passwords: { hub: "of the hub", "*": "of all" },
    };
    const { engine, outputs } = await program(config, ["passwords"]);
    assert.deepEqual(engine.names("postfix:index:Fleet"), ["berlin"]);
    assert.deepEqual(engine.names("postfix:index:Host").sort(), ["alice", "berlin", "berlin-proofs"]);
    assert.deepEqual(
        ["berlin", "alice"].map((name) => connectionOf(engine, name).password),
        ["of the hub", "of all"],
    );
    for (const name of ["berlin", "alice"])
        assert.ok(engine.host(name).secrets.includes("connection.password"), name);
    assert.equal(engine.host("berlin").inputs.sudo, true);
    assert.deepEqual(await promiseOf(outputs.smartHost), link);
    const identities = [{ name: "alice", pins: [engine.pin("alice-key-1")] }];
    assert.deepEqual(await promiseOf(outputs.laptops), identities);
});

test("a fleet is called as its stack unless it says otherwise; without a way to the hub it grants nothing", async () => {
    otherStacks[prod] = { mail: link };
    const { engine } = await program({ smartHost: { stack: prod, output: "mail" }, fleet: "" });
    assert.deepEqual(engine.names("postfix:index:Fleet"), ["test"]);
    assert.deepEqual(engine.names("postfix:index:Host"), []);
});

test("where the hub's stack has no link, nothing is made, and the property is named", async () => {
    otherStacks[prod] = {};
    const laptops = { alice: { host: "192.0.2.101", connection: { hostKey } } };
    const smartHost = { stack: prod, connection: { host: "192.0.2.25", hostKey } };
    await assert.rejects(program({ smartHost, laptops }), (error: Error) => {
        assert.match(
            error.message,
            /\n {2}smartHost: stack "organization\/postfix-stacks\/prod" has no output "smartHost"/,
        );
        assert.match(error.message, /pulumi up --stack organization\/postfix-stacks\/prod/);
        return true;
    });
});

for (const stack of ["example", "prod", "staging", "fleet-berlin", "fleet-field"]) {
    test(`stacks/Pulumi.${stack}.yaml is a config without a problem, and Pulumi.yaml knows its keys`, async () => {
        otherStacks[prod] = { smartHost: link };
        const root = join(__dirname, "..", "..");
        const read = (name: string) => parse(readFileSync(join(root, name), "utf8"));
        const { config } = read(`stacks/Pulumi.${stack}.yaml`) as { config: Record<string, unknown> };
        const own = Object.entries(config).map(([key, value]) => [key.replace("postfix-stacks:", ""), value]);
        const known = Object.keys(read("Pulumi.yaml").config);
        for (const [key] of own) assert.ok(known.includes(key as string), String(key));
        const { engine } = await program(Object.fromEntries(own));
        const made = engine.names("postfix:index:Host").sort();
        const expected: Record<string, string[]> = {
            example: ["alice", "bob", "hub", "hub-laptops", "hub-laptops-proofs"],
            prod: ["hub"],
            staging: ["hub"],
            "fleet-berlin": ["alice", "berlin", "berlin-proofs", "bob"],
            "fleet-field": ["carol", "dave", "erin", "field", "field-proofs"],
        };
        assert.deepEqual(made, expected[stack]);
    });
}

test("Pulumi.yaml has every key of the config, each with a default and a description", () => {
    const { config } = parse(readFileSync(join(__dirname, "..", "..", "Pulumi.yaml"), "utf8"));
    assert.deepEqual(Object.keys(config).sort(), [...stackConfigKeys].sort());
    for (const [key, entry] of Object.entries(config as Record<string, Record<string, unknown>>))
        assert.ok(entry.default !== undefined && typeof entry.description === "string", key);
});

test("keys that were copied from another project are refused, not ignored as the engine does it", async () => {
    const config = { smartHost, "postfix-stacks:defaults": { sudo: true }, "aws:region": "eu-central-1" };
    await assert.rejects(program(config), (error: Error) => {
        assert.match(
            error.message,
            /postfix-stacks:defaults: belongs to another project: this one's keys begin with "postfix-test:"/,
        );
        assert.doesNotMatch(error.message, /aws/);
        return true;
    });
});
