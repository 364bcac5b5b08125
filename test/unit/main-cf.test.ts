import assert from "node:assert/strict";
import { test } from "node:test";
import { effectiveValue, parseMainCf, splitDefinition } from "../../postfix/main-cf";

test("names and values lose the whitespace around them and keep the rest", () => {
    const { settings, broken } = parseMainCf("a=b\nc  =  d  e \nf =\ng = = h = i\nj = ${k?{l}}\r\n");
    assert.deepEqual(broken, []);
    assert.deepEqual(
        settings.map(({ name, value }) => [name, value]),
        [
            ["a", "b"],
            ["c", "d  e"],
            ["f", ""],
            ["g", "= h = i"],
            ["j", "${k?{l}}"],
        ],
    );
});

test("a setting knows the lines it stands on", () => {
    assert.deepEqual(parseMainCf("# x\na = b,\n# y\n  c\n").settings, [
        { name: "a", value: "b,  c", first: 1, last: 3 },
    ]);
});

test("an = at the start of a continuation line belongs to the definition before", () => {
    assert.deepEqual(parseMainCf("a\n   = b\n").settings, [{ name: "a", value: "b", first: 0, last: 1 }]);
});

test("broken lines are named with their number and what they lack", () => {
    const { settings, broken } = parseMainCf("a = b\n\nrelayhost\n= c\nx y = z\nd = e");
    assert.deepEqual(
        settings.map(({ name }) => name),
        ["a", "d"],
    );
    assert.deepEqual(broken, [
        { line: 3, text: "relayhost", reason: "there is no = behind the name" },
        { line: 4, text: "= c", reason: "there is no name before the =" },
        { line: 5, text: "x y = z", reason: "there is no = behind the name" },
    ]);
});

test("the last definition wins, an empty one too", () => {
    assert.equal(effectiveValue("a = 1\nb = 2\na = 3\n", "a"), "3");
    assert.equal(effectiveValue("a = 1\na =\n", "a"), "");
    assert.equal(effectiveValue("#a = 1\n", "a"), undefined);
    assert.equal(effectiveValue("constructor = 1\n", "toString"), undefined);
});

test("any of Postfix's whitespace may stand around name, = and value, and nothing else counts as such", () => {
    for (const line of ["relayhost=[hub]", "relayhost\v=\f[hub]", "\t\vrelayhost \r= [hub] \t \v\f\r"])
        assert.deepEqual(splitDefinition(line), { name: "relayhost", value: "[hub]" });
    assert.deepEqual(splitDefinition("x=\u00a0y\u00a0"), { name: "x", value: "\u00a0y\u00a0" });
    assert.equal(splitDefinition(" \v= x"), "there is no name before the =");
    assert.equal(splitDefinition("a b = x"), "there is no = behind the name");
});
