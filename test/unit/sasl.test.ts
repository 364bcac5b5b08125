import assert from "node:assert/strict";
import { test } from "node:test";
import { Problems } from "../../postfix/problems";
import { hubSaslTables, laptopSaslEntries } from "../../postfix/roles/sasl";
import { type SmartHostRole, smartHostSettings } from "../../postfix/roles/smart-host";
import { validateRoadWarrior } from "../../postfix/validate/road-warrior";
import { validateSmartHost } from "../../postfix/validate/smart-host";
import { validateStackConfig } from "../../postfix/validate/stack-config";
import { roadWarriorSettings } from "../road-warrior-settings";
import { hostKey, later, pin, problemsOf } from "./validate-helpers";

const hub = (sasl: SmartHostRole["sasl"], more: Partial<SmartHostRole> = {}) =>
    smartHostSettings({ mode: "guest", port: 587, identity: [], settings: {}, sasl, ...more });
const serviceOf = (settings: ReturnType<typeof hub>) => settings.services["587/inet"]?.options ?? {};

test("the laptops' service asks for passwords over TLS alone, and lets in who has one", () => {
    const dovecot = serviceOf(hub({ type: "dovecot" }));
    assert.equal(dovecot.smtpd_sasl_auth_enable, "yes");
    assert.equal(dovecot.smtpd_sasl_type, "dovecot");
    assert.equal(dovecot.smtpd_sasl_path, "private/auth");
    assert.equal(dovecot.smtpd_tls_auth_only, "yes");
    assert.equal(dovecot.smtpd_relay_restrictions, "permit_tls_clientcerts,permit_sasl_authenticated,defer");
    assert.equal(
        serviceOf(hub({ type: "dovecot", path: "inet:127.0.0.1:12345" })).smtpd_sasl_path,
        "inet:127.0.0.1:12345",
    );
    assert.equal(serviceOf(hub({ type: "cyrus" })).smtpd_sasl_path, "smtpd", "the admin's own smtpd.conf");
    const none = serviceOf(hub(undefined));
    assert.equal(none.smtpd_sasl_auth_enable, "no");
    assert.equal(none.smtpd_relay_restrictions, "permit_tls_clientcerts,defer");
});

test("users of our own have a configuration and a database of their own", () => {
    const users = { alice: "hunter2" };
    const service = serviceOf(hub({ type: "cyrus", users }));
    assert.equal(service.smtpd_sasl_path, "@{sasl-users}");
    assert.equal(service.cyrus_sasl_config_path, "$config_directory/pulumi-sasl");
    assert.equal(service.smtpd_sasl_local_domain, "laptops");
    assert.deepEqual(hubSaslTables({ type: "cyrus", users }), {
        "sasl-users": { type: "sasldb", entries: users },
    });
});

test("on the shared port it stands in main.cf", () => {
    const { main } = hub({ type: "dovecot" }, { mode: "dedicated", port: 25 });
    assert.equal(main.smtpd_sasl_type, "dovecot");
    assert.equal(main.smtpd_tls_auth_only, "yes");
});

test("a laptop tells its password to a verified hub and to nobody else", () => {
    const link = { hostname: "mailhub.example.com", port: 587, pins: [pin("AA")] };
    const { main } = roadWarriorSettings({ hub: link, identity: [], settings: {}, sasl: true });
    assert.equal(main.smtp_sasl_auth_enable, "yes");
    assert.match(main.smtp_sasl_security_options ?? "", /noplaintext/);
    assert.match(main.smtp_sasl_tls_security_options ?? "", /noplaintext/);
    assert.equal(main.smtp_sasl_tls_verified_security_options, "noanonymous");
    assert.deepEqual(laptopSaslEntries("[mailhub.example.com]:587", "alice", "a:b c"), {
        "[mailhub.example.com]:587": "alice:a:b c",
    });
});

const connection = { host: "192.0.2.25", hostKey };
const hubProblems = (sasl: unknown, more = {}) =>
    problemsOf(validateSmartHost, { hostname: "mailhub.example.com", connection, sasl, ...more });
const laptopProblems = (sasl: unknown) =>
    problemsOf(validateRoadWarrior, { smartHost: later, connection, sasl });

test("what cannot be a login is refused, and no password is repeated", () => {
    assert.deepEqual(hubProblems({ type: "dovecot" }), []);
    assert.deepEqual(hubProblems({ type: "cyrus", users: { alice: later, "bob.x": "a b:c" } }), []);
    assert.match(hubProblems({})[0] ?? "", /^sasl\.type: missing/);
    assert.match(hubProblems("dovecot")[0] ?? "", /^sasl: given "dovecot"/);
    assert.match(hubProblems({ type: "dovecott" })[0] ?? "", /^sasl\.type: .*is "dovecot" meant\?/);
    assert.match(
        hubProblems({ type: "dovecot", user: {} })[0] ?? "",
        /^sasl\.user: unknown; is users meant\?/,
    );
    assert.match(
        hubProblems({ type: "dovecot", users: { a: "b" } })[0] ?? "",
        /^sasl\.users: Dovecot keeps its own users/,
    );
    assert.match(
        hubProblems({ type: "cyrus", path: "x", users: { a: "b" } })[0] ?? "",
        /^sasl\.path: does not go with users/,
    );
    assert.match(
        hubProblems({ type: "cyrus", users: { a: "b" } }, { port: 25 })[0] ?? "",
        /^sasl\.users: does not go with port 25/,
    );
    assert.match(hubProblems({ type: "cyrus", users: {} })[0] ?? "", /^sasl\.users: given none/);
    assert.match(
        hubProblems({ type: "cyrus", users: { "a b": "c" } })[0] ?? "",
        /^sasl\.users\["a b"\]: is no name/,
    );
    assert.match(hubProblems({ type: "dovecot", path: "a b" })[0] ?? "", /^sasl\.path: given "a b"/);
    assert.deepEqual(laptopProblems({ username: "alice", password: "hunter2" }), []);
    assert.match(laptopProblems({ username: "alice" })[0] ?? "", /^sasl\.password: missing/);
    assert.match(
        laptopProblems({ username: "al:ice", password: "x" })[0] ?? "",
        /^sasl\.username: given "al:ice"/,
    );
    for (const password of ["hunter2\n", " hunter2", "", 7]) {
        const [problem = ""] = laptopProblems({ username: "alice", password });
        assert.match(problem, /^sasl\.password: /);
        assert.ok(!problem.includes("hunter2"));
        assert.match(
            hubProblems({ type: "cyrus", users: { alice: password } })[0] ?? "",
            /^sasl\.users\.alice: /,
        );
    }
});

test("passwords in a stack file stand there encrypted, or not at all", () => {
    const config = {
        smartHost: {
            hostname: "mailhub.example.com",
            connection,
            sasl: { type: "cyrus", users: { alice: "hunter2" } },
        },
        laptops: {
            alice: {
                connection: { host: "192.0.2.101", hostKey },
                sasl: { username: "alice", password: "hunter2" },
            },
        },
    };
    const told = (isSecret: boolean) => {
        const problems = new Problems();
        validateStackConfig(config, problems, () => isSecret);
        return problems.list.map(({ path, reason }) => `${path}: ${reason}`);
    };
    assert.deepEqual(told(true), []);
    const inClear = told(false);
    assert.equal(inClear.length, 2, inClear.join("\n"));
    assert.match(
        inClear[0] ?? "",
        /^smartHost\.sasl\.users\.alice: stands in the stack file in clear.*--path 'smartHost\.sasl\.users\.alice'/,
    );
    assert.match(inClear[1] ?? "", /^laptops\.alice\.sasl\.password: stands in the stack file in clear/);
});
