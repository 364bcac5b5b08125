import assert from "node:assert/strict";
import { test } from "node:test";
import { decisive } from "../../../postfix/judge/open-relay";
import { planChange } from "../../../provider/host/plan";
import { askedThings } from "../../../provider/host/plan-named";
import { askedNames } from "../../../provider/host/plan-names";
import type { HostFacts } from "../../../provider/host/probe";
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
