import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import type { SmartHostArgs } from "../../components";
import { smartHostSettings } from "../../postfix/roles/smart-host";
import { roadWarriorSettings } from "../road-warrior-settings";
import { promiseOf, run, unknown } from "./harness";
import { hubArgs, laptopArgs } from "./machines";

const keyType = "tls:index/privateKey:PrivateKey";
const certType = "tls:index/selfSignedCert:SelfSignedCert";

/** A hub, alice and bob, and the grant for both. */
const fleet = (more: Partial<SmartHostArgs> = {}, preview = false) =>
    run(
        ({ SmartHost, RoadWarrior }) => {
            const hub = new SmartHost("hub", { ...hubArgs, ...more });
            const alice = new RoadWarrior("alice", laptopArgs(hub, "192.0.2.101"));
            const bob = new RoadWarrior("bob", laptopArgs(hub, "192.0.2.102"));
            const access = hub.relayFor("laptops", [alice, bob]);
            return { hub, alice, bob, access };
        },
        { preview },
    );

for (const preview of [true, false]) {
    test(`a fleet is these resources and no others (preview: ${preview})`, async () => {
        const { engine } = await fleet({}, preview);
        const found = engine.registrations.map(({ type, name, parent }) => {
            const [, , parentType = "", parentName = ""] = parent.split("::");
            return `${type} ${name}${parent === "" ? "" : ` in ${parentType.split("$").pop()} ${parentName}`}`;
        });
        assert.deepEqual(found.sort(), [
            "postfix:index:Host alice in postfix:index:RoadWarrior alice",
            "postfix:index:Host bob in postfix:index:RoadWarrior bob",
            "postfix:index:Host hub in postfix:index:SmartHost hub",
            "postfix:index:Host hub-laptops in postfix:index:RelayAccess hub-laptops",
            "postfix:index:Host hub-laptops-proofs in postfix:index:RelayAccess hub-laptops",
            "postfix:index:RelayAccess hub-laptops",
            "postfix:index:RoadWarrior alice",
            "postfix:index:RoadWarrior bob",
            "postfix:index:SmartHost hub",
            `${keyType} alice-key-1 in postfix:index:RoadWarrior alice`,
            `${keyType} bob-key-1 in postfix:index:RoadWarrior bob`,
            `${keyType} hub-key-1 in postfix:index:SmartHost hub`,
            `${keyType} hub-key-2 in postfix:index:SmartHost hub`,
            `${certType} alice-cert-1 in postfix:index:RoadWarrior alice`,
            `${certType} bob-cert-1 in postfix:index:RoadWarrior bob`,
            `${certType} hub-cert-1 in postfix:index:SmartHost hub`,
        ]);
    });
}

test("the hub's Host has the role's settings, its keys and its proof", async () => {
    const { engine } = await fleet();
    const { inputs } = engine.host("hub");
    const role = smartHostSettings({ mode: "dedicated", port: 587, identity: [], settings: {} });
    assert.equal(inputs.role, "smartHost");
    assert.equal(inputs.owner, "hub");
    assert.equal(inputs.keyGeneration, 1);
    assert.deepEqual(inputs.main, role.main);
    assert.deepEqual(inputs.lists, role.lists);
    assert.deepEqual(inputs.services, role.services);
    assert.deepEqual(inputs.chains, {
        identity: [
            { privateKey: engine.pair("hub-key-1").privateKeyPem, certificate: "certificate hub-cert-1" },
        ],
    });
    assert.deepEqual(inputs.proof, { serves: { port: 587, pins: [engine.pin("hub-key-1")] } });
    assert.deepEqual(inputs.announces, [engine.pin("hub-key-2")], "the next key, which laptops pin already");
});

test("a laptop's Host has the whole of the role's settings, as if made in one piece", async () => {
    const { engine } = await fleet();
    const pins = [engine.pin("hub-key-1"), engine.pin("hub-key-2")];
    const hub = { hostname: "mailhub.example.com", port: 587, pins };
    const { inputs } = engine.host("alice");
    assert.deepEqual(inputs.main, roadWarriorSettings({ hub, identity: [], settings: {} }).main);
    assert.deepEqual(inputs.proof, { reaches: { host: hub.hostname, port: 587, pins } });
    assert.equal(inputs.role, "roadWarrior");
    assert.equal(inputs.owner, "alice");
    assert.deepEqual(inputs.chains, {
        identity: [
            { privateKey: engine.pair("alice-key-1").privateKeyPem, certificate: "certificate alice-cert-1" },
        ],
    });
});

test("the grant on the hub has the pins of the laptops, and nothing else", async () => {
    const { engine, result } = await fleet();
    const { inputs, dependencies } = engine.host("hub-laptops");
    assert.equal(inputs.role, "relayAccess");
    assert.equal(inputs.owner, "hub-laptops");
    assert.deepEqual(inputs.tables, {
        clients: { entries: { [engine.pin("alice-key-1")]: "alice", [engine.pin("bob-key-1")]: "bob" } },
    });
    assert.deepEqual(inputs.lists, { relay_clientcerts: "@{clients}" });
    assert.deepEqual(inputs.connection, engine.host("hub").inputs.connection);
    const hosts = dependencies
        .filter((urn) => urn.includes("postfix:index:Host"))
        .map((urn) => urn.split("::").pop());
    assert.deepEqual(
        hosts,
        ["hub"],
        "after the hub's Host, and after no laptop's: one laptop asleep would stop all",
    );
    assert.deepEqual(await promiseOf(result.access.laptopNames), ["alice", "bob"]);
});

test("a laptop is changed after the hub", async () => {
    const { engine } = await fleet();
    assert.ok(engine.host("alice").dependencies.some((urn) => urn.endsWith("postfix:index:Host::hub")));
});

test("a laptop's key waits for no machine, so that all pins are known in one run", async () => {
    const { engine } = await fleet();
    for (const { name, dependencies } of [
        engine.one("postfix:index:RoadWarrior", "alice"),
        engine.one(keyType, "alice-key-1"),
    ])
        assert.deepEqual(dependencies, [], name);
});

test("the link is plain data: current pins and next, nothing secret", async () => {
    const { engine, result } = await fleet({ port: 2525 });
    assert.deepEqual(await promiseOf(result.hub.link), {
        version: 1,
        hostname: "mailhub.example.com",
        port: 2525,
        pins: [engine.pin("hub-key-1"), engine.pin("hub-key-2")],
        digest: "sha256",
    });
    assert.deepEqual(await promiseOf(result.hub.pins), [engine.pin("hub-key-1")]);
    assert.deepEqual(await promiseOf(result.hub.nextPins), [engine.pin("hub-key-2")]);
    assert.deepEqual(await promiseOf(result.alice.identity), {
        name: "alice",
        pins: [engine.pin("alice-key-1")],
    });
    for (const output of [result.hub.link, result.hub.pins, result.hub.nextPins, result.alice.identity])
        assert.equal(await pulumi.isSecret(output as pulumi.Output<unknown>), false);
});

test("a first preview knows all but what comes of keys", async () => {
    const { engine, result } = await fleet({}, true);
    assert.deepEqual(engine.host("alice").unknowns, [
        "chains.identity[0].certificate",
        "chains.identity[0].privateKey",
        "main.smtp_tls_fingerprint_cert_match",
        "proof.reaches.pins",
    ]);
    assert.equal(
        (engine.host("alice").inputs.main as Record<string, unknown>).relayhost,
        "[mailhub.example.com]:587",
    );
    assert.deepEqual(engine.host("hub").unknowns, [
        "announces[0]",
        "chains.identity[0].certificate",
        "chains.identity[0].privateKey",
        "proof.serves.pins[0]",
    ]);
    assert.equal(await promiseOf(result.hub.link), unknown);
});

test("the next generation takes the key that was announced, and announces another", async () => {
    const { engine, result } = await fleet({ keyGeneration: 2 });
    assert.deepEqual(
        engine.names(keyType).filter((name) => name.startsWith("hub")),
        ["hub-key-2", "hub-key-3"],
    );
    assert.deepEqual(
        engine.names(certType).filter((name) => name.startsWith("hub")),
        ["hub-cert-2"],
    );
    assert.equal(engine.host("hub").inputs.keyGeneration, 2);
    assert.deepEqual(await promiseOf(result.hub.pins), [engine.pin("hub-key-2")]);
});

test("keys stay when they leave the program; certificates are for their use", async () => {
    const { engine } = await fleet();
    for (const name of engine.names(keyType))
        assert.equal(engine.one(keyType, name).retainOnDelete, true, name);
    const hub = engine.one(certType, "hub-cert-1").inputs;
    assert.deepEqual(hub.allowedUses, ["digital_signature", "server_auth"]);
    assert.deepEqual(hub.subject, { commonName: "mailhub.example.com" });
    assert.deepEqual(hub.dnsNames, ["mailhub.example.com"]);
    assert.equal(hub.ipAddresses, undefined);
    assert.equal(hub.validityPeriodHours, 43800);
    assert.equal(hub.earlyRenewalHours, 720);
    const alice = engine.one(certType, "alice-cert-1").inputs;
    assert.deepEqual(alice.allowedUses, ["digital_signature", "client_auth"]);
    assert.deepEqual(alice.subject, { commonName: "alice" });
});

test("both algorithms make two keys, two certificates and all their pins", async () => {
    const { engine, result } = await fleet({ keyAlgorithm: "both" });
    const hubKeys = engine.names(keyType).filter((name) => name.startsWith("hub"));
    assert.deepEqual(hubKeys.sort(), ["hub-key-1", "hub-key-1-rsa", "hub-key-2", "hub-key-2-rsa"]);
    assert.deepEqual(engine.one(keyType, "hub-key-1-rsa").inputs, { algorithm: "RSA", rsaBits: 3072 });
    assert.deepEqual(engine.one(certType, "hub-cert-1-rsa").inputs.allowedUses, [
        "digital_signature",
        "key_encipherment",
        "server_auth",
    ]);
    assert.equal((engine.host("hub").inputs.chains as { identity: unknown[] }).identity.length, 2);
    const link = await promiseOf(result.hub.link);
    const names = ["hub-key-1", "hub-key-1-rsa", "hub-key-2", "hub-key-2-rsa"];
    assert.deepEqual(
        link !== unknown && link.pins,
        names.map((name) => engine.pin(name)),
    );
});

test("RSA alone keeps its own names, so that a change of mind makes a new key", async () => {
    const { engine } = await fleet({ keyAlgorithm: "rsa-3072" });
    const hubKeys = engine.names(keyType).filter((name) => name.startsWith("hub"));
    assert.deepEqual(hubKeys, ["hub-key-1-rsa", "hub-key-2-rsa"]);
});

test("a guest hub has its service alone; port 25 is shared", async () => {
    const guest = (await fleet({ mode: "guest", port: 2525 })).engine.host("hub").inputs;
    assert.deepEqual(guest.main, {});
    assert.deepEqual(Object.keys(guest.services as object), ["2525/inet"]);
    const shared = (await fleet({ port: 25 })).engine.host("hub").inputs;
    assert.deepEqual(shared.services, {});
    assert.equal((shared.main as Record<string, string>).smtpd_tls_ask_ccert, "yes");
});

test("settings, consent and treatment reach the Host as they are", async () => {
    const more: Partial<SmartHostArgs> = {
        settings: { message_size_limit: pulumi.output("52428800") },
        takeOver: ["relayhost"],
        onUnreachable: "fail",
        onDelete: "hold",
        sudo: true,
        knownHosts: "/etc/ssh/ssh_known_hosts",
    };
    const { inputs } = (await fleet(more)).engine.host("hub");
    assert.equal((inputs.main as Record<string, string>).message_size_limit, "52428800");
    for (const name of ["takeOver", "onUnreachable", "onDelete", "sudo", "knownHosts"] as const)
        assert.deepEqual(inputs[name], more[name], name);
});

test("a laptop may depend on the hub as a whole", async () => {
    const { engine } = await run(({ SmartHost, RoadWarrior }) => {
        const hub = new SmartHost("hub", hubArgs);
        const alice = new RoadWarrior("alice", laptopArgs(hub, "192.0.2.101"), { dependsOn: [hub] });
        hub.relayFor("laptops", [alice]);
    });
    assert.ok(engine.host("alice"));
    assert.ok(
        engine.host("hub-laptops"),
        "the grant waits for the laptop's key, the laptop for the hub alone",
    );
});

test("two hubs may each have laptops of one set name", async () => {
    const { engine } = await run(({ SmartHost }) => {
        for (const name of ["east", "west"]) {
            new SmartHost(name, { ...hubArgs, hostname: `${name}.example.com` }).relayFor("laptops", []);
        }
    });
    assert.deepEqual(engine.names("postfix:index:RelayAccess"), ["east-laptops", "west-laptops"]);
});

test("no resource of ours names a version of its provider", async () => {
    const { engine } = await fleet();
    for (const { type, name, version } of engine.registrations)
        if (type.startsWith("postfix:")) assert.equal(version, "", name);
});

test("dependsOn reaches the Host, for the order of removal", async () => {
    const { engine } = await run(({ SmartHost, Host }) => {
        const first = new Host("first", {
            owner: "first",
            role: "smartHost",
            connection: hubArgs.connection,
            main: {},
        });
        new SmartHost("hub", hubArgs, { dependsOn: first });
    });
    assert.ok(engine.host("hub").dependencies.some((urn) => urn.endsWith("Host::first")));
});

test("a grant from another stack takes plain identities", async () => {
    const pin = (await fleet()).engine.pin("alice-key-1");
    const { engine } = await run(({ RelayAccess }) => {
        const laptops = pulumi.output([{ name: "carol", pins: [pin] }]);
        new RelayAccess("berlin", { connection: hubArgs.connection, laptops });
    });
    assert.deepEqual(engine.host("berlin").inputs.tables, { clients: { entries: { [pin]: "carol" } } });
});
