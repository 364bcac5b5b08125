import assert from "node:assert/strict";
import { test } from "node:test";
import { Problems } from "../../postfix/problems";
import { ArgsCheck } from "../../postfix/validate/args";
import { checkHatch, type OwnParts } from "../../postfix/validate/hatch";
import { validateSettings } from "../../postfix/validate/settings";
import { later as unknown } from "./validate-helpers";

const own: OwnParts = { services: ["587/inet"], files: ["identity"] };

function check(args: Record<string, unknown>, parts: OwnParts = own): string[] {
    const problems = new Problems();
    checkHatch(new ArgsCheck(args, problems, (value) => value !== unknown), parts);
    return problems.list.map(({ path, reason }) => `${path}: ${reason}`);
}
const one = (args: Record<string, unknown>, parts?: OwnParts): string => {
    const found = check(args, parts);
    assert.equal(found.length, 1, found.join("\n"));
    return found[0] ?? "";
};
const laptop: OwnParts = {
    services: [],
    files: ["identity"],
    laptop: { smtp_tls_security_level: "fingerprint" },
};

test("services, tables and settings that name them are fine", () => {
    assert.deepEqual(
        check({
            services: {
                "465/inet": {
                    command: "smtpd",
                    options: { smtpd_tls_wrappermode: "yes" },
                    process_limit: "5",
                },
                "filter/unix": {
                    command: "pipe flags=Rq user=filter argv=/usr/bin/filter",
                    unprivileged: "n",
                },
                "slow/unix": { command: "smtp", options: { smtp_generic_maps: "@{generic}" } },
            },
            tables: { generic: { entries: { "a@b": "c@d" } }, checks: { type: "regexp", text: "/x/ OK" } },
            settings: { header_checks: "@{checks}", smtpd_tls_chain_files: "@{identity}" },
            allowUnknown: true,
            exclusive: false,
        }),
        [],
    );
});

test("what comes later is checked later", () => {
    const table = { type: unknown, entries: { a: unknown } };
    const service = { command: unknown, options: { x: unknown }, chroot: unknown };
    assert.deepEqual(check({ tables: { a: table, b: unknown }, services: { "x/unix": service } }), []);
    assert.deepEqual(check({ tables: unknown, services: unknown, settings: { x: "@{who_knows}" } }), []);
});

test("a whole service is there when the program runs: it is joined with our own lines", () => {
    assert.equal(
        one({ services: { "x/unix": unknown } }),
        'services["x/unix"]: comes later, allowed: what is there when the program runs; single values in it may come later',
    );
});

test("a service of the resource itself is refused by its port, however it is called", () => {
    for (const name of ["587/inet", "submission/inet", "127.0.0.1:587/inet"])
        assert.match(
            one({ services: { [name]: { command: "smtpd" } } }),
            /is set by this resource itself, and nothing is set twice/,
        );
    assert.deepEqual(check({ services: { "submission/unix": { command: "smtp" } } }), []);
});

test("two names for one service are refused", () => {
    const services = { "465/inet": { command: "smtpd" }, "smtps/inet": { command: "smtpd" } };
    assert.equal(
        one({ services }),
        'services["smtps/inet"]: is the same service as "465/inet", of which only one would count: leave one out',
    );
    const apart = {
        "127.0.0.1:2525/inet": { command: "smtpd" },
        "192.0.2.1:2525/inet": { command: "smtpd" },
    };
    assert.deepEqual(check({ services: apart }), []);
});

test("what master.cf cannot hold", () => {
    const services = {
        smtp: { command: "smtp" },
        "x/inet": { command: "smtpd" },
        "a/unix": { command: "" },
        "b/unix": { command: "smtp\nx", options: { "a b": "1", c: 1, d: "{", e: "a\nb" }, chroot: "yes" },
        "c/unix": "smtp",
        "d/unix": { command: "smtp", maxproc: "1" },
    };
    const paths = check({ services }).map((line) => line.split(": ")[0]);
    assert.deepEqual(paths, [
        "services.smtp",
        'services["x/inet"]',
        'services["a/unix"].command',
        'services["b/unix"].command',
        'services["b/unix"].options["a b"]',
        'services["b/unix"].options.c',
        'services["b/unix"].options.d',
        'services["b/unix"].options.e',
        'services["b/unix"].chroot',
        'services["c/unix"]',
        'services["d/unix"].maxproc',
    ]);
});

test("a laptop's service must not lead around the pin", () => {
    const weak = { command: "smtp", options: { smtp_tls_security_level: "may", smtp_helo_name: "x" } };
    assert.match(
        one({ services: { "slow/unix": weak } }, laptop),
        /^services\["slow\/unix"\]\.options\.smtp_tls_security_level: weakens or replaces the pin .*leave it out$/,
    );
    assert.match(
        one({ services: { "smtp/unix": { command: "pipe argv=/bin/x" } } }, laptop),
        /^services\["smtp\/unix"\]: can send mail past the hub/,
    );
    assert.deepEqual(check({ services: { "slow/unix": weak } }), [], "a hub's may");
    const same = { command: "smtp", options: { smtp_tls_security_level: "fingerprint" } };
    assert.deepEqual(check({ services: { "slow/unix": same } }, laptop), []);
});

test("a table's name is a file's, and no other file's", () => {
    for (const [name, reason] of [
        ["identity", /is the name of a file that this resource has itself/],
        ["pins", /is the name of a file that each resource has/],
        ["../x", /wants a name of lower-case letters/],
        ["A", /wants a name of lower-case letters/],
    ] as const)
        assert.match(one({ tables: { [name]: { entries: {} } } }), reason);
});

test("a table is entries or text of a type that there is; no value is repeated", () => {
    const tables = { a: { type: "hsah", entries: {} }, b: {}, c: { entries: { x: "hunter2\n" } }, d: 5 };
    const found = check({ tables });
    assert.deepEqual(
        found.map((line) => line.split(": ")[0]),
        ["tables.a.type", "tables.b", "tables.c.entries.x", "tables.d"],
    );
    assert.doesNotMatch(found.join(), /hunter2/);
});

test("passwords within a value stand where everyone may read them: they belong into a table", () => {
    const sasl = "inline:{ hub=user:hunter2 }";
    const options = { smtp_sasl_password_maps: "proxy:static:user:hunter2" };
    const found = check({ services: { "slow/unix": { command: "smtp", options } } });
    assert.match(
        found.join(),
        /^services\["slow\/unix"\]\.options\.smtp_sasl_password_maps: holds passwords, .*into tables/,
    );
    const problems = new Problems();
    const settings = {
        smtp_sasl_password_maps: sasl,
        virtual_alias_maps: "inline:{ a=b }",
        smtpd_x: "static:y",
    };
    validateSettings(settings, problems, { owned: [], isKnown: () => true });
    assert.deepEqual(
        problems.list.map(({ path }) => path),
        ["smtp_sasl_password_maps"],
    );
    assert.doesNotMatch([...found, ...problems.list.map(({ reason }) => reason)].join(), /hunter2/);
    const named = { smtp_sasl_password_maps: "@{sasl}" };
    assert.deepEqual(check({ settings: named, tables: { sasl: { entries: {} } } }), []);
});

test("a @{name} without a table is an error that names the tables there are", () => {
    const tables = { generic: { entries: {} }, senders: { entries: {} } };
    assert.equal(
        one({ tables, settings: { smtp_generic_maps: "@{genric}" } }),
        "settings.smtp_generic_maps: names @{genric}, and of that name there is no table here; is @{generic} meant?",
    );
    assert.match(
        one({ tables, services: { "x/unix": { command: "smtp", options: { a: "@{elsewhere}" } } } }),
        /^services\["x\/unix"\]\.options\.a: .*there are: generic, senders, identity$/,
    );
    assert.match(one({ settings: { a: "@{x}" } }, { services: [], files: [] }), /there is none$/);
});

test("a table that its reader could not open is refused", () => {
    const tables = { users: { entries: { root: "x" } } };
    assert.match(
        one({ tables, settings: { authorized_submit_users: "!@{users}, static:all" } }),
        /is read by every user's commands/,
    );
    assert.match(
        one({ tables, settings: { virtual_alias_maps: "proxy:@{users}" } }),
        /proxymap\(8\) cannot open @\{users\}/,
    );
});
