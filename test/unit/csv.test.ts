import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseCsv } from "../../postfix/fleet/csv";

const cells = (text: string): string[][] => parseCsv(text).rows.map((row) => row.cells);

test("fields are separated by commas, records by any line break; empty lines are none", () => {
    const lines = [
        ["a", "b"],
        ["1", ""],
        ["", "2"],
    ];
    for (const end of ["\n", "\r\n", "\r"]) {
        assert.deepEqual(cells(["a,b", "1,", "", ",2", ""].join(end)), lines);
        assert.deepEqual(cells(["a,b", "1,", "", ",2"].join(end)), lines);
    }
    assert.deepEqual(cells(""), []);
    assert.deepEqual(cells("\n\n"), []);
});

test("quoted fields hold commas, quotes and line breaks, and blanks that count", () => {
    assert.deepEqual(cells('"a,b","say ""hi""","1\n2"," x "\n'), [["a,b", 'say "hi"', "1\n2", " x "]]);
    assert.deepEqual(cells(' a , b \n""'), [["a", "b"], [""]]);
    assert.deepEqual(cells('"a" ,b'), [["a", "b"]]);
});

test("a record knows the line on which it begins, also behind one of several lines", () => {
    const { rows } = parseCsv('a,b\n"1\r\n2",3\n\n4,5\n');
    assert.deepEqual(
        rows.map(({ line }) => line),
        [1, 2, 5],
    );
});

test("the byte order mark of a spreadsheet is no part of the first name", () => {
    assert.deepEqual(cells("\uFEFFname\nalice\n"), [["name"], ["alice"]]);
});

test("a quote where none belongs is a fault of its line, and reading ends there", () => {
    const faultOf = (text: string) => {
        const { fault, rows } = parseCsv(text);
        return [rows.length, fault?.line, fault?.reason] as const;
    };
    const [before, line, reason] = faultOf('a\nb\nx"y\nc\n');
    assert.deepEqual([before, line], [2, 3]);
    assert.match(reason ?? "", /inside a field/);
    assert.match(faultOf('a\n"b\nc\n')[2] ?? "", /never closed/);
    assert.match(faultOf('"a"b,c\n')[2] ?? "", /goes on behind the closing quote/);
});

test("whatever is written as RFC 4180 says is read back", () => {
    const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
    const table = fc.array(
        fc.array(fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", " ", "") }), { minLength: 1 }),
    );
    fc.assert(
        fc.property(table, (rows) => {
            const text = rows.map((row) => row.map(quoted).join(",")).join("\r\n");
            assert.deepEqual(cells(text), rows);
        }),
    );
});
