import assert from "node:assert/strict";
import { test } from "node:test";
import { RemoteError } from "../../provider/errors";
import { describe, describeStray } from "../../provider/grpc/errors";
import { printable, shortened } from "../../provider/printable";

test("what a terminal would obey is spelt out, all else stays", () => {
    assert.equal(
        printable("\x1b[2J\x1b]52;c;cm0=\x07 red \x9b31m"),
        "\\x1b[2J\\x1b]52;c;cm0=\\x07 red \\x9b31m",
    );
    assert.equal(printable("over\rwritten\b\x7f\0"), "over\\x0dwritten\\x08\\x7f\\x00");
    assert.equal(printable("one\n\ttwo\r\nthree"), "one\n\ttwo\nthree");
    assert.equal(
        printable("relay\u202egpj.exe \u2028\u2066\ufeff"),
        "relay\\u{202e}gpj.exe \\u{2028}\\u{2066}\\u{feff}",
    );
    assert.equal(printable("f\udcfcr alle, \ud83d"), "f\\xfcr alle, \\u{d83d}");
    assert.equal(printable("für alle 🐧 „ß“"), "für alle 🐧 „ß“");
});

test("an endless text is cut, and says so", () => {
    assert.equal(shortened("x".repeat(10), 10), "x".repeat(10));
    assert.equal(shortened("x".repeat(15), 10), `${"x".repeat(10)}… (5 more characters)`);
    const logLines = Array.from({ length: 10_000 }, () => "l".repeat(10_000));
    const long = "r".repeat(1_000_000);
    const error = new RemoteError({ host: "h", step: "s", kind: "step", reason: long, hint: long, logLines });
    assert.ok(error.message.length < 50_000, String(error.message.length));
});

test("of a mistake of ours no part of a value is quoted", () => {
    const key = `-----BEGIN PRIVATE KEY----- ${"secret".repeat(20)}`;
    for (const mistake of [
        () => Buffer.from(5 as unknown as string, key as BufferEncoding),
        () => JSON.parse(`{"a": "${key}`),
        () => JSON.parse(`{"a": ${key}}`),
        () => new URL(key),
        () => Buffer.alloc(key as unknown as number),
    ]) {
        const error: unknown = (() => {
            try {
                return mistake();
            } catch (thrown) {
                return thrown;
            }
        })();
        assert.ok(error instanceof Error);
        assert.doesNotMatch(describe(error).replaceAll(key, "***"), /secret|BEGIN PRIV/, error.message);
        const { text, stack } = describeStray(error);
        assert.doesNotMatch(text + stack, /secret|BEGIN PRIV/);
        assert.match(text, /^internal error of pulumi-postfix, please report it: \w+Error/);
    }
    assert.match(describeStray("a text with a secret").text, /report it: string$/);
    assert.match(describeStray(undefined).text, /report it: undefined$/);
});
