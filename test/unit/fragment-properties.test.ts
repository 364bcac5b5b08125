import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parse, print } from "../../postfix/fragment/parse";
import { hiddenBy, originalView, readBlocks } from "../../postfix/fragment/read";
import { type NextBlock, rewrite } from "../../postfix/fragment/rewrite";
import { physicalLines, readLogicalLines } from "../../postfix/logical-lines";
import { parseMainCf } from "../../postfix/main-cf";
import { mainCfLine, mainCfText, settingValue } from "./host-files";
import { ordered, runs } from "./properties";

const owners = ["alice-00aa11bb", "hub-3f9a1c2b", "shared", "z-99999999"];
const owner = fc.constantFrom(...owners);
const yielding = fc.subarray(["relayhost", "mynetworks", "biff", "transport_maps"]);

const block: fc.Arbitrary<NextBlock> = fc
    .record({
        instance: fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 16, maxLength: 16 }),
        body: fc.array(
            fc
                .tuple(fc.constantFrom("relayhost", "mynetworks", "x"), settingValue)
                .map(([name, value]) => `${name} = ${value}`),
            { maxLength: 4 },
        ),
        names: yielding,
    })
    .map(({ names, ...next }) => ({
        ...next,
        hides: ({ text }) => names.includes(/^[^\s=]+/.exec(text)?.[0] ?? ""),
    }));

/** Each owner once, in any order, with what it wants. */
const arrivals = fc.tuple(ordered(owners), fc.array(block, { minLength: 4, maxLength: 4 }));

const add = (text: string, [names, blocks]: [string[], NextBlock[]]): string =>
    names.reduce((before, name, index) => rewrite(before, name, blocks[index]), text);

/** Text made of lines and of marks, right and wrong, in any order. */
const messyLine = fc.oneof(
    owner.map((name) => `# BEGIN pulumi-postfix ${name} 0123456789abcdef`),
    owner.map((name) => `# BEGIN pulumi-postfix ${name} 0123456789abcdef no-final-newline`),
    owner.map((name) => `# BEGIN pulumi-postfix ${name} 01234`),
    owner.map((name) => `# END pulumi-postfix ${name}`),
    fc.tuple(owner, mainCfLine).map(([name, line]) => `#pulumi-postfix(${name})# ${line}`),
    fc.tuple(owner, owner, mainCfLine).map(([one, two, line]) => `#pulumi-postfix(${one},${two})# ${line}`),
    owner.map((name) => `#pulumi-postfix(${name})#`),
    fc.constant("#pulumi-postfix()# a = b"),
    mainCfLine,
);
const messyText = fc
    .tuple(
        fc.array(fc.tuple(messyLine, fc.constantFrom("", "", "\r", " ")), { maxLength: 12 }),
        fc.constantFrom("", "\n", "\n\n"),
    )
    .map(([lines, end]) => lines.map((parts) => parts.join("")).join("\n") + end);

test("print is the inverse of parse, for any text", () => {
    fc.assert(
        fc.property(fc.oneof(mainCfText, messyText), (text) => assert.equal(print(parse(text)), text)),
        runs(6000),
    );
});

test("owners come, change and leave in any order: the last one restores the file byte for byte", () => {
    fc.assert(
        fc.property(mainCfText, arrivals, arrivals, ordered(owners), (before, first, second, leaving) => {
            let text = before;
            for (const [names, blocks] of [first, second]) {
                for (const [index, name] of names.entries()) {
                    text = rewrite(text, name, blocks[index]);
                    assert.equal(print(parse(text)), text);
                    assert.equal(originalView(text), before);
                }
            }
            assert.equal(readBlocks(text).length, owners.length);
            for (const name of leaving) {
                assert.equal(originalView(text), before);
                const left = readBlocks(text).filter(({ owner }) => owner !== name);
                text = rewrite(text, name, undefined);
                assert.deepEqual(readBlocks(text), left);
            }
            assert.equal(text, before);
        }),
        runs(1500),
    );
});

test("every order of leaving, with lines hidden by two and by three", () => {
    const three = owners.slice(0, 3);
    const orders = three.flatMap((a) =>
        three.filter((b) => b !== a).map((b) => [a, b, ...three.filter((c) => c !== a && c !== b)]),
    );
    assert.equal(orders.length, 6);
    fc.assert(
        fc.property(mainCfText, fc.tuple(block, block, block), (before, blocks) => {
            const full = add(before, [three, blocks]);
            for (const order of orders) {
                assert.equal(
                    order.reduce((text, name) => rewrite(text, name, undefined), full),
                    before,
                );
            }
        }),
        runs(300),
    );
});

test("what others append behind the blocks survives, and is all that differs in the end", () => {
    // postconf -e ends what it writes with a newline, an editor may not.
    const addition = fc.option(fc.tuple(fc.constantFrom("a = 1", "b = 2"), fc.constantFrom("\n", "\n", "")));
    fc.assert(
        fc.property(
            mainCfText,
            arrivals,
            fc.array(addition, { minLength: 4, maxLength: 4 }),
            ordered(owners),
            (before, [names, blocks], additions, leaving) => {
                let text = before;
                let appended = "";
                for (const [index, name] of names.entries()) {
                    text = rewrite(text, name, blocks[index]);
                    const [line, end] = additions[index] ?? [];
                    if (line === undefined || end === undefined) continue;
                    if (!text.endsWith("\n")) text += "\n";
                    text += line + end;
                    appended += `${line}\n`;
                }
                const trailing = text.endsWith("\n");
                const endsInBlock = /# END pulumi-postfix \S+\n$/.test(text);
                for (const name of leaving) text = rewrite(text, name, undefined);
                if (appended === "") return assert.equal(text, before);
                const newline = before === "" || before.endsWith("\n") ? "" : "\n";
                const all = before + newline + appended;
                // Whether the very last line had its newline is known in the file itself, or noted in the block behind it.
                if (endsInBlock)
                    assert.ok(text === all || text === all.slice(0, -1), JSON.stringify({ text, all }));
                else assert.equal(text, trailing ? all : all.slice(0, -1));
            },
        ),
        runs(1000),
    );
});

test("a value changed within a block, as postconf -e does, goes with the block", () => {
    fc.assert(
        fc.property(
            mainCfText,
            ordered(owners),
            block,
            block,
            (before, [first = "", second = ""], one, two) => {
                const added = add(before, [
                    [first, second],
                    [one, two],
                ]);
                const edited = added.replace(
                    /(# BEGIN pulumi-postfix .*\n)([^\n]*\n)*?(# END)/,
                    "$1edited = yes\n$3",
                );
                assert.notEqual(edited, added);
                assert.equal(rewrite(rewrite(edited, first, undefined), second, undefined), before);
            },
        ),
        runs(500),
    );
});

test("Postfix reads what is left visible and the blocks, and nothing that is hidden", () => {
    fc.assert(
        fc.property(mainCfText, block, (before, next) => {
            const after = rewrite(before, "hub-3f9a1c2b", next);
            const original = readLogicalLines(physicalLines(before));
            const kept = original.filter((line) => !next.hides(line));
            assert.deepEqual(
                readLogicalLines(physicalLines(after)).map(({ text }) => text),
                [...kept.map(({ text }) => text), ...next.body],
            );
            assert.equal(hiddenBy(after).length + kept.length, original.length);
            assert.deepEqual(parseMainCf(originalView(after)), parseMainCf(before));
        }),
        runs(1000),
    );
});
