import { type LogicalLine, physicalLines, readLogicalLines } from "./logical-lines";

/** One owner's block as it stands in the file. */
export interface Block {
    owner: string;
    /** Which resource of that owner wrote it: 16 hex digits. */
    instance: string;
    /** The lines between BEGIN and END, without CR. */
    body: string[];
}

/** What `rewrite` puts in the place of an owner's block. */
export interface NextBlock {
    instance: string;
    body: string[];
    /** Which lines of the original view must yield to this owner. */
    hides: (line: LogicalLine) => boolean;
}

/** A line of others that is commented out for one owner or more. */
export interface HiddenLine extends LogicalLine {
    owners: string[];
}

/** Something about our marks that was not written by us; the line is left as it stands. */
export interface FragmentFault {
    /** Number of the line as an editor counts it. */
    line: number;
    text: string;
    reason: string;
}

/** A line that is not of ours, as it was before any owner hid it. */
interface OriginalLine {
    text: string;
    owners: string[];
    /** How it stands in the file when that is not how we write it, e.g. trimmed by an editor. */
    raw?: string;
}

interface PlacedBlock extends Block {
    /** Index of the original line before which it stands. */
    position: number;
    /** The line before its position had no newline when this block was appended. */
    noFinalNewline: boolean;
    /** As it stands in the file, until it is replaced. */
    raw: string[];
}

/** A file taken apart: `print` puts it together again, byte for byte. */
export interface Fragments {
    lines: OriginalLine[];
    blocks: PlacedBlock[];
    /** Whether the file itself ends with a newline. */
    finalNewline: boolean;
    faults: FragmentFault[];
}

const ownerPattern = "[a-z0-9][a-z0-9-]*";
const beginPattern = new RegExp(
    `^# BEGIN pulumi-postfix (${ownerPattern}) ([0-9a-f]{16})( no-final-newline)?\\r?$`,
);
const endPattern = new RegExp(`^# END pulumi-postfix (${ownerPattern})\\r?$`);
const hiddenPattern = new RegExp(`^#pulumi-postfix\\((${ownerPattern}(?:,${ownerPattern})*)\\)#`);
/** Whatever stands behind the words that we know: a later release says there what else its block means. */
const laterPattern = new RegExp(
    `^# (?:BEGIN pulumi-postfix ${ownerPattern} [0-9a-f]{16}(?: no-final-newline)?|END pulumi-postfix ${ownerPattern}) [^\\s].*`,
);
const markPattern = /^#(?: (?:BEGIN|END) pulumi-postfix\b|pulumi-postfix\()/;

export function parse(text: string): Fragments {
    const physical = physicalLines(text);
    const fragments: Fragments = {
        lines: [],
        blocks: [],
        finalNewline: text === "" || text.endsWith("\n"),
        faults: [],
    };
    const fault = (index: number, reason: string) =>
        fragments.faults.push({ line: index + 1, text: physical[index] ?? "", reason });
    for (let index = 0; index < physical.length; index++) {
        const line = physical[index] ?? "";
        const [, owner, instance, flag] = beginPattern.exec(line) ?? [];
        const end = owner && instance ? findEnd(physical, index, owner) : undefined;
        if (owner && instance && end !== undefined) {
            if (fragments.blocks.some((block) => block.owner === owner))
                fault(index, `a second block of ${owner}`);
            const raw = physical.slice(index, end + 1);
            const body = raw.slice(1, -1).map((inner) => inner.replace(/\r$/, ""));
            const position = fragments.lines.length;
            fragments.blocks.push({
                owner,
                instance,
                body,
                position,
                noFinalNewline: flag !== undefined,
                raw,
            });
            index = end;
            continue;
        }
        const original = readHidden(line);
        fragments.lines.push(original);
        if (owner) fault(index, `the block of ${owner} has no end, so it counts as plain text`);
        else if (endPattern.test(line))
            fault(index, "the end of a block that does not begin, so it counts as plain text");
        else if (original.owners.length === 0 && markPattern.test(line))
            fault(index, "looks like a mark of ours, but is none");
    }
    return fragments;
}

/** The END that belongs to a BEGIN: the next mark of all, or there is none. */
function findEnd(physical: string[], begin: number, owner: string): number | undefined {
    for (let index = begin + 1; index < physical.length; index++) {
        const line = physical[index] ?? "";
        const [, ended] = endPattern.exec(line) ?? [];
        if (ended) return ended === owner ? index : undefined;
        if (beginPattern.test(line)) return undefined;
    }
    return undefined;
}

function readHidden(line: string): OriginalLine {
    const [mark, names] = hiddenPattern.exec(line) ?? [];
    if (mark === undefined || names === undefined) return { text: line, owners: [] };
    const rest = line.slice(mark.length);
    const owners = sorted(names.split(","));
    if (rest.startsWith(" ")) {
        const original = { text: rest.slice(1), owners };
        return printLine(original) === line ? original : { ...original, raw: line };
    }
    // An empty line that we hid ends in a blank, and some editors take that away.
    return /^\r?$/.test(rest) ? { text: rest, owners, raw: line } : { text: line, owners: [] };
}

const sorted = (owners: string[]): string[] => [...new Set(owners)].sort();

function printLine({ text, owners, raw }: OriginalLine): string {
    if (raw !== undefined) return raw;
    return owners.length === 0 ? text : `#pulumi-postfix(${owners.join(",")})# ${text}`;
}

/** The exact inverse of `parse`. */
export function print({
    lines,
    blocks,
    finalNewline,
}: Pick<Fragments, "lines" | "blocks" | "finalNewline">): string {
    const printed: string[] = [];
    for (let index = 0; index <= lines.length; index++) {
        for (const block of blocks) if (block.position === index) printed.push(...block.raw);
        const line = lines[index];
        if (line) printed.push(printLine(line));
    }
    if (printed.length === 0) return "";
    return printed.join("\n") + (finalNewline ? "\n" : "");
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
        for (const line of logicalLines(lines).filter(next.hides))
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

const endsInBlock = (lines: OriginalLine[], blocks: PlacedBlock[]): boolean =>
    blocks.some((block) => block.position === lines.length);

/** Whether the file would end with a newline were it not for our blocks. */
function originalFinalNewline(lines: OriginalLine[], blocks: PlacedBlock[], finalNewline: boolean): boolean {
    const last = blocks.filter((block) => block.position === lines.length);
    return last.length > 0 ? !last.some((block) => block.noFinalNewline) : finalNewline;
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

const beginLine = (owner: string, instance: string, noFinalNewline: boolean): string =>
    `# BEGIN pulumi-postfix ${owner} ${instance}${noFinalNewline ? " no-final-newline" : ""}`;

const logicalLines = (lines: OriginalLine[]): LogicalLine[] =>
    readLogicalLines(lines.map((line) => line.text));

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
    return logicalLines(lines)
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
