import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "./harness";
import { hubArgs, laptopArgs } from "./machines";

test("a transform by fields replaces those, one by function sees arguments, options and name", async () => {
    const seen: string[] = [];
    const { engine } = await run(({ SmartHost }) => {
        new SmartHost("hub", hubArgs, {
            transform: {
                privateKey: { ecdsaCurve: "P384" },
                certificate: (args, opts, name) => {
                    seen.push(name);
                    args.ipAddresses = ["192.0.2.25"];
                    opts.ignoreChanges = ["dnsNames"];
                },
                host: (args) => {
                    args.main = { ...(args.main as object), compatibility_level: "3.6" };
                },
            },
        });
    });
    for (const name of ["hub-key-1", "hub-key-2"]) {
        const key = engine.one("tls:index/privateKey:PrivateKey", name);
        assert.deepEqual(key.inputs, { algorithm: "ECDSA", ecdsaCurve: "P384" });
        assert.equal(key.retainOnDelete, true, "what is not transformed stays");
    }
    const certificate = engine.one("tls:index/selfSignedCert:SelfSignedCert", "hub-cert-1");
    assert.deepEqual(seen, ["hub-cert-1"]);
    assert.deepEqual(certificate.inputs.ipAddresses, ["192.0.2.25"]);
    assert.deepEqual(certificate.ignoreChanges, ["dnsNames"]);
    const main = engine.host("hub").inputs.main as Record<string, string>;
    assert.equal(main.compatibility_level, "3.6");
    assert.equal(main.smtpd_tls_security_level, "may");
});

test("laptops and grants have the hatch too, and a transformed key is still marked as a secret", async () => {
    const { engine } = await run(({ SmartHost, RoadWarrior }) => {
        const hub = new SmartHost("hub", hubArgs);
        const alice = new RoadWarrior("alice", laptopArgs(hub, "192.0.2.101"), {
            transform: { host: { chains: { identity: [{ privateKey: "k", certificate: "c" }] } } },
        });
        hub.relayFor("laptops", [alice], {}, { transform: { host: { owner: "others" } } });
    });
    assert.deepEqual(engine.host("alice").secrets, ["chains.identity[0].privateKey"]);
    assert.equal(engine.host("hub-laptops").inputs.owner, "others");
});

test("the caller's own options are left as they were", async () => {
    const given = { transform: { privateKey: { ecdsaCurve: "P384" } } };
    await run(({ SmartHost }) => {
        new SmartHost("hub", hubArgs, given);
    });
    assert.deepEqual(given, { transform: { privateKey: { ecdsaCurve: "P384" } } });
});
