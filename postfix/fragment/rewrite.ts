import { type LogicalLine, readLogicalLines } from "../logical-lines";
import { beginLine, beginPattern, markPattern } from "./marks";
import {
    endsInBlock,
    type OriginalLine,
    originalFinalNewline,
    type PlacedBlock,
    parse,
    print,
    sorted,
} from "./parse";

/** What `rewrite` puts in the place of an owner's block. */
export interface NextBlock {
    instance: string;
    body: string[];
    /** Which lines of the original view must yield to this owner. */
    hides: (line: LogicalLine) => boolean;
}

/**
 * The file with this owner's block written anew, or taken out when `next` is `undefined`; what this owner hid
 * before and no longer does comes back unless another owner hides it too. The last owner that leaves restores the
 * file byte for byte, but for what others wrote into it meanwhile.
 */
export function rewrite(text: string, owner: string, next: NextBlock | undefined): string {
    const { lines, blocks, finalNewline } = parse(text);
    const ownEnd = originalFinalNewline(lines, blocks, finalNewline);
    for (const line of lines) if (line.owners.includes(owner)) show(line, owner);
    if (!next && !blocks.some((block) => block.owner === owner))
        return print({ lines, blocks, finalNewline });
    if (next)
        for (const line of readLogicalLines(lines.map(({ text }) => text)).filter(next.hides))
            hide(lines.slice(line.first, line.last + 1), owner);
    const changed = next ? putBlock(lines, blocks, owner, next, ownEnd) : dropBlock(blocks, owner);
    return print({ lines, blocks: changed, finalNewline: endsInBlock(lines, changed) || ownEnd });
}

function show(line: OriginalLine, owner: string): void {
    line.owners = line.owners.filter((name) => name !== owner);
    line.raw = undefined;
}

function hide(lines: OriginalLine[], owner: string): void {
    for (const line of lines) {
        line.owners = sorted([...line.owners, owner]);
        line.raw = undefined;
    }
}

function putBlock(
    lines: OriginalLine[],
    blocks: PlacedBlock[],
    owner: string,
    next: NextBlock,
    ownEnd: boolean,
): PlacedBlock[] {
    const present = blocks.find((block) => block.owner === owner);
    if (present) {
        const written = writeBlock(owner, next, present.position, present.noFinalNewline);
        // A second block of the same owner is a copy made by hand: the one that is kept says it all.
        return dropCopies(
            blocks.map((block) => (block === present ? written : block)),
            owner,
            written,
        );
    }
    const position = lines.length;
    const flagged = !ownEnd && lines.length > 0 && !endsInBlock(lines, blocks);
    return [...blocks, writeBlock(owner, next, position, flagged)];
}

function dropCopies(blocks: PlacedBlock[], owner: string, kept: PlacedBlock): PlacedBlock[] {
    return blocks
        .filter((block) => block.owner === owner && block !== kept)
        .reduce((left, copy) => without(left, copy), blocks);
}

function dropBlock(blocks: PlacedBlock[], owner: string): PlacedBlock[] {
    return blocks
        .filter((block) => block.owner === owner)
        .reduce((left, block) => without(left, block), blocks);
}

/** Hands the note about the missing newline on to the next block at the same place. */
function without(blocks: PlacedBlock[], gone: PlacedBlock): PlacedBlock[] {
    const left = blocks.filter((block) => block !== gone);
    const heir = gone.noFinalNewline ? left.find((block) => block.position === gone.position) : undefined;
    if (!heir || heir.noFinalNewline) return left;
    const begin = beginLine(heir.owner, heir.instance, true);
    return left.map((block) =>
        block === heir ? { ...heir, noFinalNewline: true, raw: [begin, ...heir.raw.slice(1)] } : block,
    );
}

function writeBlock(owner: string, next: NextBlock, position: number, noFinalNewline: boolean): PlacedBlock {
    const { instance, body } = next;
    const begin = beginLine(owner, instance, noFinalNewline);
    const end = `# END pulumi-postfix ${owner}`;
    if (!beginPattern.test(begin)) throw new Error(`not an owner and instance: ${owner} ${instance}`);
    for (const line of body) {
        if (/[\r\n\0]/.test(line)) throw new Error("a line of a block holds a line break");
        if (markPattern.test(line)) throw new Error(`a line of a block looks like its mark: ${line}`);
    }
    // It would continue the last line before the block.
    if (/^\s/.test(body[0] ?? "")) throw new Error("a block begins with a continuation line");
    return { owner, instance, body, position, noFinalNewline, raw: [begin, ...body, end] };
}
