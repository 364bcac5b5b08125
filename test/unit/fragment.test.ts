import assert from "node:assert/strict";
import { test } from "node:test";
import { parse, print } from "../../postfix/fragment/parse";
import {
    fragmentFaults,
    hiddenBy,
    lineNumber,
    lineOwners,
    originalView,
    readBlocks,
} from "../../postfix/fragment/read";
import { type NextBlock, rewrite } from "../../postfix/fragment/rewrite";
import type { LogicalLine } from "../../postfix/logical-lines";

const hub = "hub-3f9a1c2b";
const alice = "alice-00aa11bb";
const instance = "0123456789abcdef";
const other = "fedcba9876543210";

const named =
    (...names: string[]) =>
    (line: LogicalLine): boolean =>
        names.some((name) => line.text.startsWith(`${name} `) || line.text.startsWith(`${name}=`));
const block = (body: string[], ...hidden: string[]): NextBlock => ({
    instance,
    body,
    hides: named(...hidden),
});

test("a block is appended, and every line of what must yield is commented out, inner comments too", () => {
    const before = "a = 1\nmynetworks = 127.0.0.0/8,\n# office\n\n   10.0.0.0/8\nb = 2\n";
    assert.equal(
        rewrite(before, hub, block(["mynetworks = 127.0.0.0/8"], "mynetworks")),
        [
            "a = 1",
            `#pulumi-postfix(${hub})# mynetworks = 127.0.0.0/8,`,
            `#pulumi-postfix(${hub})# # office`,
            `#pulumi-postfix(${hub})# `,
            `#pulumi-postfix(${hub})#    10.0.0.0/8`,
            "b = 2",
            `# BEGIN pulumi-postfix ${hub} ${instance}`,
            "mynetworks = 127.0.0.0/8",
            `# END pulumi-postfix ${hub}`,
            "",
        ].join("\n"),
    );
});

test("a missing final newline comes before the block, is noted in it, and is missing again afterwards", () => {
    const added = rewrite("a = 1", hub, block(["b = 2"]));
    assert.equal(
        added,
        `a = 1\n# BEGIN pulumi-postfix ${hub} ${instance} no-final-newline\nb = 2\n# END pulumi-postfix ${hub}\n`,
    );
    assert.equal(rewrite(added, hub, undefined), "a = 1");
});

test("the note about the newline passes to the next owner, whoever leaves first", () => {
    const both = rewrite(rewrite("a = 1", hub, block(["b = 2"])), alice, block(["c = 3"]));
    assert.match(both, /hub-3f9a1c2b 0123456789abcdef no-final-newline\n/);
    const left = rewrite(both, hub, undefined);
    assert.equal(
        left,
        `a = 1\n# BEGIN pulumi-postfix ${alice} ${instance} no-final-newline\nc = 3\n# END pulumi-postfix ${alice}\n`,
    );
    assert.equal(rewrite(left, alice, undefined), "a = 1");
    assert.equal(rewrite(rewrite(both, alice, undefined), hub, undefined), "a = 1");
});

test("with text behind the block the newline before it stays, and the text ends as it did", () => {
    const added = rewrite("a = 1", hub, block(["b = 2"]));
    assert.equal(rewrite(`${added}c = 3\n`, hub, undefined), "a = 1\nc = 3\n");
    assert.equal(rewrite(`${added}c = 3`, hub, undefined), "a = 1\nc = 3");
    const second = rewrite(`${added}c = 3`, alice, block(["d = 4"]));
    assert.equal(rewrite(rewrite(second, hub, undefined), alice, undefined), "a = 1\nc = 3");
    assert.equal(rewrite(rewrite(second, alice, undefined), hub, undefined), "a = 1\nc = 3");
});

test("an editor that takes the newline behind our END does not take the admin's", () => {
    const added = rewrite("a = 1\n", hub, block(["b = 2"])).slice(0, -1);
    assert.equal(originalView(added), "a = 1\n");
    assert.equal(rewrite(added, hub, undefined), "a = 1\n");
});

test("a block is replaced where it stands, under what was written behind it", () => {
    const added = `${rewrite("a = 1\n", hub, block(["b = 2"]))}c = 3\n`;
    const next = { instance: other, body: ["b = 4", "d = 5"], hides: () => false };
    assert.equal(
        rewrite(added, hub, next),
        `a = 1\n# BEGIN pulumi-postfix ${hub} ${other}\nb = 4\nd = 5\n# END pulumi-postfix ${hub}\nc = 3\n`,
    );
});

test("a line that two owners hide comes back when the second leaves", () => {
    const before = "relayhost = [mx]\r\nb = 2\r\n";
    const both = rewrite(
        rewrite(before, hub, block(["x = 1"], "relayhost")),
        alice,
        block(["x = 1"], "relayhost", "b"),
    );
    assert.match(both, /^#pulumi-postfix\(alice-00aa11bb,hub-3f9a1c2b\)# relayhost = \[mx\]\r\n/);
    const left = rewrite(both, hub, undefined);
    assert.match(left, /^#pulumi-postfix\(alice-00aa11bb\)# relayhost = \[mx\]\r\n/);
    assert.equal(rewrite(left, alice, undefined), before);
});

test("what an owner hides is worked out anew each time, on the view without any of us", () => {
    const both = rewrite(rewrite("a = 1\nb = 2\n", alice, block([], "a")), hub, block([], "a"));
    const seen: string[] = [];
    const next = {
        instance,
        body: [],
        hides: (line: LogicalLine) => {
            seen.push(`${line.first}:${line.text}`);
            return line.text.startsWith("b");
        },
    };
    const changed = rewrite(both, hub, next);
    assert.deepEqual(seen, ["0:a = 1", "1:b = 2"]);
    assert.deepEqual(hiddenBy(changed), [
        { first: 0, last: 0, text: "a = 1", owners: [alice] },
        { first: 1, last: 1, text: "b = 2", owners: [hub] },
    ]);
});

test("who hides which lines, with their places in the original view", () => {
    const before = "a = 1,\n# inner\n  2\nb = 3\n";
    const text = rewrite(rewrite(before, hub, block(["x = 1"], "a")), alice, block([], "b"));
    assert.deepEqual(hiddenBy(text, hub), [{ first: 0, last: 2, text: "a = 1,  2", owners: [hub] }]);
    assert.deepEqual(
        hiddenBy(text).map(({ text, owners }) => [text, owners]),
        [
            ["a = 1,  2", [hub]],
            ["b = 3", [alice]],
        ],
    );
    assert.equal(originalView(text), before);
});

test("blocks are read in the order of the file, without CR", () => {
    const text = rewrite(rewrite("", hub, block(["a = 1", "#= b = 2"])), alice, {
        ...block([]),
        instance: other,
    });
    const blocks = [
        { owner: hub, instance, body: ["a = 1", "#= b = 2"] },
        { owner: alice, instance: other, body: [] },
    ];
    assert.deepEqual(readBlocks(text), blocks);
    const crlf = text.replaceAll("\n", "\r\n");
    assert.deepEqual(readBlocks(crlf), blocks);
    assert.equal(print(parse(crlf)), crlf);
});

test("lines of master.cf with their options yield and come back as a whole", () => {
    const before =
        "smtp inet n - y - - smtpd\nsubmission inet n - y - - smtpd\n  -o a=b\n#  -o c=d\n  -o e=f\nx unix - - n - - y\n";
    const next = { instance, body: ["587 inet n - n - - smtpd", "    -o g=h"], hides: named("submission") };
    const added = rewrite(before, hub, next);
    assert.match(added, /^#pulumi-postfix\(hub-3f9a1c2b\)# # {2}-o c=d$/m);
    assert.equal(rewrite(added, hub, undefined), before);
});

test("marks that are not ours stay plain text, and are named", () => {
    const begin = `# BEGIN pulumi-postfix ${hub} ${instance}`;
    const end = `# END pulumi-postfix ${hub}`;
    const cases: [string, RegExp][] = [
        [`${begin}\na = 1\n`, /has no end/],
        [`${begin}\n${begin}\n`, /has no end/],
        [`${begin}\na = 1\n# END pulumi-postfix ${alice}\n`, /has no end/],
        [`a = 1\n${end}\n`, /does not begin/],
        [`# BEGIN pulumi-postfix ${hub}\n`, /is none/],
        [`${begin} \n${end}\n`, /is none/],
        ["#pulumi-postfix(HUB)# a = 1\n", /is none/],
        [`#pulumi-postfix(${hub})#a = 1\n`, /is none/],
        [`#pulumi-postfix(${hub})# a = 1\n`, /has no block/],
        [`${begin}\n${end}\n  10.0.0.0/8\n`, /^$/],
        [`a = 1\n${begin}\nb = 2\n${end}\n\n# x\n  10.0.0.0/8\n`, /continues the last line of the block/],
        [`${begin}\n${end}\n${begin}\nb = 1\n${end}\n`, /a second block/],
    ];
    for (const [text, reason] of cases) {
        assert.equal(print(parse(text)), text);
        const [fault] = fragmentFaults(text);
        assert.match(fault?.reason ?? "", reason, text);
        if (fault) assert.equal(fault.text, text.split("\n")[fault.line - 1]);
    }
});

test("a nested begin is text, the block within it counts", () => {
    const inner = rewrite("", alice, block(["b = 2"]));
    const text = `# BEGIN pulumi-postfix ${hub} ${instance}\na = 1\n${inner}`;
    assert.deepEqual(
        readBlocks(text).map(({ owner }) => owner),
        [alice],
    );
    assert.equal(rewrite(text, alice, undefined), `# BEGIN pulumi-postfix ${hub} ${instance}\na = 1\n`);
});

test("of two begins of one owner the second one counts", () => {
    const added = rewrite("", hub, block(["b = 2"]));
    const text = `# BEGIN pulumi-postfix ${hub} ${other}\na = 1\n${added}`;
    assert.deepEqual(readBlocks(text), [{ owner: hub, instance, body: ["b = 2"] }]);
});

test("nothing of ours is at fault: blocks, hidden lines of many lines, and a mark that is only spoken of", () => {
    const before = "# see # BEGIN pulumi-postfix\na = 1,\n\n  2\nb = 3,\n  4\n";
    const text = rewrite(rewrite(before, hub, block(["a = 5"], "a")), alice, block(["c = 6,", "  7"], "a"));
    assert.deepEqual(fragmentFaults(text), []);
});

test("faults are told in the order of the file", () => {
    const text = `#pulumi-postfix(${alice})# a = 1\n# END pulumi-postfix ${hub}\n#pulumi-postfix()# b\n`;
    assert.deepEqual(
        fragmentFaults(text).map(({ line }) => line),
        [1, 2, 3],
    );
});

test("an editor's number for each line of the original, and whose block a line stands in", () => {
    const first = rewrite("a = 1\n", hub, block(["x = 1"]));
    const text = rewrite(`${first}b = 2\n`, alice, block(["y = 1", "z = 1"]));
    const lines = text.split("\n").slice(0, -1);
    for (const [index, line] of ["a = 1", "b = 2"].entries())
        assert.equal(lines[lineNumber(text, index) - 1], line);
    const owned = lineOwners(text).map((owner, index) =>
        owner ? `${owner}: ${lines[index]}` : lines[index],
    );
    assert.deepEqual(owned, [
        "a = 1",
        `${hub}: # BEGIN pulumi-postfix ${hub} ${instance}`,
        `${hub}: x = 1`,
        `${hub}: # END pulumi-postfix ${hub}`,
        "b = 2",
        `${alice}: # BEGIN pulumi-postfix ${alice} ${instance}`,
        `${alice}: y = 1`,
        `${alice}: z = 1`,
        `${alice}: # END pulumi-postfix ${alice}`,
    ]);
});

test("the note about the newline is none of a block that stands elsewhere", () => {
    const first = rewrite("a = 1", hub, block(["x = 1"]));
    const both = rewrite(`${first}b = 2\n`, alice, block(["y = 1"]));
    assert.equal(rewrite(rewrite(both, hub, undefined), alice, undefined), "a = 1\nb = 2\n");
});

test("a copy of a block made by hand goes with the block", () => {
    const added = rewrite("a = 1", hub, block(["b = 2"]));
    const copied = added + added.slice(added.indexOf("# BEGIN"));
    assert.equal(rewrite(copied, hub, undefined), "a = 1");
    assert.equal(rewrite(copied, hub, block(["b = 3"])), added.replace("b = 2", "b = 3"));
});

test("a mark that an editor trimmed is still understood, and left as it is while nobody touches it", () => {
    const before = "a = 1,\n\n  2\n";
    const trimmed = rewrite(before, hub, block(["x = 1"], "a")).replace("# \n", "#\n");
    assert.equal(print(parse(trimmed)), trimmed);
    assert.equal(originalView(trimmed), before);
    assert.equal(rewrite(trimmed, hub, undefined), before);
    assert.ok(rewrite(trimmed, alice, block(["y = 1"])).startsWith(trimmed));
});

test("commented-out lines come back even when somebody deleted the block", () => {
    const added = rewrite("a = 1\nb = 2\n", hub, block(["a = 3"], "a"));
    const cut = added.slice(0, added.indexOf("# BEGIN"));
    assert.equal(rewrite(cut, hub, undefined), "a = 1\nb = 2\n");
});

test("what would tear the file is refused", () => {
    const bodies = [["a = 1\nb = 2"], ["a = 1\r"], ["  a = 1"], [`# END pulumi-postfix ${hub}`], ["a = \0"]];
    for (const body of bodies) assert.throws(() => rewrite("", hub, block(body)), /block/);
    assert.throws(() => rewrite("", "Hub 1", block([])), /not an owner/);
    assert.throws(() => rewrite("", hub, { ...block([]), instance: "1" }), /not an owner and instance/);
});

test("an owner that is not there can leave: nothing changes", () => {
    for (const text of ["", "a = 1", "a = 1\n", rewrite("a = 1", alice, block(["b = 2"], "a"))]) {
        assert.equal(rewrite(text, hub, undefined), text);
        assert.equal(rewrite(text.trimEnd(), hub, undefined), text.trimEnd());
    }
});
