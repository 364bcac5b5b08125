import assert from "node:assert/strict";
import { test } from "node:test";
import { clashes, inetPort, isSamePlace, resolvePort } from "../../postfix/services";

test("only an inet service has a port", () => {
    assert.equal(inetPort("587/inet"), 587);
    assert.equal(inetPort("submission/inet"), 587);
    assert.equal(inetPort("smtp/unix"), undefined);
    assert.equal(inetPort("nonsense"), undefined);
});

test("ports by number and by name, with and without an address", () => {
    const cases: [service: string, expected: ReturnType<typeof resolvePort>][] = [
        ["587", { port: 587 }],
        ["0587", { port: 587 }],
        ["smtp", { port: 25 }],
        ["submission", { port: 587 }],
        ["smtps", { port: 465 }],
        ["submissions", { port: 465 }],
        ["127.0.0.1:587", { address: "127.0.0.1", port: 587 }],
        ["localhost:smtp", { address: "localhost", port: 25 }],
        ["[::1]:25", { address: "::1", port: 25 }],
        ["::1:25", { address: "::1", port: 25 }],
        ["[]:25", { port: 25 }],
        [":25", { port: 25 }],
        ["0", undefined],
        ["65536", undefined],
        ["-1", undefined],
        ["nosuch", undefined],
        ["toString", undefined],
        ["[::1]", undefined],
        ["", undefined],
    ];
    for (const [service, expected] of cases) assert.deepEqual(resolvePort(service), expected, service);
});

const masterCf = [
    "smtp inet n - y - - smtpd",
    "submission inet n - y - - smtpd",
    "  -o a=b",
    "127.0.0.1:587 inet n - y - - smtpd",
    "submissions inet n - y - - smtpd",
    "submission unix - - y - - smtp",
    "#587 inet n - y - - smtpd",
    "[::1]:10025 inet n - y - - smtpd",
    "",
].join("\n");
const lines = (port: number, address?: string) => clashes(masterCf, port, address).map(({ first }) => first);

test("lines that serve a port already, under any of its names", () => {
    assert.deepEqual(lines(587), [1, 3]);
    assert.deepEqual(lines(465), [4]);
    assert.deepEqual(lines(25), [0]);
    assert.deepEqual(lines(2525), []);
});

test("two addresses on one port do not clash, one address and all of them do", () => {
    assert.deepEqual(lines(587, "10.0.0.1"), [1]);
    assert.deepEqual(lines(587, "127.0.0.1"), [1, 3]);
    assert.deepEqual(lines(10025), [7]);
    assert.deepEqual(lines(10025, "127.0.0.1"), []);
});

test("two names are one place when their port is one, and none of their addresses is another", () => {
    for (const [a, b] of [
        ["submission/inet", "587/inet"],
        ["192.0.2.1:587/inet", "587/inet"],
        ["587/inet", "192.0.2.1:submission/inet"],
        ["192.0.2.1:587/inet", "192.0.2.1:587/inet"],
        ["slow/unix", "slow/unix"],
    ] as const)
        assert.equal(isSamePlace(a, b), true, `${a} and ${b}`);
    for (const [a, b] of [
        ["587/inet", "465/inet"],
        ["192.0.2.1:587/inet", "192.0.2.2:587/inet"],
        ["slow/unix", "fast/unix"],
        ["587/inet", "587/unix"],
        ["no-such-service/inet", "neither-this/inet"],
        ["no name", "587/inet"],
        ["587/inet", "no name"],
    ] as const)
        assert.equal(isSamePlace(a, b), false, `${a} and ${b}`);
});
