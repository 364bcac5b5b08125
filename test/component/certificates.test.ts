import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import type { RoadWarriorArgs, SmartHostArgs } from "../../components";
import { authority, pinOf, privateKey, selfSigned } from "../certificates";
import { hostPin, promiseOf, run, unknown } from "./harness";
import { hubArgs, laptopArgs } from "./machines";

const ec = selfSigned("mailhub.example.com");
const rsa = selfSigned("mailhub.example.com", privateKey("rsa"));
const ca = authority();
const otherPin = Array(32).fill("CD").join(":");
const files = {
    keyFile: "/etc/letsencrypt/live/mail/privkey.pem",
    certificateFile: "/etc/letsencrypt/live/mail/fullchain.pem",
};
const tlsTypes = {
    key: "tls:index/privateKey:PrivateKey",
    self: "tls:index/selfSignedCert:SelfSignedCert",
    request: "tls:index/certRequest:CertRequest",
    signed: "tls:index/locallySignedCert:LocallySignedCert",
};

const machines = (
    ofHub: Partial<SmartHostArgs>,
    ofLaptop: Partial<RoadWarriorArgs> = {},
    options: { preview?: boolean } = {},
) =>
    run(({ SmartHost, RoadWarrior }) => {
        const hub = new SmartHost("hub", { ...hubArgs, ...ofHub });
        const alice = new RoadWarrior("alice", { ...laptopArgs(hub, "192.0.2.101"), ...ofLaptop });
        hub.relayFor("laptops", [alice]);
        return { hub, alice };
    }, options);

test("own certificates: no key is made, pins are those of openssl, and even a first preview knows them", async () => {
    const { engine, result } = await machines({ certificates: [ec, rsa] }, {}, { preview: true });
    const pins = [pinOf(ec.privateKey), pinOf(rsa.privateKey)];
    assert.deepEqual(
        engine.names(tlsTypes.key).filter((name) => name.startsWith("hub")),
        [],
    );
    const { inputs, secrets } = engine.host("hub");
    assert.deepEqual(inputs.chains, { identity: [ec, rsa] });
    assert.deepEqual(inputs.proof, { serves: { port: 587, pins } });
    assert.deepEqual(inputs.announces, []);
    assert.ok(!("keyGeneration" in inputs), "there is no number to count them by");
    assert.deepEqual(secrets, ["chains.identity[0].privateKey", "chains.identity[1].privateKey"]);
    assert.deepEqual(
        (engine.host("alice").inputs.main as Record<string, unknown>).smtp_tls_fingerprint_cert_match,
        pins.join(", "),
    );
    assert.match(String(await promiseOf(result.hub.certificateExpiry)), /^20\d\d-\d\d-\d\dT[\d:]{8}Z$/);
});

test("own certificates that come later, as outputs of any depth, have the same pins and stay secret", async () => {
    for (const certificates of [
        pulumi.secret([ec]),
        [pulumi.secret(ec)],
        [{ privateKey: pulumi.secret(ec.privateKey), certificate: pulumi.output(ec.certificate) }],
    ]) {
        const { engine, result } = await machines({ certificates });
        const link = await promiseOf(result.hub.link);
        assert.deepEqual(link !== unknown && link.pins, [pinOf(ec.privateKey)]);
        assert.equal(await pulumi.isSecret(result.hub.link as pulumi.Output<unknown>), false);
        const { secrets, inputs } = engine.host("hub");
        assert.deepEqual(inputs.chains, { identity: [ec] });
        assert.equal(secrets.length, 1);
        assert.match(secrets[0] ?? "", /^chains\.identity/);
    }
});

test("no key of the user's stands in clear in any resource", async () => {
    const { engine } = await machines(
        { certificates: [ec] },
        { signedBy: { privateKey: ca.privateKey, certificate: ca.certificate } },
    );
    for (const { type, name, inputs, secrets } of engine.registrations) {
        for (const [path, value] of leaves(inputs)) {
            if (value !== ec.privateKey && value !== ca.privateKey) continue;
            assert.ok(
                secrets.some((secret) => path.startsWith(secret)),
                `${type} ${name}: ${path} is in clear`,
            );
        }
    }
    assert.deepEqual(engine.one("postfix:index:SmartHost", "hub").secrets, ["certificates[0].privateKey"]);
    assert.deepEqual(engine.one("postfix:index:RoadWarrior", "alice").secrets, ["signedBy.privateKey"]);
});

test("a laptop's own certificate is what the hub grants", async () => {
    const { engine } = await machines({}, { certificates: [ec] });
    assert.deepEqual(engine.host("hub-laptops").inputs.tables, {
        clients: { entries: { [pinOf(ec.privateKey)]: "alice" } },
    });
    assert.deepEqual(engine.host("alice").inputs.chains, { identity: [ec] });
});

test("pins of later keys reach laptops and the hub's check, beside the key that is made here", async () => {
    const own = await machines({ certificates: [ec], nextPins: [otherPin] });
    assert.deepEqual(own.engine.host("hub").inputs.announces, [otherPin]);
    const link = await promiseOf(own.result.hub.link);
    assert.deepEqual(link !== unknown && link.pins, [pinOf(ec.privateKey), otherPin]);
    const made = await machines({ nextPins: pulumi.output([otherPin]) });
    const announced = [made.engine.pin("hub-key-2"), otherPin];
    assert.deepEqual(made.engine.host("hub").inputs.announces, announced);
    assert.deepEqual(await promiseOf(made.result.hub.nextPins), announced);
});

test("an own CA signs what would have signed itself, for the same key", async () => {
    const { engine, result } = await machines({ signedBy: ca }, { signedBy: ca });
    assert.deepEqual(engine.names(tlsTypes.self), []);
    assert.deepEqual(engine.names(tlsTypes.request).sort(), ["alice-request-1", "hub-request-1"]);
    assert.deepEqual(engine.names(tlsTypes.signed).sort(), ["alice-cert-1", "hub-cert-1"]);
    assert.deepEqual(engine.one(tlsTypes.request, "hub-request-1").inputs, {
        privateKeyPem: engine.pair("hub-key-1").privateKeyPem,
        subject: { commonName: "mailhub.example.com" },
        dnsNames: ["mailhub.example.com"],
    });
    const { inputs } = engine.one(tlsTypes.signed, "hub-cert-1");
    assert.deepEqual(inputs, {
        certRequestPem: "request hub-request-1",
        caPrivateKeyPem: ca.privateKey,
        caCertPem: ca.certificate,
        validityPeriodHours: 43800,
        earlyRenewalHours: 720,
        allowedUses: ["digital_signature", "server_auth"],
    });
    assert.deepEqual(engine.one(tlsTypes.signed, "alice-cert-1").inputs.allowedUses, [
        "digital_signature",
        "client_auth",
    ]);
    const { chains } = engine.host("hub").inputs as { chains: { identity: { certificate: string }[] } };
    assert.equal(chains.identity[0]?.certificate, `signed hub-cert-1\n${ca.certificate}`);
    assert.equal(await promiseOf(result.hub.certificateExpiry), "2030-01-02T03:04:05Z");
    const link = await promiseOf(result.hub.link);
    assert.deepEqual(link !== unknown && [link.pins, link.certificateAuthority], [
        [engine.pin("hub-key-1"), engine.pin("hub-key-2")],
        ca.certificate,
    ]);
    assert.equal(await pulumi.isSecret(result.hub.link as pulumi.Output<unknown>), false);
});

test("a CA that comes whole as a secret leaves its public half public", async () => {
    const { engine, result } = await machines({ signedBy: pulumi.secret(ca) });
    const link = await promiseOf(result.hub.link);
    assert.equal(link !== unknown && link.certificateAuthority, ca.certificate);
    assert.equal(await pulumi.isSecret(result.hub.link as pulumi.Output<unknown>), false);
    assert.deepEqual(engine.one(tlsTypes.signed, "hub-cert-1").secrets, ["caPrivateKeyPem"]);
});

test("certificates that lie on the hub: their paths are named everywhere, and pins are what the host says", async () => {
    const { engine, result } = await machines({ certificateFiles: [files] });
    const { inputs } = engine.host("hub");
    const both = `${files.keyFile},${files.certificateFile}`;
    const { options } =
        (inputs.services as Record<string, { options: Record<string, string> }>)["587/inet"] ?? {};
    assert.equal((inputs.main as Record<string, string>).smtpd_tls_chain_files, both);
    assert.equal(options?.smtpd_tls_chain_files, both);
    assert.ok(!JSON.stringify(inputs).includes("@{identity}"));
    assert.equal(inputs.chains, undefined);
    assert.deepEqual(inputs.certificateFiles, [files]);
    assert.deepEqual(inputs.proof, { serves: { port: 587 } });
    assert.deepEqual(
        engine.names(tlsTypes.key).filter((name) => name.startsWith("hub")),
        [],
    );
    const link = await promiseOf(result.hub.link);
    assert.deepEqual(link !== unknown && link.pins, [hostPin]);
    assert.equal(
        (engine.host("alice").inputs.main as Record<string, string>).smtp_tls_fingerprint_cert_match,
        hostPin,
    );
});

test("without the host's word there is no pin, and with a pin of the user's none is needed", async () => {
    const asked = await machines({ certificateFiles: [files] }, {}, { preview: true });
    assert.ok(asked.engine.host("alice").unknowns.includes("main.smtp_tls_fingerprint_cert_match"));
    const told = await machines({ certificateFiles: [{ ...files, pin: otherPin }] }, {}, { preview: true });
    const link = await promiseOf(told.result.hub.pins);
    assert.deepEqual(link, [otherPin]);
});

test("a CA of the laptops is a file of the hub, named where a client is asked for its certificate", async () => {
    const { engine } = await machines({ clientAuthority: ca.certificate });
    const { inputs } = engine.host("hub");
    const services = inputs.services as Record<string, { options: Record<string, string> }>;
    assert.deepEqual(inputs.authorities, { "clients-authority": ca.certificate });
    assert.equal(services["587/inet"]?.options.smtpd_tls_CAfile, "@{clients-authority}");
    assert.equal((inputs.main as Record<string, string>).smtpd_tls_CAfile, undefined, "not for other mail");
    const shared = (await machines({ clientAuthority: ca.certificate, port: 25 })).engine.host("hub").inputs;
    assert.equal((shared.main as Record<string, string>).smtpd_tls_CAfile, "@{clients-authority}");
    const without = (await machines({})).engine.host("hub").inputs;
    assert.ok(!JSON.stringify(without).includes("smtpd_tls_CAfile"), "no CA is meant by default");
});

function leaves(value: unknown, path = ""): [string, unknown][] {
    if (typeof value !== "object" || value === null) return [[path, value]];
    return Object.entries(value).flatMap(([key, below]) => {
        const step = Array.isArray(value) ? `[${key}]` : key;
        return leaves(below, path === "" || step.startsWith("[") ? path + step : `${path}.${step}`);
    });
}
