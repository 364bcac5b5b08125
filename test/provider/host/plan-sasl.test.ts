import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMasterCf } from "../../../postfix/master-cf";
import { generationFiles } from "../../../provider/host/apply";
import { readFacts } from "../../../provider/host/facts";
import { planChange } from "../../../provider/host/plan";
import { type SaslFacts, wantedSockets } from "../../../provider/host/plan-sasl";
import { roadWarriorSettings } from "../../road-warrior-settings";
import { factsOf, hub, ids, laptop, pin, target } from "./fixtures";

const whole: SaslFacts = {
    serverTypes: ["cyrus", "dovecot"],
    clientTypes: ["cyrus"],
    mechanisms: ["plain", "login", "sasldb"],
    saslpasswd: true,
    sockets: ["private/auth"],
};
const dovecot = hub({}, { sasl: { type: "dovecot" } });
const cyrus = hub({}, { sasl: { type: "cyrus", users: { alice: "hunter2" } } });
const link = { hostname: "mailhub.example.com", port: 587, pins: [pin(1)] };
const withPassword = laptop(roadWarriorSettings({ hub: link, identity: [], settings: {}, sasl: true }));
const problemsWith = (inputs: typeof dovecot, sasl: Partial<SaslFacts>) =>
    planChange(inputs, factsOf({ sasl: { ...whole, ...sasl } }), target(ids.hub)).problems;

test("a hub and a laptop that have what it takes are let be", () => {
    for (const inputs of [dovecot, cyrus, withPassword]) assert.deepEqual(problemsWith(inputs, {}), []);
    for (const inputs of [dovecot, cyrus, withPassword, laptop()])
        assert.deepEqual(problemsWith(inputs, { mechanisms: undefined }), [], "built in, perhaps");
});

test("Dovecot's socket has to be there", () => {
    assert.deepEqual(wantedSockets(dovecot), ["private/auth"]);
    assert.deepEqual(wantedSockets(hub({}, { sasl: { type: "dovecot", path: "inet:127.0.0.1:1" } })), []);
    assert.deepEqual(wantedSockets(cyrus), []);
    const [problem] = problemsWith(dovecot, { sockets: [] });
    assert.equal(problem?.path, 'services["587/inet"].options.smtpd_sasl_path');
    assert.match(
        problem?.reason ?? "",
        /no socket private\/auth of Dovecot on this host: start Dovecot with/,
    );
});

test("what is missing on the host is named, with the package that brings it", () => {
    assert.match(problemsWith(cyrus, { saslpasswd: false })[0]?.reason ?? "", /apt-get install sasl2-bin/);
    assert.match(
        problemsWith(cyrus, { mechanisms: ["sasldb"] })[0]?.reason ?? "",
        /"no mechanism available".*libsasl2-modules/,
    );
    const [problem] = problemsWith(withPassword, { mechanisms: ["sasldb"] });
    assert.equal(problem?.path, "main.smtp_sasl_auth_enable");
    assert.match(problem?.reason ?? "", /libsasl2-modules/);
    assert.match(problemsWith(withPassword, { clientTypes: [] })[0]?.reason ?? "", /built without SASL/);
    assert.match(
        problemsWith(dovecot, { serverTypes: ["cyrus"] })[0]?.reason ?? "",
        /given "dovecot", but .* knows cyrus$/,
    );
    assert.deepEqual(
        problemsWith(laptop(), { clientTypes: [], mechanisms: [] }),
        [],
        "who logs in by key alone",
    );
});

test("the database lies where Postfix's own user can read it, named by the generation as all else", () => {
    const { masterCf } = planChange(cyrus, factsOf({ sasl: whole }), target(ids.hub));
    const service = parseMasterCf(masterCf).services.find(({ service: name }) => name === "587");
    const value = (name: string) => service?.options.find((option) => option.name === name)?.value;
    assert.equal(value("smtpd_sasl_path"), `../pulumi-sasl/${ids.hub.owner}/0123456789abcdef/smtpd`);
    assert.equal(value("cyrus_sasl_config_path"), "$config_directory/pulumi-sasl");
    assert.equal(generationFiles({ ...cyrus, chains: {} })["sasl-users"], "alice hunter2\n");
});

test("the probe's words are read", () => {
    const facts = readFacts([
        "sasl.server=cyrus dovecot ",
        "sasl.client=cyrus ",
        "sasl.passwd=yes",
        "sasl.mechanisms= plain login",
        "sasl.sockets= private/auth",
    ]);
    assert.deepEqual(facts.sasl, { ...whole, mechanisms: ["plain", "login"] });
    assert.equal(readFacts(["sasl.server="]).sasl?.mechanisms, undefined);
});
