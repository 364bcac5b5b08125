import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { Fleet, type FleetArgs, InputError, linkOf } from "../../components";
import { connect, type Engine, forget, otherStacks, promiseOf, run, unknown } from "./harness";
import { hostKey, hubArgs } from "./machines";

const folder = mkdtempSync(join(tmpdir(), "pulumi-postfix-fleet-"));
after(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string | Buffer): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
};

const pin = Array(32).fill("AA").join(":");
const smartHost = { version: 1, hostname: "mailhub.example.com", port: 587, pins: [pin], digest: "sha256" };
const relayAccess = { connection: { host: "192.0.2.25", hostKey, password: "hunter2" } };
const defaults = { sudo: true, connection: { user: "admin", hostKey } };

async function fleetOf(args: Partial<FleetArgs>, options: { preview?: boolean } = {}) {
    const { engine, result } = await run(({ Fleet }) => {
        const made = new Fleet("berlin", { smartHost, ...args });
        return { made };
    }, options);
    return { engine, fleet: result.made };
}

const main = (engine: Engine, name: string) => engine.host(name).inputs.main as Record<string, unknown>;

test("a fleet is its laptops and one grant on the hub, with everything below it", async () => {
    const { engine, fleet } = await fleetOf({
        relayAccess,
        defaults,
        laptops: { alice: { host: "192.0.2.101" }, bob: { host: "192.0.2.102", sudo: false } },
    });
    assert.deepEqual(engine.names("postfix:index:Host").sort(), ["alice", "berlin", "berlin-proofs", "bob"]);
    assert.deepEqual(engine.names("postfix:index:RelayAccess"), ["berlin"]);
    for (const name of ["alice", "bob"])
        assert.match(engine.one("postfix:index:RoadWarrior", name).parent, /postfix:index:Fleet::berlin$/);
    assert.match(engine.one("postfix:index:RelayAccess", "berlin").parent, /postfix:index:Fleet::berlin$/);
    assert.deepEqual(engine.host("alice").inputs.connection, { user: "admin", hostKey, host: "192.0.2.101" });
    assert.deepEqual([engine.host("alice").inputs.sudo, engine.host("bob").inputs.sudo], [true, false]);
    assert.equal(main(engine, "alice").smtp_tls_fingerprint_cert_match, pin);
    const identities = [
        { name: "alice", pins: [engine.pin("alice-key-1")] },
        { name: "bob", pins: [engine.pin("bob-key-1")] },
    ];
    assert.deepEqual(await promiseOf(fleet.identities), identities);
    assert.deepEqual(await promiseOf(fleet.laptopNames), ["alice", "bob"]);
    assert.equal(fleet.laptops.length, 2);
    const granted = JSON.stringify(engine.host("berlin").inputs.tables);
    for (const { pins } of identities) assert.ok(granted.includes(pins[0] ?? "none"));
});

test("the grant does not wait for any laptop, and no laptop for the grant", async () => {
    const { engine } = await fleetOf({ relayAccess, defaults, laptops: { alice: { host: "192.0.2.101" } } });
    assert.ok(engine.host("berlin").dependencies.every((urn) => !urn.includes("Host::alice")));
    assert.ok(engine.host("alice").dependencies.every((urn) => !urn.includes("RelayAccess")));
});

test("with a hub of the same stack, laptops and grant come behind it", async () => {
    const { engine } = await run(({ Fleet, SmartHost }) => {
        const hub = new SmartHost("hub", hubArgs);
        new Fleet("berlin", {
            smartHost: hub.link,
            relayAccess,
            defaults,
            laptops: { alice: { host: "192.0.2.101" } },
        });
    });
    for (const name of ["alice", "berlin"])
        assert.ok(
            engine.host(name).dependencies.some((urn) => urn.endsWith("Host::hub")),
            name,
        );
});

test("without a way to the hub nothing is granted here", async () => {
    const { engine } = await fleetOf({ defaults, laptops: { alice: { host: "192.0.2.101" } } });
    assert.deepEqual(engine.names("postfix:index:RelayAccess"), []);
});

test("a list and a file beside each other; a file of nobody is an empty fleet that still has its grant", async () => {
    const laptopsFile = file("berlin.csv", "name,host,connection.port,sudo\nbob,192.0.2.102,2222,false\n");
    const laptops = [{ name: "alice", host: "192.0.2.101" }];
    const { engine, fleet } = await fleetOf({ defaults, laptops, laptopsFile });
    assert.deepEqual(await promiseOf(fleet.laptopNames), ["alice", "bob"]);
    assert.deepEqual(engine.host("bob").inputs.connection, {
        ...defaults.connection,
        host: "192.0.2.102",
        port: 2222,
    });
    assert.equal(engine.host("bob").inputs.sudo, false);
    const nobody = await fleetOf({ relayAccess, laptopsFile: file("nobody.yaml", "# nobody yet\n") });
    assert.deepEqual(nobody.engine.names("postfix:index:Host").sort(), ["berlin", "berlin-proofs"]);
    assert.deepEqual(await promiseOf(nobody.fleet.identities), []);
});

test("a laptop may dial the hub at another port, with TLS from the first byte too", async () => {
    const implicit = { ...smartHost, implicitTlsPort: 465 };
    const laptops = {
        alice: { host: "192.0.2.101", hubPort: 2525 },
        bob: { host: "192.0.2.102", hubPort: 4465, implicitTls: true },
        carol: { host: "192.0.2.103", implicitTls: true },
    };
    const { engine } = await fleetOf({ smartHost: implicit, defaults, laptops });
    const relayhosts = ["alice", "bob", "carol"].map((name) => main(engine, name).relayhost);
    assert.deepEqual(
        relayhosts,
        [2525, 4465, 465].map((port) => `[mailhub.example.com]:${port}`),
    );
});

test("a preview that knows no pin yet shows name and port all the same", async () => {
    const { engine } = await run(
        ({ Fleet, SmartHost }) => {
            const hub = new SmartHost("hub", hubArgs);
            new Fleet("berlin", {
                smartHost: hub.link,
                defaults,
                laptops: { alice: { host: "192.0.2.101", hubPort: 2525 } },
            });
        },
        { preview: true },
    );
    assert.equal(main(engine, "alice").relayhost, "[mailhub.example.com]:2525");
    assert.equal(main(engine, "alice").smtp_tls_fingerprint_cert_match, unknown);
});

test("every problem is told in one error before anything is made, those of the file by line", async () => {
    const laptopsFile = file("bad.csv", "name,connection.hots\nbob,x\n");
    const laptops = [{ name: "alice", host: "192.0.2.101", sudo: "yes" as unknown as boolean }];
    await assert.rejects(fleetOf({ relayAccess, laptops, laptopsFile }), (error: Error) => {
        assert.match(error.message, /^Fleet "berlin" has 4 problems:\n/);
        for (const part of [
            "laptops[0].sudo: given",
            "laptops[0].connection.hostKey: missing",
            "bad.csv:1: column 2: connection.hots is unknown; is host meant?",
            "bad.csv:2: connection: missing",
        ])
            assert.ok(error.message.includes(part), `${part} is not in ${error.message}`);
        assert.ok(!error.message.includes("hunter2"));
        return true;
    });
});

test("a file that cannot be read is a problem of laptopsFile", async () => {
    const refused = (laptopsFile: string, reason: RegExp) =>
        assert.rejects(fleetOf({ laptopsFile }), (error: Error) => {
            assert.match(error.message, /^Fleet "berlin" has a problem:\n {2}laptopsFile: given /);
            assert.match(error.message, reason);
            return true;
        });
    await refused("nowhere.csv", /there is no such file; a path starts at the folder of Pulumi\.yaml/);
    await refused(file("laptops.txt", ""), /allowed: the path of a file that ends in \.csv/);
    await refused(file("latin1.csv", Buffer.from("name\nj\xfcrgen\n", "latin1")), /no UTF-8/);
});

test("secrets of laptops and hub stay secret, and are recorded in one place only", async () => {
    const laptops = { alice: { host: "192.0.2.101", connection: { password: pulumi.secret("hunter2") } } };
    const { engine } = await fleetOf({ relayAccess, defaults, laptops });
    for (const name of ["alice", "berlin"])
        assert.ok(engine.host(name).secrets.includes("connection.password"), name);
    const recorded = engine.one("postfix:index:Fleet", "berlin");
    assert.deepEqual(recorded.secrets, ["relayAccess.connection.password"]);
    assert.deepEqual(recorded.inputs.laptops, ["alice"]);
});

const prod = "organization/postfix-stacks/prod";

/** A fleet whose hub's stack has these outputs, as the engine reports them. */
function fleetBehind(outputs: Record<string, unknown>, output?: string) {
    otherStacks[prod] = outputs;
    const smartHost = linkOf(new pulumi.StackReference(prod), output);
    const laptops = { alice: { host: "192.0.2.101" } };
    new Fleet("berlin", { smartHost, relayAccess, defaults, laptops });
    return smartHost;
}

async function linked(outputs: Record<string, unknown>, output?: string) {
    const { engine, result } = await run(() => ({ link: fleetBehind(outputs, output) }));
    return { engine, link: await promiseOf(result.link) };
}

const refused = (outputs: Record<string, unknown>) =>
    promiseOf(fleetBehind(outputs)).catch((error: unknown) => error);

test("linkOf gives the link of another stack, by whatever name it is exported there", async () => {
    const { engine, link } = await linked({ smartHost });
    assert.deepEqual(link, smartHost);
    assert.equal(main(engine, "alice").smtp_tls_fingerprint_cert_match, pin);
    assert.deepEqual((await linked({ hub: smartHost }, "hub")).link, smartHost);
});

for (const [what, outputs, reason] of [
    [
        "no such output",
        {},
        /stack "organization\/postfix-stacks\/prod" has no output "smartHost": .*pulumi up --stack/,
    ],
    ["half a link", { smartHost: { ...smartHost, pins: [] } }, /smartHost\.pins: given an empty list/],
    ["anything else", { smartHost: "mailhub" }, /smartHost: given "mailhub"/],
] as const) {
    test(`with ${what} in the hub's stack no machine is set up, the hub included`, async () => {
        // A rejection that nobody awaits ends a real program (SDK, cmd/run); here the test runner would take it.
        const runners = process.listeners("unhandledRejection");
        process.removeAllListeners("unhandledRejection");
        const late: unknown[] = [];
        process.on("unhandledRejection", (error) => late.push(error));
        const engine = await connect();
        try {
            const link = await refused(outputs);
            assert.ok(link instanceof InputError);
            assert.match(link.message, reason);
            // Not to the end of the program: what waits for a value that failed never gets there.
            await new Promise((resolve) => setTimeout(resolve, 500));
            assert.ok(
                late.length > 0 &&
                    late.every((error) => error === link || String(error).includes("smartHost")),
            );
            assert.deepEqual(engine.names("postfix:index:RoadWarrior"), ["alice"]);
            assert.deepEqual(engine.names("postfix:index:Host"), []);
        } finally {
            process.removeAllListeners("unhandledRejection");
            for (const runner of runners) process.on("unhandledRejection", runner);
            forget();
        }
    });
}
