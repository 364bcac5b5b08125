import assert from "node:assert/strict";
import { test } from "node:test";
import { validateSmartHost } from "../../postfix/validate/smart-host";
import { hostKey, later, problemsOf } from "./validate-helpers";

const good = { hostname: "mailhub.example.com", connection: { host: "192.0.2.25", user: "root", hostKey } };

const check = (more: Record<string, unknown>): string[] =>
    problemsOf(validateSmartHost, { ...good, ...more });

/** The one problem there is. */
function only(more: Record<string, unknown>): string {
    const found = check(more);
    assert.equal(found.length, 1, `one problem expected, found:\n${found.join("\n")}`);
    return found[0] ?? "";
}

test("good arguments pass", () => {
    assert.deepEqual(check({}), []);
    const everything = {
        sudo: true,
        knownHosts: "/etc/ssh/ssh_known_hosts",
        insecureIgnoreHostKey: false,
        mode: "guest",
        port: 2525,
        keyAlgorithm: "both",
        keyGeneration: 3,
        validityPeriodHours: 1000,
        earlyRenewalHours: 10,
        settings: { message_size_limit: "52428800" },
        takeOver: ["relayhost", "submission/inet", "hub-1a2b3c4d", "*"],
        onUnreachable: "fail",
        onDelete: "hold",
        installPackage: true,
        hooks: { before: "true", after: "true" },
    };
    assert.deepEqual(check(everything), []);
    assert.deepEqual(check({ hostname: "192.0.2.25" }), []);
    assert.deepEqual(check({ port: 25 }), []);
});

test("what comes later is left alone", () => {
    const args = { hostname: later, connection: later, settings: { myhostname: later }, takeOver: [later] };
    assert.deepEqual(problemsOf(validateSmartHost, args), []);
});

test("what decides which settings there are cannot come later, and is not taken for what the user has set", () => {
    for (const field of ["settings", "services", "tables", "hooks"])
        assert.equal(
            only({ [field]: later }),
            `${field}: comes later, allowed: what is there when the program runs; single values in it may come later`,
        );
    for (const field of ["mode", "port", "outboundPolicy", "sasl", "keyGeneration", "certificateFiles"])
        assert.equal(
            only({ [field]: later }),
            `${field}: comes later, allowed: what is there when the program runs`,
        );
    assert.match(only({ sasl: { type: "cyrus", users: later } }), /^sasl\.users: comes later, /);
});

test("a host key is missing also where it is said that none may be missing", () => {
    const connection = { host: "192.0.2.25", user: "root" };
    assert.match(only({ connection, insecureIgnoreHostKey: false }), /^connection\.hostKey: missing/);
    assert.deepEqual(check({ connection, insecureIgnoreHostKey: later }), []);
});

test("all problems are found at once, each with its path", () => {
    const found = problemsOf(validateSmartHost, {
        hostname: "mail hub",
        port: 0,
        mode: "guset",
        connection: { host: "192.0.2.25", hostKey: "nonsense" },
        settings: { relay_domains: "a\nb", smtpd_tls_security_level: "may" },
        keyGeneration: 0,
    });
    const paths = found.map((line) => line.split(":")[0]);
    assert.deepEqual(paths.sort(), [
        "connection.hostKey",
        "hostname",
        "keyGeneration",
        "mode",
        "port",
        "settings.relay_domains",
        "settings.smtpd_tls_security_level",
    ]);
});

test("what is missing is named", () => {
    const found = problemsOf(validateSmartHost, {});
    assert.equal(found.length, 2);
    assert.match(found[0] ?? "", /^hostname: missing; the name under which laptops dial the hub/);
    assert.match(found[1] ?? "", /^connection: missing; how the machine is reached/);
});

for (const [hostname, reason] of [
    ["mail hub", /it holds a blank/],
    ["mailhub\nsmtpd_relay_restrictions = permit", /it holds a line break/],
    ["mailhub$(reboot)", /allowed: a host name of letters, digits, hyphens and dots/],
    ["mailhub;reboot", /allowed: a host name/],
    ["`id`", /allowed: a host name/],
    ["mail'hub", /allowed: a host name/],
    ["-mailhub", /allowed: a host name/],
    ["mail..hub", /allowed: a host name/],
    ["[mailhub.example.com]", /leave out the brackets/],
    ["mailhub.example.com:587", /the port belongs into port/],
    ["2001:db8::25", /give an IPv6 host a name/],
    ["mailhub.example.com.", /leave out the dot at the end/],
    ["pöstfix.example.com", /xn-- form/],
    [`${"a".repeat(60)}.example.com`, /at most 64 characters/],
    ["", /allowed: a host name/],
    [25, /given 25, allowed/],
] as const) {
    test(`hostname ${JSON.stringify(hostname).slice(0, 40)} is refused`, () => {
        const problem = only({ hostname });
        assert.match(problem, /^hostname: given /);
        assert.match(problem, reason);
    });
}

for (const port of [0, 99999, "25", 587.5, -1, Number.NaN, null]) {
    test(`port ${JSON.stringify(port)} is refused`, () => {
        assert.match(only({ port }), /^port: given .*, allowed: a whole number from 1 to 65535/);
    });
}

test("a port in quotes is shown as a string", () => {
    assert.match(only({ port: "25" }), /^port: given "25" \(a string\)/);
});

test("a guest cannot have main.cf to itself", () => {
    assert.match(only({ mode: "guest", exclusive: true }), /^exclusive: given true, .* mode "guest"/);
    assert.deepEqual(check({ exclusive: true, allowUnknown: true }), []);
});

test("a guest cannot have the admin's own port", () => {
    assert.match(
        only({ mode: "guest", port: 25 }),
        /^port: given 25, which is the admin's own in mode "guest"/,
    );
});

for (const [field, given, problem] of [
    ["mode", "guset", /^mode: given "guset".*allowed: "dedicated", "guest"; is "guest" meant\?/],
    ["keyAlgorithm", "ed25519", /^keyAlgorithm: .*allowed: "ecdsa-p256", "rsa-3072", "both"/],
    ["onUnreachable", "wait", /^onUnreachable: .*allowed: "fail", "pending"/],
    ["onDelete", true, /^onDelete: given true, allowed: "stop", "flush", "hold", "release"/],
    ["keyGeneration", 0, /^keyGeneration: given 0, allowed: 1, 2, 3/],
    ["keyGeneration", 1.5, /^keyGeneration: given 1.5, allowed: 1, 2, 3/],
    ["keyGeneration", "2", /^keyGeneration: given "2" \(a string\)/],
    ["sudo", "yes", /^sudo: given "yes" \(a string\), allowed: true or false, without quotes/],
    ["installPackage", 1, /^installPackage: given 1, allowed: true or false/],
    ["knownHosts", "", /^knownHosts: .*allowed: the path of a known_hosts file/],
    ["validityPeriodHours", 0, /^validityPeriodHours: given 0, allowed: whole hours, at least 1/],
    ["earlyRenewalHours", 0.5, /^earlyRenewalHours: given 0.5/],
    ["takeOver", "relayhost", /^takeOver: given "relayhost" \(a string\), allowed: a list of/],
    ["takeOver", ["relay host"], /^takeOver\[0\]: given "relay host"/],
    ["hooks", "date", /^hooks: .*allowed: \{ before, after \}/],
    ["hooks", { befor: "date" }, /^hooks\.befor: unknown; is before meant\?/],
    ["hooks", { after: 7 }, /^hooks\.after: given 7, allowed: a shell command/],
    ["settings", [], /^settings: given a list, allowed: main.cf parameters by name/],
    ["settings", { "a b": "c" }, /^settings\["a b"\]: is no parameter name/],
    [
        "settings",
        { myhostname: 7 },
        /^settings\.myhostname: given a number, allowed: a string; put it into quotes/,
    ],
    ["settings", { myhostname: "a\nb" }, /^settings\.myhostname: holds a line break/],
    ["hostnam", "x", /^hostnam: unknown; is hostname meant\?/],
    ["connectoin", {}, /^connectoin: unknown; is connection meant\?/],
    ["zzz", {}, /^zzz: unknown; allowed: connection, sudo/],
] as const) {
    test(`${field} ${JSON.stringify(given)} is refused`, () =>
        assert.match(only({ [field]: given }), problem));
}

test("early renewal ends before the whole of a certificate's life", () => {
    assert.match(
        only({ validityPeriodHours: 24, earlyRenewalHours: 24 }),
        /^earlyRenewalHours: given 24, allowed: less than validityPeriodHours \(24\)/,
    );
    assert.match(
        only({ validityPeriodHours: 24 }),
        /^earlyRenewalHours: .*720/,
        "the default counts as well",
    );
});

test("a parameter is set by the resource or by settings, never by both", () => {
    const problem = /^settings\.smtpd_tls_security_level: is set by this resource itself/;
    assert.match(only({ settings: { smtpd_tls_security_level: "may" } }), problem);
    assert.match(
        only({ settings: { relay_clientcerts: "hash:/etc/postfix/relay" } }),
        /is set by this resource itself/,
    );
    assert.deepEqual(check({ mode: "guest", settings: { smtpd_tls_security_level: "may" } }), []);
    assert.match(
        only({ port: 25, settings: { smtpd_relay_restrictions: "permit" } }),
        /is set by this resource itself/,
    );
});

test("the value of a setting is never repeated: it may hold a password", () => {
    const found = check({ settings: { a: "hunter2\nx", b: { secret: "hunter2" } } });
    assert.equal(found.length, 2);
    assert.ok(!found.join("\n").includes("hunter2"));
});

test("what @pulumi/command does, it does only where it can", () => {
    for (const more of [{ installPackage: true }, { hooks: { after: "date" } }]) {
        assert.match(only({ ...more, onUnreachable: "pending" }), /does not go with onUnreachable "pending"/);
        const connection = { host: "192.0.2.25" };
        const withKnownHosts = { ...more, connection, knownHosts: "/etc/ssh/ssh_known_hosts" };
        assert.match(only(withKnownHosts), /needs connection\.hostKey: .* would trust any machine/);
        assert.deepEqual(check({ ...more, connection, insecureIgnoreHostKey: true }), []);
        const proxy = { host: "192.0.2.1" };
        const throughProxy = { ...more, connection: { ...good.connection, proxy }, knownHosts: "/x" };
        assert.match(only(throughProxy), /needs connection\.proxy\.hostKey/);
    }
});
