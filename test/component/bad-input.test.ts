import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import type { RoadWarriorArgs, SmartHostArgs } from "../../components";
import { connect, forget } from "./harness";
import { hubArgs, laptopArgs } from "./machines";

type Library = typeof import("../../components");

/** The error that a program ends with, and how many Hosts had been asked for by then. */
async function failure(
    program: (library: Library) => void,
): Promise<{ message: string; hosts: string[]; error: unknown }> {
    const late: Error[] = [];
    // A rejection that nobody awaits ends a real program (SDK, cmd/run); here the test runner would take it.
    const runners = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", (error: Error) => late.push(error));
    const engine = await connect();
    let early: unknown;
    try {
        program(await import("../../components"));
    } catch (error) {
        early = error;
    }
    // Not to the end of the program: what waits for a value that failed never gets there.
    await new Promise((resolve) => setTimeout(resolve, early ? 50 : 300));
    forget();
    process.removeAllListeners("unhandledRejection");
    for (const runner of runners) process.on("unhandledRejection", runner);
    const error = early ?? late.find(({ name }) => name === "InputError") ?? late[0];
    assert.ok(error instanceof Error, "the program was expected to fail");
    return { message: error.message, hosts: engine.names("postfix:index:Host"), error };
}

const hubFailure = (more: Record<string, unknown>) =>
    failure(({ SmartHost }) => {
        new SmartHost("hub", { ...hubArgs, ...more } as SmartHostArgs);
    });

const laptopFailure = (more: Record<string, unknown>) =>
    failure(({ SmartHost, RoadWarrior }) => {
        const hub = new SmartHost("hub", hubArgs);
        new RoadWarrior("alice", { ...laptopArgs(hub, "192.0.2.101"), ...more } as RoadWarriorArgs);
    });

test("settings that are an output as a whole are refused: joined with ours they would take the place of all of them", async () => {
    const { message, hosts } = await hubFailure({ settings: pulumi.output({ message_size_limit: "1" }) });
    assert.match(message, /settings: comes later, allowed: what is there when the program runs/);
    assert.deepEqual(hosts, []);
});

test("an address that comes late is checked when it is there", async () => {
    const { message } = await laptopFailure({ rootMail: pulumi.output("admin") });
    assert.match(message, /rootMail: given "admin" \(a string\), allowed: one address with its domain/);
});

test("one error names the resource and every problem with its path", async () => {
    const { message, error } = await hubFailure({
        hostname: "mail hub",
        port: 0,
        keyGeneration: 0,
        sudoo: true,
    });
    assert.equal(
        message,
        [
            'SmartHost "hub" has 4 problems:',
            "  sudoo: unknown; is sudo meant?",
            '  hostname: given "mail hub" (a string), allowed: a host name of letters, digits, hyphens and dots, ' +
                "e.g. mailhub.example.com; it holds a blank",
            "  port: given 0, allowed: a whole number from 1 to 65535, without quotes",
            "  keyGeneration: given 0, allowed: 1, 2, 3, ...: one more for each new key",
        ].join("\n"),
    );
    assert.ok(pulumi.InputPropertiesError.isInstance(error), "so that other languages get it per property");
    assert.ok(
        pulumi.RunError.isInstance(error),
        "so that a program shows the message alone, without our stack",
    );
    assert.deepEqual((error as pulumi.InputPropertiesError).errors[0], {
        propertyPath: "sudoo",
        reason: "unknown; is sudo meant?",
    });
});

test("bad input is told at once: its error has no frames, over one of which Node 20 would brood for half a minute", async () => {
    const { error } = await hubFailure({ port: 99999 });
    assert.ok(error instanceof Error);
    assert.ok(!error.stack?.includes("\n    at "), error.stack);
    assert.match(inspect(error, { colors: true }), /^\[?InputError: .*port: given 99999/s);
});

for (const [what, more, problem] of [
    ["a missing hostKey", { connection: { host: "192.0.2.25" } }, /connection\.hostKey: missing/],
    [
        "a malformed hostKey",
        { connection: { host: "192.0.2.25", hostKey: "x" } },
        /connection\.hostKey: malformed/,
    ],
    [
        "a malformed private key",
        { connection: { ...hubArgs.connection, privateKey: "x" } },
        /connection\.privateKey: /,
    ],
    ["a hostname with a line break", { hostname: "a\nb" }, /hostname: .*it holds a line break/],
    ["a hostname for the shell", { hostname: "$(reboot)" }, /hostname: given "\$\(reboot\)"/],
    ["port 99999", { port: 99999 }, /port: given 99999/],
    ['port "25"', { port: "25" }, /port: given "25" \(a string\)/],
    ["a setting with a line break", { settings: { a: "b\nc" } }, /settings\.a: holds a line break/],
    [
        "a setting that is ours",
        { settings: { smtp_tls_loglevel: "4" } },
        /settings\.smtp_tls_loglevel: is set by/,
    ],
    ["a guest on port 25", { mode: "guest", port: 25 }, /port: given 25, which is the admin's own/],
    [
        "installing on a sleeper",
        { installPackage: true, onUnreachable: "pending" },
        /installPackage: does not go with/,
    ],
] as const) {
    test(`${what} is refused before anything is made`, async () => {
        const { message, hosts } = await hubFailure(more);
        assert.match(message, problem);
        assert.deepEqual(hosts, []);
    });
}

test("no arguments at all are refused like any other", async () => {
    const { message } = await failure(({ SmartHost }) => {
        new SmartHost("hub", undefined as unknown as SmartHostArgs);
    });
    assert.match(message, /hostname: missing/);
});

for (const [what, more, problem] of [
    ["hostname", { hostname: pulumi.output("mail hub") }, /hostname: .*it holds a blank/],
    ["hostname by a promise", { hostname: Promise.resolve("mail hub") }, /hostname: .*it holds a blank/],
    ["connection", { connection: pulumi.output({ host: "192.0.2.25" }) }, /connection\.hostKey: missing/],
    ["host", { connection: { ...hubArgs.connection, host: pulumi.output("a b") } }, /connection\.host: /],
    ["setting", { settings: { a: pulumi.output("b\nc") } }, /settings\.a: holds a line break/],
    ["word", { onDelete: pulumi.output("stpo") }, /onDelete: given "stpo".*is "stop" meant\?/],
    ["take-over", { takeOver: [pulumi.output("a b")] }, /takeOver\[0\]: given "a b"/],
] as const) {
    test(`a bad ${what} that comes later stops the run before the hub's Host`, async () => {
        const { message, hosts } = await hubFailure(more);
        assert.match(message, problem);
        assert.match(message, /^SmartHost "hub" has a problem:\n/, "no words of the SDK before it");
        assert.deepEqual(hosts, []);
    });
}

test("a secret that comes later is checked and not repeated", async () => {
    const { message } = await hubFailure({ settings: { a: pulumi.secret("hunter2\n") } });
    assert.match(message, /settings\.a: holds a line break/);
    assert.ok(!message.includes("hunter2"));
});

test("a laptop without a whole link is refused, whenever it comes", async () => {
    const link = { version: 1, hostname: "mailhub.example.com", port: 587, pins: [], digest: "sha256" };
    for (const smartHost of [link, pulumi.output(link)]) {
        const { message, hosts } = await laptopFailure({ smartHost });
        assert.match(message, /smartHost\.pins: given an empty list, allowed: at least one pin/);
        assert.ok(!hosts.includes("alice"));
    }
    // What a StackReference gives for an output of a stack whose last run failed.
    const absent = await laptopFailure({ smartHost: pulumi.output(undefined) });
    assert.match(absent.message, /smartHost: missing/);
    assert.ok(!absent.hosts.includes("alice"));
});

test("a laptop whose hub is itself is refused, by name and by address", async () => {
    const named = await laptopFailure({ hostname: "mailhub.example.com" });
    assert.match(named.message, /hostname: given "mailhub\.example\.com", is the hub itself/);
    assert.ok(!named.hosts.includes("alice"));
    const granted = await failure(({ SmartHost, RoadWarrior }) => {
        const hub = new SmartHost("hub", hubArgs);
        hub.relayFor("laptops", [new RoadWarrior("alice", laptopArgs(hub, "192.0.2.25"))]);
    });
    assert.match(granted.message, /laptops\[0\]: "alice" is reached at 192\.0\.2\.25:22, as the hub is/);
});

test("two laptops of one name are refused", async () => {
    const { message } = await failure(({ SmartHost, RoadWarrior }) => {
        const hub = new SmartHost("hub", hubArgs);
        const one = new RoadWarrior("alice", laptopArgs(hub, "192.0.2.101"));
        const other = new RoadWarrior("alice", laptopArgs(hub, "192.0.2.102"));
        hub.relayFor("laptops", [one, other]);
    });
    assert.match(
        message,
        /RelayAccess "hub-laptops".*\n {2}laptops\[1\]\.name: given "alice".*which laptops\[0\] has too/,
    );
});

test("two laptops of one name are refused also if their identities come later", async () => {
    const pins = (byte: string) => [Array(32).fill(byte).join(":")];
    const { message, hosts } = await failure(({ RelayAccess }) => {
        const laptops = ["AA", "BB"].map((byte) => pulumi.output({ name: "alice", pins: pins(byte) }));
        new RelayAccess("berlin", { connection: hubArgs.connection, laptops });
    });
    assert.match(message, /laptops\[1\]\.name: given "alice"/);
    assert.deepEqual(hosts, []);
});
