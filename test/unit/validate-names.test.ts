import assert from "node:assert/strict";
import { test } from "node:test";
import { Problems } from "../../postfix/problems";
import { keyEnd, readEntries } from "../../postfix/tables";
import { validateHostSettings } from "../../postfix/validate/host-settings";
import { pin } from "./validate-helpers";

function faults(more: Record<string, unknown>): string[] {
    const found = new Problems();
    validateHostSettings({ owner: "hub", role: "smartHost", main: {}, ...more }, found, () => true);
    return found.list.map(({ path, reason }) => `${path}: ${reason}`);
}

const service = { command: "smtpd", options: { biff: "no" } };
const named = (name: string, value: unknown) => Object.fromEntries([[name, value]]);

test("a service whose name would make a comment of its line, or leave the queue's folder, is refused", () => {
    for (const name of [
        "#x/unix",
        "#:587/inet",
        "-x/unix",
        "../unix",
        "./unix",
        "{x/unix",
        "a\0b/unix",
        "$(id):587/inet",
    ])
        assert.match(
            faults({ services: named(name, service) })[0] ?? "",
            /a service is named by name and type/,
            name,
        );
    for (const name of [
        "587/inet",
        "127.0.0.1:587/inet",
        "[::1]:587/inet",
        "::1:587/inet",
        "[fe80::1%eth0]:25/inet",
        "smtp-amavis/unix",
        "policyd.spf/unix",
    ])
        assert.deepEqual(faults({ services: named(name, service) }), [], name);
});

test("a command that would swallow its options, or lose a part of itself, is refused", () => {
    for (const [command, reason] of [
        ["smtpd {", "has a { without its }"],
        ["smtpd -o", "has a malformed -o"],
        ["pipe # x", "has a # that would begin a comment"],
        ["{ a b }", "begins with no name of a program"],
        ["-", "begins with no name of a program"],
    ] as const)
        assert.ok(
            faults({ services: named("x/unix", { ...service, command }) })[0]?.includes(reason),
            command,
        );
    for (const command of [
        "smtpd",
        "smtpd -v -o biff=no",
        "pipe flags=R user=nobody argv=/bin/x ${recipient}",
        "/usr/local/bin/x",
    ])
        assert.deepEqual(faults({ services: named("x/unix", { ...service, command }) }), [], command);
});

test("a name that each object of JavaScript has is no parameter and no table", () => {
    for (const name of ["__proto__", "constructor", "toString"])
        assert.match(faults({ main: named(name, "x") })[0] ?? "", /is no parameter name/, name);
    assert.match(faults({ tables: { constructor: { entries: {} } } })[0] ?? "", /JavaScript has its own/);
});

test("the key of a table ends where postmap(1) ends it", () => {
    const ends: [line: string, end: number | undefined][] = [
        ["a b", 1],
        ['"a b"@c d', 7],
        ['a"b c', undefined],
        ["a\\ b c", 4],
        ['a\\"b c', 4],
        ["a", 1],
    ];
    for (const [line, end] of ends) assert.equal(keyEnd(line), end, line);
    assert.deepEqual(readEntries('"a b" c\nd"e f\n'), { '"a b"': "c" });
    for (const key of ['"a', "a\\"])
        assert.match(
            faults({ tables: { mine: { entries: named(key, "b") } }, role: "roadWarrior" }).join("\n"),
            /mine\.entries.*is no key/,
            key,
        );
    assert.match(
        faults({ tables: { mine: { text: '"a b\n' } } })[0] ?? "",
        /line 1 has a " in its key that no other one closes/,
    );
});

test("what is to be seen of a key is of the form that a command on the host takes", () => {
    const server = { host: "mailhub.example.com", port: 587, pins: [pin("a1")] };
    const proof = { serves: { port: 587, pins: [pin("a1")] }, reaches: server, alsoReaches: [server] };
    assert.deepEqual(faults({ proof, announces: [pin("b2")] }), []);
    const found = faults({
        announces: ["x"],
        proof: {
            serves: { port: "587", pins: ["-lnone"] },
            reaches: { ...server, host: "a -o b" },
            alsoReaches: [{ ...server, pins: "x" }],
        },
    });
    assert.deepEqual(
        found.map((line) => line.split(": ")[0]),
        [
            "announces[0]",
            "proof.serves.port",
            "proof.serves.pins[0]",
            "proof.reaches.host",
            "proof.alsoReaches[0].pins",
        ],
    );
});

test("yes and no are no texts, and a list of what may yield is a list", () => {
    for (const field of ["sudo", "insecureIgnoreHostKey", "installPackage", "allowUnknown", "exclusive"])
        assert.match(faults({ [field]: "no" })[0] ?? "", /allowed: true or false, without quotes/, field);
    assert.match(faults({ takeOver: "smtpd_tls_loglevel" })[0] ?? "", /^takeOver: .*allowed: a list/);
    assert.match(faults({ knownHosts: "a\0b" })[0] ?? "", /^knownHosts: holds a NUL/);
});
