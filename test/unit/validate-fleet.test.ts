import assert from "node:assert/strict";
import { test } from "node:test";
import { clonedDisks } from "../../postfix/fleet/cloned-disks";
import { withDefaults } from "../../postfix/fleet/entries";
import { parseLaptopsFile } from "../../postfix/fleet/laptops-file";
import { Problems } from "../../postfix/problems";
import { validateFleet } from "../../postfix/validate/fleet";
import { validateStackConfig } from "../../postfix/validate/stack-config";
import { hostKey, later, link, pin } from "./validate-helpers";

const at = (host: string, more = {}) => ({ connection: { host, hostKey }, ...more });
const csv = (...lines: string[]) => parseLaptopsFile("berlin.csv", lines.join("\n"));

type Args = Record<string, unknown>;

function check(args: Args, file?: ReturnType<typeof csv>): string[] {
    const problems = new Problems();
    validateFleet({ smartHost: link, ...args }, problems, (value) => value !== later, file);
    return problems.list.map(({ path, reason }) => `${path}: ${reason}`);
}

function only(args: Args, file?: ReturnType<typeof csv>): string {
    const found = check(args, file);
    assert.equal(found.length, 1, found.join("\n"));
    return found[0] ?? "";
}

test("good fleets pass: by name, as a list, from a file, all by defaults, none at all", () => {
    const relayAccess = at("192.0.2.25");
    assert.deepEqual(
        check({
            relayAccess,
            laptops: { alice: at("192.0.2.101"), bob: { host: "b", connection: { hostKey } } },
        }),
        [],
    );
    assert.deepEqual(
        check({ laptops: [{ name: "alice", hubPort: 2525, formerly: "alicia", ...at("192.0.2.101") }] }),
        [],
    );
    assert.deepEqual(check({ defaults: at("x"), laptops: { alice: null } }), []);
    assert.deepEqual(
        check(
            { defaults: { connection: { hostKey } } },
            csv("name,host", "alice,192.0.2.101", "bob,192.0.2.102"),
        ),
        [],
    );
    assert.deepEqual(check({}), []);
    assert.deepEqual(check({ smartHost: later, laptops: { alice: { connection: later } } }), []);
});

test("every problem of a whole fleet is told at once, each where its words stand", () => {
    const found = check(
        {
            smartHost: { ...link, pins: [] },
            relayAcces: {},
            relayAccess: { connection: { host: "192.0.2.25" }, port: 22 },
            defaults: { sudo: "yes", formerly: "x" },
            laptops: [
                { name: "alice", ...at("192.0.2.101"), hubPort: "25" },
                { name: "alice", ...at("192.0.2.102") },
                at("192.0.2.103"),
                { name: "dave", connection: { host: "192.0.2.104" }, settings: { relayhost: "x" } },
            ],
            laptopsFile: "berlin.csv",
        },
        csv("name,connection.host,connection.hostKey,connection.prot", "erin,192.0.2.105,,"),
    );
    const paths = found.map(
        (line) => line.split(/: (?=missing|given|unknown|is |it |connection.prot is|stands)/)[0],
    );
    assert.deepEqual(paths.sort(), [
        "berlin.csv:1: column 4",
        "berlin.csv:2: connection.hostKey",
        "defaults.formerly",
        "defaults.sudo",
        "laptops[0].hubPort",
        "laptops[1].name",
        "laptops[2].name",
        "laptops[3].connection.hostKey",
        "laptops[3].settings.relayhost",
        "relayAcces",
        "relayAccess.connection.hostKey",
        "relayAccess.port",
        "smartHost.pins",
    ]);
});

test("a misspelt key is answered with the nearest one, or with where it belongs", () => {
    const laptop = (more: Args) => ({ laptops: { alice: at("192.0.2.101", more) } });
    assert.match(only({ laptop: {} }), /^laptop: unknown; is laptops meant\?/);
    assert.match(
        only(laptop({ onUnreachabel: "pending" })),
        /^laptops\.alice\.onUnreachabel: unknown; is onUnreachable meant\?/,
    );
    assert.match(
        only(laptop({ port: 587 })),
        /^laptops\.alice\.port: unknown; is hubPort meant.*connection\.port/,
    );
    assert.match(
        only(laptop({ hostKey })),
        /^laptops\.alice\.hostKey: unknown; is connection\.hostKey meant\?/,
    );
    assert.match(only(laptop({ smartHost: link })), /^laptops\.alice\.smartHost: unknown here: .*one hub/);
    assert.match(only(laptop({ name: "bob" })), /^laptops\.alice\.name: unknown here: its name is the key/);
    assert.match(only({ defaults: { sudoo: true } }), /^defaults\.sudoo: unknown; is sudo meant\?/);
});

test("what comes later as a whole cannot be looked into", () => {
    assert.match(only({ laptops: later }), /^laptops: comes later as a whole/);
    assert.match(only({ laptops: [later] }), /^laptops\[0\]: comes later as a whole/);
    assert.match(only({ defaults: later }), /^defaults: comes later as a whole/);
    assert.match(only({ relayAccess: later }), /^relayAccess: comes later as a whole/);
    assert.match(only({ laptopsFile: later }), /^laptopsFile: comes later as a whole/);
    assert.match(
        only({ laptops: { alice: { host: "x", connection: later } } }),
        /^laptops\.alice\.host: cannot join a connection/,
    );
});

test("two laptops at one address are refused, with both places; behind a jump host they may be two", () => {
    const laptops = { alice: at("192.0.2.101"), bob: at("192.0.2.101", {}) };
    assert.match(
        only({ laptops }),
        /^laptops\.bob\.connection\.host: given 192\.0\.2\.101:22, where alice \(laptops\.alice\) is too/,
    );
    const other = { connection: { host: "192.0.2.101", port: 2222, hostKey } };
    assert.deepEqual(check({ laptops: { alice: at("192.0.2.101"), bob: other } }), []);
    const proxied = { connection: { host: "x", hostKey, proxy: { host: "jump", hostKey } } };
    assert.deepEqual(check({ laptops: { alice: proxied, bob: proxied } }), []);
    assert.match(
        only(
            { laptops: { alice: at("192.0.2.101") }, defaults: { connection: { hostKey } } },
            csv("name,host", "bob,192.0.2.101"),
        ),
        /^berlin\.csv:2: host: given 192\.0\.2\.101:22, where alice/,
    );
});

test("a laptop at the hub's address is refused", () => {
    const relayAccess = at("192.0.2.25");
    assert.match(
        only({ relayAccess, laptops: { alice: at("192.0.2.25") } }),
        /^laptops\.alice\.connection\.host: .*its own hub/,
    );
});

test("a name is one laptop's, in a file too, and so is a former one", () => {
    const defaults = { connection: { hostKey } };
    const file = csv("name,host,formerly", "alice,192.0.2.102,");
    assert.match(
        only({ defaults, laptops: { alice: { host: "x" } } }, file),
        /^berlin\.csv:2: name: given "alice".*which laptops\.alice has too/,
    );
    const formerly = (name: unknown) => ({
        laptops: { alice: at("192.0.2.101", { formerly: name }), bob: at("192.0.2.102") },
    });
    assert.match(only(formerly("alice")), /^laptops\.alice\.formerly: .*which is its name now/);
    assert.match(only(formerly("bob")), /^laptops\.alice\.formerly: .*which laptops\.bob has/);
    assert.match(only(formerly("a b")), /^laptops\.alice\.formerly: given "a b"/);
    const twins = { alice: at("192.0.2.101", { formerly: "x" }), bob: at("192.0.2.102", { formerly: "x" }) };
    assert.match(only({ laptops: twins }), /^laptops\.bob\.formerly: .*which laptops\.alice\.formerly has/);
});

test("host is short for connection.host, and stands in one place", () => {
    assert.match(
        only({ laptops: { alice: at("192.0.2.101", { host: "x" }) } }),
        /^laptops\.alice\.host: stands in connection\.host too/,
    );
    assert.match(
        only({ laptops: { alice: { host: "a b", connection: { hostKey } } } }),
        /^laptops\.alice\.host: given "a b"/,
    );
    const own = { host: "own", connection: { port: 1 } };
    assert.deepEqual(withDefaults(own, { connection: { host: "default", user: "u" } }), {
        connection: { host: "own", user: "u", port: 1 },
    });
});

test("a secret in a file of laptops is refused, and not repeated", () => {
    const file = csv(
        "name,host,connection.hostKey,connection.password",
        `alice,192.0.2.101,${hostKey},hunter2`,
    );
    const problem = only({}, file);
    assert.match(problem, /^berlin\.csv:2: connection\.password: stands in the file in clear/);
    assert.ok(!problem.includes("hunter2"));
    const tables = { sasl: { entries: { x: "user:hunter2" } } };
    const yaml = JSON.stringify({
        alice: at("192.0.2.101", { settings: { lmtp_sasl_password_maps: "@{sasl}" }, tables }),
    });
    const found = check({}, parseLaptopsFile("berlin.yaml", yaml));
    assert.ok(
        found.some((line) =>
            line.startsWith("berlin.yaml:1: tables.sasl.entries.x: stands in the file in clear"),
        ),
    );
    assert.ok(!found.join().includes("hunter2"));
});

test("laptops with one SSH host key are named together, in one warning a key", () => {
    const other = hostKey.replace("AABAgM", "AABAgN");
    const laptop = (name: string, key: unknown) => ({
        name,
        args: { connection: { host: name, hostKey: key } },
    });
    const [warning = "", ...more] = clonedDisks([
        laptop("alice", hostKey),
        laptop("bob", `${other}\n${hostKey} bob`),
        laptop("carol", hostKey.replace("AABAgM", "AABAgQ")),
        laptop("dave", later),
        { name: "erin", args: {} },
    ]);
    assert.deepEqual(more, []);
    assert.match(warning, /^alice and bob have one SSH host key \(SHA256:/);
    assert.deepEqual(clonedDisks([laptop("alice", hostKey), laptop("bob", other)]), []);
});

const reference = { stack: "organization/postfix-stacks/prod", ...at("192.0.2.25") };

function checkConfig(
    config: Args,
    file?: ReturnType<typeof csv>,
    ownStack = "postfix-stacks/berlin",
): string[] {
    const problems = new Problems();
    validateStackConfig(config, problems, () => false, { file, ownStack });
    return problems.list.map(({ path, reason }) => `${path}: ${reason}`);
}

test("a stack's config tells the same of a fleet in the same words", () => {
    const laptops = { alice: at("192.0.2.101", { hostKey, port: 1 }), bob: at("192.0.2.101") };
    const inConfig = checkConfig({ smartHost: reference, laptops });
    assert.ok(inConfig.length >= 3);
    assert.deepEqual(inConfig, check({ laptops }));
    const file = csv("name,host", "carol,192.0.2.103");
    assert.deepEqual(
        checkConfig({ smartHost: reference, laptopsFile: "berlin.csv" }, file),
        check({ laptopsFile: "berlin.csv" }, file),
    );
});

test("the hub of another stack: named, reached, and not the stack itself", () => {
    const bad = (smartHost: Args, more: Args = {}) => {
        const found = checkConfig({ smartHost, ...more });
        assert.equal(found.length, 1, found.join("\n"));
        return found[0] ?? "";
    };
    assert.deepEqual(checkConfig({ smartHost: { stack: "prod" } }), []);
    assert.deepEqual(
        checkConfig({
            smartHost: { ...reference, output: "link", name: "mail", sudo: true },
            fleet: "berlin",
        }),
        [],
    );
    assert.match(bad({ stack: 5 }), /^smartHost\.stack: given 5, allowed: the stack of the hub/);
    for (const self of ["berlin", "postfix-stacks/berlin", "organization/postfix-stacks/berlin"])
        assert.match(bad({ stack: self }), /^smartHost\.stack: .*which is this stack itself/);
    assert.match(
        bad({ ...reference, hostname: "x" }),
        /^smartHost\.hostname: unknown; allowed: stack, output/,
    );
    assert.match(bad({ ...reference, outptu: "x" }), /^smartHost\.outptu: unknown; is output meant\?/);
    assert.match(bad({ stack: "prod", sudo: true }), /^smartHost\.connection: missing/);
    assert.match(
        bad({ hostname: "mail.example.com", ...at("192.0.2.25") }, { fleet: "x" }),
        /^fleet: does not go with a hub of this stack's own/,
    );
    assert.match(bad(reference, { fleet: "a b" }), /^fleet: given "a b"/);
    assert.match(
        bad(reference, { laptops: { hub: at("192.0.2.101") } }),
        /^laptops\.hub: .*which smartHost has too/,
    );
    assert.match(bad(reference, { laptops: { alice: at("192.0.2.25") } }), /its own hub/);
});

test("link faults are the link's own, and told once", () => {
    const laptops = { alice: at("192.0.2.101"), bob: at("192.0.2.102") };
    assert.match(only({ smartHost: { ...link, pins: ["x"] }, laptops }), /^smartHost\.pins\[0\]: /);
    assert.match(only({ smartHost: undefined }), /^smartHost: missing/);
    assert.match(
        only({ smartHost: { ...link, pins: [pin("AA")], version: 2 }, laptops }),
        /^smartHost\.version: /,
    );
});
