import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import type { RoadWarriorArgs } from "../../components";
import { connect, forget, promiseOf, run, unknown } from "./harness";
import { hostKey } from "./machines";

const pin = Array(32).fill("AB").join(":");
const link = { version: 1, hostname: "mailhub.example.com", port: 587, digest: "sha256", pins: [pin] };
const machine = { host: "192.0.2.101", user: "root", hostKey };

test("a laptop with a bundle has keys, an identity and a script, and no Host", async () => {
    const { engine, result } = await run(({ RoadWarrior }) => {
        const laptop = new RoadWarrior("alice", {
            smartHost: link as never,
            bundle: true,
            takeOver: ["relayhost"],
        });
        return laptop;
    });
    assert.deepEqual(engine.names("postfix:index:Host"), []);
    assert.equal(engine.names("tls:index/privateKey:PrivateKey").length, 1);
    assert.equal(await promiseOf(result.provenBy), "none");
    assert.equal(await promiseOf(result.postfixVersion), "");
    assert.deepEqual(await promiseOf(result.unmanaged), []);
    const identity = await promiseOf(result.identity);
    assert.ok(identity !== unknown);
    assert.equal(identity.name, "alice");
    assert.equal(identity.pins.length, 1);
    const urn = await promiseOf(result.urn);
    assert.equal(await promiseOf(result.bundle), `script for ${String(urn)}`);
    assert.equal(await pulumi.isSecret(result.bundle), true);
    assert.throws(() => result.host, /RoadWarrior "alice" has a bundle and no Host/);
});

test("the provider is asked for what a Host would be told, but for how it is reached", async () => {
    const args: Partial<RoadWarriorArgs> = {
        smartHost: link as never,
        takeOver: ["relayhost"],
        settings: { biff: "yes" },
        rootMail: "admin@example.com",
        inetProtocols: "ipv4",
        onDelete: "hold",
    };
    const bundled = await run(
        ({ RoadWarrior }) => void new RoadWarrior("alice", { ...args, bundle: true } as never),
    );
    const reached = await run(
        ({ RoadWarrior }) => void new RoadWarrior("alice", { ...args, connection: machine } as never),
    );
    const [call] = bundled.engine.calls;
    assert.equal(call?.token, "postfix:index:bundle");
    const { urn, ...told } = call.inputs;
    assert.match(String(urn), /::postfix:index:RoadWarrior::alice$/);
    const { connection, chains, proof, ...wanted } = reached.engine.host("alice").inputs;
    assert.ok(connection && chains && proof);
    const { chains: toldChains, proof: toldProof, ...others } = told as Record<string, unknown>;
    assert.ok(toldChains);
    assert.deepEqual(toldProof, proof);
    assert.deepEqual(others, wanted);
    assert.deepEqual(reached.engine.calls, []);
});

test("without a bundle the output is absent; before the keys are made it is not known", async () => {
    const reached = await run(
        ({ RoadWarrior }) => new RoadWarrior("alice", { smartHost: link as never, connection: machine }),
    );
    assert.equal(await promiseOf(reached.result.bundle), undefined);
    const preview = await run(
        ({ RoadWarrior }) => new RoadWarrior("alice", { smartHost: link as never, bundle: true }),
        { preview: true },
    );
    assert.equal(await promiseOf(preview.result.bundle), unknown);
    assert.deepEqual(preview.engine.calls, []);
});

test("the hub grants a laptop that nobody reaches", async () => {
    const { engine } = await run(({ RoadWarrior, SmartHost }) => {
        const hub = new SmartHost("hub", {
            hostname: "mailhub.example.com",
            connection: { ...machine, host: "192.0.2.25" },
        });
        hub.relayFor("laptops", [new RoadWarrior("alice", { smartHost: hub.link, bundle: true })]);
    });
    assert.deepEqual(engine.names("postfix:index:Host").sort(), ["hub", "hub-laptops", "hub-laptops-proofs"]);
});

test("whatever speaks of SSH is refused beside a bundle, all at once, and says why", async () => {
    await connect();
    const { RoadWarrior, InputError } = await import("../../components");
    const given = {
        connection: machine,
        sudo: true,
        knownHosts: "/etc/ssh/ssh_known_hosts",
        insecureIgnoreHostKey: true,
        onUnreachable: "pending",
        installPackage: true,
        hooks: { before: "true" },
        takeOver: ["alice-1a2b3c4d"],
    };
    assert.throws(
        () => new RoadWarrior("alice", { smartHost: link as never, bundle: true, ...given } as never),
        (error: unknown) => {
            assert.ok(error instanceof InputError);
            for (const field of Object.keys(given))
                assert.match(error.message, new RegExp(`^\\W*${field}(\\[0\\])?: .*bundle`, "m"), field);
            return true;
        },
    );
    assert.throws(
        () =>
            new RoadWarrior(
                "alice",
                { smartHost: link as never, bundle: true },
                { transform: { host: { sudo: true } } },
            ),
        /transform\.host: does not go with bundle: true/,
    );
    assert.throws(
        () => new RoadWarrior("alice", { smartHost: link as never, bundle: "yes" } as never),
        /bundle: given "yes"/,
    );
    assert.throws(() => new RoadWarrior("alice", { smartHost: link as never } as never), /connection: /);
    forget();
});
