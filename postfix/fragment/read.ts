import { type LogicalLine, physicalLines, readLogicalLines } from "../logical-lines";
import { beginPattern, endPattern, laterPattern } from "./marks";
import { type Block, type FragmentFault, originalFinalNewline, parse, print, readHidden } from "./parse";

/** A line of others that is commented out for one owner or more. */
export interface HiddenLine extends LogicalLine {
    owners: string[];
}

/** The blocks in the order of the file. */
export function readBlocks(text: string): Block[] {
    return parse(text).blocks.map(({ owner, instance, body }) => ({ owner, instance, body }));
}

/** The file as it would be without any of us: no blocks, and every hidden line back. */
export function originalView(text: string): string {
    const { lines, blocks, finalNewline } = parse(text);
    const shown = lines.map((line) => ({ text: line.text, owners: [] }));
    return print({
        lines: shown,
        blocks: [],
        finalNewline: originalFinalNewline(lines, blocks, finalNewline),
    });
}

/** The number that an editor shows for a line of the original view: blocks before it count too. */
export function lineNumber(text: string, index: number): number {
    const before = parse(text).blocks.filter((block) => block.position <= index);
    return before.reduce((number, block) => number + block.raw.length, index + 1);
}

/** For each physical line of the file the owner in whose block it stands. */
export function lineOwners(text: string): (string | undefined)[] {
    const { lines, blocks } = parse(text);
    return Array.from({ length: lines.length + 1 }, (_, index) => [
        ...blocks
            .filter((block) => block.position === index)
            .flatMap((block) => block.raw.map(() => block.owner)),
        ...(index < lines.length ? [undefined] : []),
    ]).flat();
}

/** The hidden logical lines, with their places in the original view: those of one owner, or all. */
export function hiddenBy(text: string, owner?: string): HiddenLine[] {
    const { lines } = parse(text);
    return readLogicalLines(lines.map(({ text }) => text))
        .map((line) => ({ ...line, owners: lines[line.first]?.owners ?? [] }))
        .filter(({ owners }) => (owner === undefined ? owners.length > 0 : owners.includes(owner)));
}

/**
 * Marks that say more than this release knows. Read as plain text they would let a second block of the same owner come
 * to stand beside the first, so nothing may be done with such a file. What is known has no number: it is the first form.
 */
export function laterMarks(text: string): FragmentFault[] {
    return physicalLines(text).flatMap((line, index) =>
        laterPattern.test(line) && !beginPattern.test(line)
            ? [
                  {
                      line: index + 1,
                      text: line.replace(/\r$/, ""),
                      reason: "says more than this release knows",
                  },
              ]
            : [],
    );
}

/** What somebody did to our marks and blocks: for a warning, since nothing of it is repaired by guessing. */
export function fragmentFaults(text: string): FragmentFault[] {
    const { lines, blocks, faults } = parse(text);
    const physical = physicalLines(text);
    const found = [...faults];
    const present = new Set(blocks.map((block) => block.owner));
    const orphans = new Set(lines.flatMap((line) => line.owners).filter((owner) => !present.has(owner)));
    for (const owner of orphans) {
        const index = physical.findIndex((line) => readHidden(line).owners.includes(owner));
        const reason = `commented out for ${owner}, which has no block in this file`;
        found.push({ line: index + 1, text: physical[index] ?? "", reason });
    }
    for (const line of readLogicalLines(physical)) {
        for (let index = line.first; index < line.last; index++) {
            if (!endPattern.test(physical[index] ?? "")) continue;
            const reason = "begins with whitespace and so continues the last line of the block above it";
            found.push({ line: line.last + 1, text: physical[line.last] ?? "", reason });
        }
    }
    return found.sort((a, b) => a.line - b.line);
}
