import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { laptopsOf, withDefaults } from "../../postfix/fleet/entries";
import { Problems } from "../../postfix/problems";
import { secretOf, validateStackConfig } from "../../postfix/validate/stack-config";
import { hostKey } from "./validate-helpers";

const smartHost = { hostname: "mailhub.example.com", connection: { host: "192.0.2.25", hostKey } };
const laptop = (host: string) => ({ connection: { host, hostKey } });

/** Every problem as `path: reason`. `encrypted` are the keys that the stack file holds encrypted. */
function check(config: Record<string, unknown>, encrypted: string[] = []): string[] {
    const problems = new Problems();
    validateStackConfig(config, problems, (key) => encrypted.includes(key));
    return problems.list.map(({ path, reason }) => `${path}: ${reason}`);
}

function only(config: Record<string, unknown>, encrypted: string[] = []): string {
    const found = check(config, encrypted);
    assert.equal(found.length, 1, `one problem expected, found:\n${found.join("\n")}`);
    return found[0] ?? "";
}

test("good configs pass: a hub alone, laptops by name, as a list, all by defaults", () => {
    assert.deepEqual(check({ smartHost }), []);
    assert.deepEqual(
        check({ smartHost: { ...smartHost, name: "mail" }, laptops: { alice: laptop("192.0.2.101") } }),
        [],
    );
    assert.deepEqual(check({ smartHost, laptops: [{ name: "alice", ...laptop("192.0.2.101") }] }), []);
    const defaults = { connection: { user: "admin", hostKey }, sudo: true };
    assert.deepEqual(
        check({ smartHost, defaults, laptops: { alice: { connection: { host: "192.0.2.101" } } } }),
        [],
    );
    const proxied = { connection: { host: "alice", hostKey } };
    assert.deepEqual(check({ smartHost, defaults: proxied, laptops: { alice: null } }), []);
});

test("every problem of the whole config is found, with its path", () => {
    const found = check({
        smartHost: { ...smartHost, hostname: "mail hub", port: "587" },
        laptops: [
            { name: "alice", ...laptop("192.0.2.101") },
            { name: "alice", ...laptop("192.0.2.102") },
            { ...laptop("192.0.2.103") },
            { name: "dave", connection: { host: "192.0.2.104", hostkey: hostKey } },
            { name: "eve", ...laptop("192.0.2.105"), settings: { relayhost: "x" } },
        ],
        defalts: {},
    });
    const paths = found.map((line) => line.split(": ")[0]).sort();
    assert.deepEqual(paths, [
        "defalts",
        "laptops[1].name",
        "laptops[2].name",
        "laptops[3].connection.hostKey",
        "laptops[3].connection.hostkey",
        "laptops[4].settings.relayhost",
        "smartHost.hostname",
        "smartHost.port",
    ]);
});

test("a misspelt key is answered with the nearest one", () => {
    assert.match(only({ smartHost, laptop: {} }), /^laptop: unknown; is laptops meant\?/);
    assert.match(
        only({ smartHost, relay: {} }),
        /^relay: unknown; allowed: smartHost, laptops, defaults, fleet, laptopsFile, passwords/,
    );
    const laptops = { alice: { ...laptop("192.0.2.101"), onUnreachabel: "pending" } };
    assert.match(
        only({ smartHost, laptops }),
        /^laptops\.alice\.onUnreachabel: unknown; is onUnreachable meant\?/,
    );
});

test("the hub is there and of the right shape", () => {
    assert.match(only({}), /^smartHost: missing; the hub/);
    assert.match(only({ smartHost: "mailhub" }), /^smartHost: given "mailhub"/);
    assert.match(only({ smartHost: { ...smartHost, name: "a b" } }), /^smartHost\.name: given "a b"/);
});

test("laptops are of the right shape", () => {
    assert.match(
        only({ smartHost, laptops: "alice" }),
        /^laptops: given "alice".*a map of laptops by name, or a list/,
    );
    assert.match(only({ smartHost, laptops: ["alice"] }), /^laptops\[0\]: given "alice"/);
    assert.match(
        only({ smartHost, laptops: { alice: "192.0.2.101" } }),
        /^laptops\.alice: given "192\.0\.2\.101"/,
    );
    assert.match(
        only({ smartHost, laptops: { "a b": laptop("192.0.2.101") } }),
        /^laptops\["a b"\]: given "a b"/,
    );
    assert.match(
        only({ smartHost, laptops: { hub: laptop("192.0.2.101") } }),
        /^laptops\.hub: .*which smartHost has too/,
    );
    assert.match(
        only({ smartHost, laptops: { alice: { ...laptop("192.0.2.101"), smartHost: {} } } }),
        /^laptops\.alice\.smartHost: unknown here: all laptops of a fleet have its one hub/,
    );
});

test("a laptop that is the hub is refused", () => {
    assert.match(
        only({ smartHost, laptops: { alice: laptop("192.0.2.25") } }),
        /^laptops\.alice\.connection\.host: .*its own hub/,
    );
    const named = { ...laptop("192.0.2.101"), hostname: smartHost.hostname };
    assert.match(only({ smartHost, laptops: { alice: named } }), /^laptops\.alice\.hostname: .*its own hub/);
});

test("a fault of the defaults is told once, where it stands", () => {
    const laptops = { alice: laptop("192.0.2.101"), bob: laptop("192.0.2.102") };
    assert.match(only({ smartHost, laptops, defaults: { sudo: "yes" } }), /^defaults\.sudo: given "yes"/);
    assert.match(
        only({ smartHost, laptops, defaults: { connection: { port: 0 } } }),
        /^defaults\.connection\.port: /,
    );
    assert.match(only({ smartHost, defaults: "sudo" }), /^defaults: given "sudo"/);
});

test("secrets go to the machine that they are named after", () => {
    const config = { passwords: { alice: "a", "*": "b" } };
    assert.deepEqual(secretOf(config, "passwords", "alice"), { value: "a", path: "passwords.alice" });
    assert.deepEqual(secretOf(config, "passwords", "bob"), { value: "b", path: 'passwords["*"]' });
    assert.equal(secretOf({}, "passwords", "bob"), undefined);
    // A name is the user's: it may be one that every object has.
    assert.deepEqual(secretOf(config, "passwords", "constructor"), { value: "b", path: 'passwords["*"]' });
    assert.equal(secretOf({ passwords: { alice: "a" } }, "passwords", "constructor"), undefined);
    const laptops = { alice: laptop("192.0.2.101") };
    assert.deepEqual(check({ smartHost, laptops, passwords: { alice: "x", hub: "y" } }, ["passwords"]), []);
    assert.match(
        only({ smartHost, laptops, passwords: { alise: "x" } }, ["passwords"]),
        /^passwords\.alise: unknown; is alice meant\?/,
    );
});

test("a private key that is none is told where it stands, and not repeated", () => {
    const problem = only({ smartHost, privateKeys: { hub: "hunter2" } }, ["privateKeys"]);
    assert.match(problem, /^privateKeys\.hub: /);
    assert.ok(!problem.includes("hunter2"));
    const { privateKey } = generateKeyPairSync("ec", {
        namedCurve: "P-256",
        publicKeyEncoding: { type: "spki", format: "pem" },
        privateKeyEncoding: { type: "sec1", format: "pem" },
    });
    assert.deepEqual(check({ smartHost, privateKeys: { hub: privateKey } }, ["privateKeys"]), []);
});

test("a malformed secret of all machines is one problem, however many there are", () => {
    const laptops = { alice: laptop("192.0.2.101"), bob: laptop("192.0.2.102") };
    const problem = only({ smartHost, laptops, privateKeys: { "*": "hunter2" } }, ["privateKeys"]);
    assert.match(problem, /^privateKeys\["\*"\]: /);
});

test("a secret in clear is refused, wherever it stands", () => {
    const inline = { ...smartHost, connection: { ...smartHost.connection, password: "hunter2" } };
    const problem = only({ smartHost: inline });
    assert.match(
        problem,
        /^smartHost\.connection\.password: stands in the stack file in clear; .*config set --secret --path/,
    );
    assert.ok(!problem.includes("hunter2"));
    assert.deepEqual(check({ smartHost: inline }, ["smartHost"]), []);
    assert.match(
        only({ smartHost, passwords: { hub: "hunter2" } }),
        /^passwords\.hub: stands in the stack file in clear/,
    );
});

test("a table of passwords in clear is refused, by whatever name and wherever it is named", () => {
    const entries = { "[isp]:587": "user:hunter2" };
    const settings = { smtp_sasl_password_maps: "@{isp}" };
    const hub = { ...smartHost, settings, tables: { isp: { entries }, names: { entries: { a: "b" } } } };
    const problem = only({ smartHost: hub });
    assert.match(
        problem,
        /^smartHost\.tables\.isp\.entries\["\[isp\]:587"\]: stands in the stack file in clear/,
    );
    assert.ok(!problem.includes("hunter2"));
    assert.deepEqual(check({ smartHost: hub }, ["smartHost"]), []);
    const slow = { command: "smtp", options: settings };
    const defaults = { services: { "slow/unix": slow } };
    const alice = { ...laptop("192.0.2.101"), tables: { isp: { text: "[isp]:587 user:hunter2" } } };
    assert.match(
        only({ smartHost, defaults, laptops: { alice } }),
        /^laptops\.alice\.tables\.isp\.text: stands/,
    );
});

test("own words win over defaults, connection and settings field by field", () => {
    const defaults = {
        sudo: true,
        connection: { user: "admin", port: 22 },
        settings: { a: "1", b: "1" },
        tables: { x: {} },
    };
    const own = { connection: { host: "h", port: 2222 }, settings: { b: "2" }, tables: { y: {} } };
    assert.deepEqual(withDefaults(own, defaults), {
        sudo: true,
        connection: { user: "admin", host: "h", port: 2222 },
        settings: { a: "1", b: "2" },
        tables: { x: {}, y: {} },
    });
});

test("a map and a list of laptops mean the same", () => {
    const own = laptop("192.0.2.101");
    assert.deepEqual(laptopsOf({ laptops: { alice: own } }), [
        { name: "alice", path: "laptops.alice", own, namePath: "laptops.alice" },
    ]);
    assert.deepEqual(laptopsOf({ laptops: [{ name: "alice", ...own }] }), [
        { name: "alice", path: "laptops[0]", own, namePath: "laptops[0].name" },
    ]);
});
