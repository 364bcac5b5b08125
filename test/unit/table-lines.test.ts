import assert from "node:assert/strict";
import { test } from "node:test";
import { tableLineFaults } from "../../postfix/validate/table-lines";

test("a key without a value, and a key that comes again, are told by their lines", () => {
    assert.deepEqual(tableLineFaults("# a\n\na 1\nb\tx y\n  z\n", "texthash"), []);
    assert.deepEqual(tableLineFaults("a 1\nb\n# c\nA 2\n", "hash"), [
        "line 2 has a key and no value behind it: Postfix would skip it. Write the value behind a blank",
        "line 4 has the key of line 1, and only one of them would count: leave one out",
    ]);
});

test("patterns have two delimiters and a value", () => {
    const good = "/a\\/b/i OK\n!/x/ DUNNO\nif /y/\n|z| REJECT no\nendif\n/long/\n   OK\n";
    for (const type of ["regexp", "pcre"]) {
        assert.deepEqual(tableLineFaults(good, type), []);
        assert.deepEqual(tableLineFaults("/a/\nb OK\n/c OK\n/d/OK\n", type), [
            "line 1 has a pattern and no value behind it: Postfix would skip it. Write the value behind a blank",
            "line 2 does not begin with a pattern between two delimiters, e.g. /pattern/",
            "line 3 has no second / behind its pattern",
            "line 4 has a pattern and no value behind it: Postfix would skip it. Write the value behind a blank",
        ]);
    }
});

test("networks are networks, and have a value", () => {
    assert.deepEqual(
        tableLineFaults("10.0.0.0/8 OK\n!::1 OK\nif 10.0.0.0/8\n10.1.0.0/16 DUNNO\nendif\n", "cidr"),
        [],
    );
    assert.deepEqual(tableLineFaults("10.0.0.1/8 OK\nhost OK\n10.0.0.0/8\n", "cidr"), [
        "line 1 has an address with bits set behind its /8, with which Postfix refuses it: write 10.0.0.0/8",
        "line 2 is no IP address",
        "line 3 has a network and no value behind it: Postfix would skip it. Write the value behind a blank",
    ]);
});
