import assert from "node:assert/strict";
import { test } from "node:test";
import { physicalLines, readLogicalLines, trimSpace } from "../../postfix/logical-lines";

const read = (text: string) => readLogicalLines(physicalLines(text));

test("a line that starts with whitespace continues the one before", () => {
    assert.deepEqual(read("a = b\n  c\n\td\ne = f\n"), [
        { first: 0, last: 2, text: "a = b  c\td" },
        { first: 3, last: 3, text: "e = f" },
    ]);
});

test("comments and blank lines inside a value belong to it, those behind it do not", () => {
    const text = "a = b,\n# inner\n   # indented\n\n  \n   c\n# outer\n\ne = f\n";
    assert.deepEqual(read(text), [
        { first: 0, last: 5, text: "a = b,   c" },
        { first: 8, last: 8, text: "e = f" },
    ]);
});

test("a # behind text is part of the value", () => {
    assert.deepEqual(read("a = b # c\n"), [{ first: 0, last: 0, text: "a = b # c" }]);
});

test("CRLF, and a CR alone on a line, which is blank", () => {
    assert.deepEqual(read("a = b,\r\n\r\n# x\r\n  c\r\nd = e\r\n"), [
        { first: 0, last: 3, text: "a = b,   c" },
        { first: 4, last: 4, text: "d = e" },
    ]);
});

test("no final newline, and no text at all", () => {
    assert.deepEqual(read("a = b"), [{ first: 0, last: 0, text: "a = b" }]);
    assert.deepEqual(read("a = b\n  c"), [{ first: 0, last: 1, text: "a = b  c" }]);
    for (const nothing of ["", "\n", "# x", "# x\n\n"]) assert.deepEqual(read(nothing), []);
});

test("a continuation with nothing before it is ignored, with all that continues it", () => {
    assert.deepEqual(read("  b = c\n  d\ne = f\n"), [{ first: 2, last: 2, text: "e = f" }]);
});

test("a no-break space is text, a vertical tab is space: as isspace() has it in C", () => {
    assert.deepEqual(
        read("a = b\n\u00a0c = d\n\ve\n").map(({ text }) => text),
        ["a = b", "\u00a0c = d\ve"],
    );
});

test("whitespace around a text goes, of every kind that isspace() has, and none within", () => {
    const space = " \t\n\v\f\r";
    assert.equal(trimSpace(`${space}${space}a${space}b${space}${space}`), `a${space}b`);
    for (const one of space) assert.equal(trimSpace(`${one}a${one}`), "a", JSON.stringify(one));
    assert.equal(trimSpace("\u00a0a\u2028"), "\u00a0a\u2028");
    assert.equal(trimSpace(space), "");
});
