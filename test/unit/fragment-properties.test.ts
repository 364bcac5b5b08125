import assert from "node:assert/strict";
import { test } from "node:test";
import {
    hiddenBy,
    type NextBlock,
    originalView,
    parse,
    print,
    readBlocks,
    rewrite,
} from "../../postfix/fragment";
import { physicalLines, readLogicalLines } from "../../postfix/logical-lines";
import { parseMainCf } from "../../postfix/main-cf";
import { forSeeds, type Generator, mainCfLine, mainCfText } from "./generate";

const owners = ["alice-00aa11bb", "hub-3f9a1c2b", "shared", "z-99999999"];

function nextBlock(generator: Generator): NextBlock {
    const hidden = new Set(
        ["relayhost", "mynetworks", "biff", "transport_maps"].filter(() => generator.chance(2)),
    );
    return {
        instance: Array.from({ length: 16 }, () => "0123456789abcdef"[generator.below(16)]).join(""),
        body: generator.list(
            4,
            () => `${generator.pick(["relayhost", "mynetworks", "x"])} = ${generator.below(9)}`,
        ),
        hides: (line) => hidden.has(/^[^\s=]+/.exec(line.text)?.[0] ?? ""),
    };
}

/** Text made of lines and of marks, right and wrong, in any order. */
function messyText(generator: Generator): string {
    const owner = () => generator.pick(owners);
    const marks = [
        () => `# BEGIN pulumi-postfix ${owner()} 0123456789abcdef`,
        () => `# BEGIN pulumi-postfix ${owner()} 0123456789abcdef no-final-newline`,
        () => `# BEGIN pulumi-postfix ${owner()} 01234`,
        () => `# END pulumi-postfix ${owner()}`,
        () => `#pulumi-postfix(${owner()})# ${mainCfLine(generator)}`,
        () => `#pulumi-postfix(${owner()},${owner()})# ${mainCfLine(generator)}`,
        () => `#pulumi-postfix(${owner()})#`,
        () => "#pulumi-postfix()# a = b",
        () => mainCfLine(generator),
    ];
    const lines = generator.list(12, () => generator.pick(marks)() + generator.pick(["", "", "\r", " "]));
    return lines.join("\n") + generator.pick(["", "\n", "\n\n"]);
}

test("print is the inverse of parse, for any text", () => {
    forSeeds(3000, (generator) => {
        for (const text of [mainCfText(generator), messyText(generator)])
            assert.equal(print(parse(text)), text);
    });
});

test("owners come, change and leave in any order: the last one restores the file byte for byte", () => {
    forSeeds(1500, (generator) => {
        const before = mainCfText(generator);
        let text = before;
        for (const owner of generator.shuffle([...owners, ...owners])) {
            text = rewrite(text, owner, nextBlock(generator));
            assert.equal(print(parse(text)), text);
            assert.equal(originalView(text), before);
        }
        assert.equal(readBlocks(text).length, owners.length);
        for (const owner of generator.shuffle(owners)) {
            assert.equal(originalView(text), before);
            text = rewrite(text, owner, undefined);
        }
        assert.equal(text, before);
    });
});

test("every order of leaving, with lines hidden by two and by three", () => {
    const three = owners.slice(0, 3);
    const orders = three.flatMap((a) =>
        three.filter((b) => b !== a).map((b) => [a, b, ...three.filter((c) => c !== a && c !== b)]),
    );
    assert.equal(orders.length, 6);
    forSeeds(300, (generator) => {
        const before = mainCfText(generator);
        const full = three.reduce((text, owner) => rewrite(text, owner, nextBlock(generator)), before);
        for (const order of orders) {
            assert.equal(
                order.reduce((text, owner) => rewrite(text, owner, undefined), full),
                before,
            );
        }
    });
});

test("what others append behind the blocks survives, and is all that differs in the end", () => {
    forSeeds(1000, (generator) => {
        const before = mainCfText(generator);
        let text = before;
        let appended = "";
        for (const owner of generator.shuffle(owners)) {
            text = rewrite(text, owner, nextBlock(generator));
            if (generator.chance(2)) continue;
            // postconf -e ends what it writes with a newline, an editor may not.
            const added = `appended_${generator.below(9)} = ${generator.below(9)}`;
            if (!text.endsWith("\n")) text += "\n";
            const end = generator.pick(["\n", "\n", ""]);
            text += added + end;
            appended += added + end;
            if (end === "") appended += "\n";
        }
        const trailing = text.endsWith("\n");
        const endsInBlock = /# END pulumi-postfix \S+\n$/.test(text);
        for (const owner of generator.shuffle(owners)) text = rewrite(text, owner, undefined);
        if (appended === "") assert.equal(text, before);
        else {
            const newline = before === "" || before.endsWith("\n") ? "" : "\n";
            const all = before + newline + appended;
            // Whether the very last line had its newline is known in the file itself, or noted in the block behind it.
            if (endsInBlock)
                assert.ok(text === all || text === all.slice(0, -1), JSON.stringify({ text, all }));
            else assert.equal(text, trailing ? all : all.slice(0, -1));
        }
    });
});

test("a value changed within a block, as postconf -e does, goes with the block", () => {
    forSeeds(500, (generator) => {
        const before = mainCfText(generator);
        const [first = "", second = ""] = generator.shuffle(owners);
        const added = rewrite(rewrite(before, first, nextBlock(generator)), second, nextBlock(generator));
        const edited = added.replace(/(# BEGIN pulumi-postfix .*\n)(.*\n)*?(# END)/, "$1edited = yes\n$3");
        assert.equal(rewrite(rewrite(edited, first, undefined), second, undefined), before);
    });
});

test("Postfix reads what is left visible and the blocks, and nothing that is hidden", () => {
    forSeeds(1000, (generator) => {
        const before = mainCfText(generator);
        const next = nextBlock(generator);
        const after = rewrite(before, "hub-3f9a1c2b", next);
        const kept = readLogicalLines(physicalLines(before)).filter((line) => !next.hides(line));
        const wanted = [...kept.map(({ text }) => text), ...next.body];
        assert.deepEqual(
            readLogicalLines(physicalLines(after)).map(({ text }) => text),
            wanted,
        );
        const hidden = hiddenBy(after).map(({ text }) => text);
        assert.equal(
            hidden.length + wanted.length - next.body.length,
            readLogicalLines(physicalLines(before)).length,
        );
        assert.deepEqual(parseMainCf(originalView(after)), parseMainCf(before));
    });
});
