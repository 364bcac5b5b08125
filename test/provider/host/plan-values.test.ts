import assert from "node:assert/strict";
import { test } from "node:test";
import { decisive } from "../../../postfix/judge/open-relay";
import type { HostFacts } from "../../../provider/host/facts";
import { planChange } from "../../../provider/host/plan";
import { askedThings } from "../../../provider/host/plan-named";
import { askedNames } from "../../../provider/host/plan-names";
import { privateKey, validBetween } from "../../certificates";
import { factsOf, hub, ids, plain, target } from "./fixtures";

const problemsOf = (settings: Record<string, string>, facts: Partial<HostFacts>): string[] =>
    planChange(plain({ main: settings }), factsOf(facts), target(ids.plain)).problems.map(
        ({ path, reason }) => `${path}: ${reason}`,
    );

const named = (more: Partial<HostFacts["named"]>): Partial<HostFacts> => ({
    named: { files: {}, badTables: {}, missingDaemons: {}, ...more },
});

test("the probe asks for what the settings name: parameters they read, files, tables, daemons", () => {
    const inputs = plain({
        main: {
            myorigin: "$mydomain",
            smtp_tls_CAfile: "/etc/a.pem",
            canonical_maps: "hash:/etc/x, @{mine}",
        },
        services: { "10025/inet": { command: "spawn user=x", options: { smtpd_banner: "$b" } } },
        tables: { mine: { entries: {} } },
    });
    const names = askedNames(inputs).filter((name) => !decisive.includes(name));
    assert.deepEqual(names, [
        ...["myorigin", "mydomain", "smtp_tls_CAfile", "canonical_maps", "smtpd_banner", "b"],
    ]);
    assert.deepEqual(askedThings(inputs), {
        files: ["/etc/a.pem"],
        tables: ["hash:/etc/x"],
        daemons: ["spawn"],
    });
});

test("nothing that a shell would take apart is asked for", () => {
    const settings = { smtp_tls_CAfile: "/etc/$(reboot)", canonical_maps: "hash:/etc/*;x" };
    const services = { "10025/inet": { command: "`x`", options: {} } };
    const asked = askedThings(plain({ main: settings, services }));
    assert.doesNotMatch(Object.values(asked).flat().join(" "), /[$`*;()]/);
});

test("a name of a setting is judged by the default that the host has for it", () => {
    assert.deepEqual(problemsOf({ biff: "true" }, {}), []);
    assert.deepEqual(problemsOf({ biff: "true" }, { defaults: { biff: "yes" } }), [
        'main.biff: given "true", allowed: yes or no',
    ]);
});

test("a name that a value reads may be set in main.cf, by us or by others, or by allowUnknown", () => {
    const unknownNames = ["mine"];
    assert.equal(problemsOf({ myorigin: "$mine" }, { unknownNames }).length, 1);
    assert.deepEqual(problemsOf({ myorigin: "$mine", mine: "x" }, { unknownNames }), []);
    const facts = factsOf({ unknownNames });
    assert.deepEqual(
        problemsOf({ myorigin: "$mine" }, { ...facts, mainCf: `${facts.mainCf}mine = x\n` }),
        [],
    );
    const inputs = plain({ main: { myorigin: "$mine" } }, { allowUnknown: true });
    assert.deepEqual(planChange(inputs, facts, target(ids.plain)).problems, []);
});

test("a name that a value reads may be set by another -o of the same service, not by one of another", () => {
    const own = { smtpd_client_restrictions: "$mine", mine: "permit" };
    const problems = (services: Record<string, Record<string, string>>, main = {}) =>
        planChange(
            plain({
                main,
                services: Object.fromEntries(
                    Object.entries(services).map(([name, options]) => [name, { command: "smtpd", options }]),
                ),
            }),
            factsOf({ unknownNames: ["mine"] }),
            target(ids.plain),
        ).problems.map(({ path }) => path);
    assert.deepEqual(problems({ "10025/inet": own }), []);
    const reads = { smtpd_client_restrictions: "$mine" };
    assert.deepEqual(problems({ "10025/inet": own, "10026/inet": reads }), [
        'services["10026/inet"].options.smtpd_client_restrictions',
    ]);
    assert.deepEqual(problems({ "10025/inet": own }, { myorigin: "$mine" }), ["main.myorigin"]);
});

test("a table on the host that cannot be read is a problem, one that is read all the same a warning", () => {
    const planned = (name: string, said: string) =>
        planChange(
            plain({ main: { [name]: "hash:/etc/x" } }),
            factsOf(named({ badTables: { "hash:/etc/x": said } })),
            target(ids.plain),
        );
    for (const said of [
        "fatal: open database /etc/x.db: No such file or directory",
        "error: open database /etc/x.db: No such file or directory",
        "warning: hash:/etc/x is unavailable. open database /etc/x.db: No such file or directory",
        "warning: unsupported dictionary type: hash (/etc/x)",
    ]) {
        const { problems, warnings } = planned("canonical_maps", said);
        assert.deepEqual(problems, [
            {
                path: "main.canonical_maps",
                reason: `hash:/etc/x of the host cannot be read: ${said}. Every mail that asks it would wait: make it there (postmap hash:/etc/x), or give the table in tables and name it @{name}`,
            },
        ]);
        assert.deepEqual(warnings, []);
    }
    const stale = "warning: database /etc/x.db is older than source file /etc/x";
    const { problems, warnings } = planned("canonical_maps", stale);
    assert.deepEqual(problems, []);
    assert.deepEqual(warnings, [
        `main.canonical_maps: hash:/etc/x of the host: ${stale}; is postmap hash:/etc/x to be run there?`,
    ]);
    const rule = "warning: regexp map /etc/x, line 1: no regexp: skipping this rule";
    assert.deepEqual(planned("canonical_maps", rule).warnings, [
        `main.canonical_maps: hash:/etc/x of the host: ${rule}`,
    ]);
    for (const name of ["alias_maps", "alias_database"]) {
        assert.match(planned(name, "fatal: x").problems[0]?.reason ?? "", /\(postalias hash:\/etc\/x\)/);
        assert.match(planned(name, stale).warnings[0] ?? "", /is postalias hash:\/etc\/x to be run there\?$/);
    }
});

test("a next hop is judged by where the host listens, and by what it is called", () => {
    const hop = (relayhost: string, more: Record<string, string> = {}) =>
        problemsOf({ relayhost, ...more }, { hostname: "alice.example.com" });
    assert.match(
        hop("[127.0.0.1]").join(),
        /^main\.relayhost: given "\[127\.0\.0\.1\]", which is this machine/,
    );
    assert.deepEqual(hop("[127.0.0.1]", { inet_interfaces: "192.0.2.5" }), []);
    const own = { myhostname: "mail.example.com" };
    assert.match(hop("mail.example.com", own).join(), /^main\.relayhost: given .*must not be identical/);
    assert.deepEqual(hop("alice.example.com", own), []);
});

test("caches that daemons make themselves are not asked for", () => {
    const main = (name: string) => ({ main: { [name]: "btree:/var/lib/postfix/x" } });
    for (const name of [
        ...["smtpd_tls_session_cache_database", "address_verify_map", "postscreen_cache_map"],
    ])
        assert.deepEqual(askedThings(plain(main(name))).tables, [], name);
    for (const name of ["alias_database", "canonical_maps"])
        assert.deepEqual(askedThings(plain(main(name))).tables, ["btree:/var/lib/postfix/x"], name);
});

test("a file of TLS holds what its parameter wants", () => {
    const faultOf = (name: string, kinds: string[]) =>
        problemsOf({ [name]: "/etc/a" }, named({ files: { "/etc/a": kinds } })).length;
    const both = ["file", "EC PRIVATE KEY", "CERTIFICATE"];
    for (const [name, good, bad] of [
        ["smtp_tls_cert_file", both, ["file", "PRIVATE KEY"]],
        ["smtp_tls_eckey_file", both, ["file", "CERTIFICATE"]],
        ["smtp_tls_chain_files", both, ["file", "CERTIFICATE"]],
        ["smtp_tls_chain_files", both, ["file", "PRIVATE KEY"]],
        ["smtp_tls_CAfile", ["file", "TRUSTED CERTIFICATE"], ["file"]],
        ["smtp_tls_CAfile", both, ["folder"]],
        ["smtp_tls_CApath", ["folder"], ["file", "CERTIFICATE"]],
        ["smtp_tls_CApath", ["folder"], []],
    ] as const) {
        assert.equal(faultOf(name, [...good]), 0, name);
        assert.equal(faultOf(name, [...bad]), 1, name);
    }
    assert.deepEqual(problemsOf({ smtp_tls_CAfile: "none" }, {}), []);
    const files = { "/etc/a": ["file", "PRIVATE KEY"], "/etc/b": ["file", "CERTIFICATE"] };
    assert.deepEqual(problemsOf({ smtp_tls_chain_files: "/etc/a, /etc/b" }, named({ files })), []);
});

test("a certificate that is not valid now is a warning", () => {
    const key = privateKey();
    const warned = (from: string, to: string) => {
        const identity = [{ privateKey: key, certificate: validBetween("x", key, from, to) }];
        return planChange(hub({}, { identity }), factsOf(), target(ids.hub)).warnings;
    };
    assert.match(
        warned("20200101", "20200201")[0] ?? "",
        /^chains\.identity\[0\]\.certificate: expired on 2020-02-01/,
    );
    assert.match(warned("20900101", "20900201")[0] ?? "", /is not valid before 2090-01-01/);
    assert.deepEqual(warned("20200101", "20900101"), []);
});

test("a preview judges no value that is not known yet", () => {
    const later = {
        smtp_tls_fingerprint_cert_match: "(known after up)",
        mynetworks: "(known after up), 127.0.0.0/8",
    };
    assert.deepEqual(problemsOf(later, {}), []);
    assert.notDeepEqual(problemsOf({ smtp_tls_fingerprint_cert_match: "(else)" }, {}), []);
});
