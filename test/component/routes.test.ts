import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import type { RoadWarriorArgs, SmartHostLink } from "../../components";
import { Security } from "../../postfix/words";
import { roadWarriorSettings } from "../road-warrior-settings";
import { type Engine, run } from "./harness";
import { hostKey, hubArgs } from "./machines";

const caPem = execFileSync(
    "openssl",
    ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "/dev/null", "-subj", "/CN=Our CA"],
    { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
).trim();

type Links = Record<"first" | "second" | "work", pulumi.Output<SmartHostLink>>;

/** Three hubs, and alice with routes among them. */
async function alice(
    args: (links: Links) => Partial<RoadWarriorArgs>,
    preview = false,
): Promise<{ engine: Engine; hub: (name: string) => { hostname: string; port: number; pins: string[] } }> {
    const { engine } = await run(
        ({ SmartHost, RoadWarrior }) => {
            const link = (name: string) =>
                new SmartHost(name, { ...hubArgs, hostname: `${name}.example.com` }).link;
            const links = { first: link("first"), second: link("second"), work: link("work") };
            const connection = { host: "192.0.2.101", user: "root", hostKey };
            return new RoadWarrior("alice", { smartHost: links.first, connection, ...args(links) });
        },
        { preview },
    );
    const pins = (name: string) => [engine.pin(`${name}-key-1`), engine.pin(`${name}-key-2`)];
    return { engine, hub: (name) => ({ hostname: `${name}.example.com`, port: 587, pins: pins(name) }) };
}

const dependencies = (engine: Engine) =>
    engine
        .host("alice")
        .dependencies.filter((urn) => urn.includes("postfix:index:Host"))
        .map((urn) => urn.split("::").pop())
        .sort();

test("all routes reach the Host as if made in one piece, and it waits for each hub", async () => {
    const { engine, hub } = await alice(({ second, work }) => ({
        fallbackSmartHosts: [second],
        senderRelays: { "@work.example": work },
        transports: { "work.example": work },
    }));
    const { inputs } = engine.host("alice");
    const role = roadWarriorSettings({
        hub: hub("first"),
        identity: [],
        settings: {},
        routes: {
            hubs: [hub("second")],
            senders: { "@work.example": hub("work") },
            transports: { "work.example": hub("work") },
        },
    });
    assert.deepEqual(inputs.main, role.main);
    assert.deepEqual(inputs.tables, role.tables);
    const reaches = ({ hostname, ...more }: ReturnType<typeof hub>) => ({ host: hostname, ...more });
    assert.deepEqual(inputs.proof, {
        reaches: reaches(hub("first")),
        alsoReaches: [reaches(hub("second")), reaches(hub("work"))],
    });
    assert.deepEqual(dependencies(engine), ["first", "second", "work"]);
});

test("the laptop's key waits for none of the hubs", async () => {
    const { engine } = await alice(({ second, work }) => ({
        fallbackSmartHosts: [second],
        senderRelays: { "@work.example": work },
        transports: { "work.example": work },
    }));
    for (const name of ["RoadWarrior", "PrivateKey"]) {
        const found = engine.registrations.find(
            (entry) => entry.type.endsWith(name) && /^alice/.test(entry.name),
        );
        assert.deepEqual(found?.dependencies, [], name);
    }
});

test("a list of hubs may come later as a whole", async () => {
    const { engine, hub } = await alice(({ second, work }) => ({
        fallbackSmartHosts: pulumi.all([second, work]),
    }));
    const { inputs } = engine.host("alice");
    const role = roadWarriorSettings({
        hub: hub("first"),
        identity: [],
        settings: {},
        routes: { hubs: [hub("second"), hub("work")] },
    });
    assert.deepEqual(inputs.main, role.main);
    assert.deepEqual(inputs.tables, role.tables);
});

test("empty routes are none", async () => {
    const { engine, hub } = await alice(() => ({ fallbackSmartHosts: [], senderRelays: {}, transports: {} }));
    const { inputs } = engine.host("alice");
    assert.deepEqual(
        inputs.main,
        roadWarriorSettings({ hub: hub("first"), identity: [], settings: {} }).main,
    );
    assert.equal(inputs.tables, undefined);
});

test("a first preview knows all routes, and of the policies that they come later", async () => {
    const { engine } = await alice(
        ({ second, work }) => ({ fallbackSmartHosts: [second], senderRelays: { "@work.example": work } }),
        true,
    );
    const { inputs, unknowns } = engine.host("alice");
    const main = inputs.main as Record<string, unknown>;
    assert.equal(main.relayhost, "[first.example.com]:587, [second.example.com]:587");
    assert.deepEqual((inputs.tables as Record<string, unknown>)["sender-relays"], {
        entries: { "@work.example": "[work.example.com]:587" },
    });
    assert.deepEqual(
        unknowns.filter((path) => !path.startsWith("chains")),
        ["proof.alsoReaches", "proof.reaches.pins", "tables.tls-policy.entries"],
    );
});

describe("security", () => {
    for (const security of [Security.Encrypt, Security.Dane]) {
        test(`${security} needs no pin`, async () => {
            const { engine, hub } = await alice(() => ({ security }));
            const { inputs } = engine.host("alice");
            const role = roadWarriorSettings({ hub: hub("first"), identity: [], settings: {}, security });
            assert.deepEqual(inputs.main, role.main);
            assert.equal(inputs.tables, undefined);
        });
    }

    test("secure takes the CA of the argument", async () => {
        const { engine, hub } = await alice(() => ({
            security: "secure",
            certificateAuthority: pulumi.output(caPem),
        }));
        const { inputs } = engine.host("alice");
        const role = roadWarriorSettings({
            hub: hub("first"),
            identity: [],
            settings: {},
            security: "secure",
            authority: caPem,
        });
        assert.deepEqual(inputs.main, role.main);
        assert.deepEqual(inputs.authorities, role.authorities);
    });

    test("secure takes the CAs that the links name, each once", async () => {
        const vouched = (link: pulumi.Output<SmartHostLink>) =>
            link.apply((plain) => ({ ...plain, certificateAuthority: `${caPem}\n` }));
        const { engine } = await alice(({ first, second }) => ({
            security: "secure",
            smartHost: vouched(first),
            fallbackSmartHosts: [vouched(second)],
        }));
        assert.deepEqual(engine.host("alice").inputs.authorities, { authority: caPem });
    });
});
