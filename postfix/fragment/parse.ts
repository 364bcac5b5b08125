import { physicalLines } from "../logical-lines";
import { beginPattern, endPattern, hiddenPattern, markPattern } from "./marks";

/** One owner's block as it stands in the file. */
export interface Block {
    owner: string;
    /** Which resource of that owner wrote it: 16 hex digits. */
    instance: string;
    /** The lines between BEGIN and END, without CR. */
    body: string[];
}

/** Something about our marks that was not written by us; the line is left as it stands. */
export interface FragmentFault {
    /** Number of the line as an editor counts it. */
    line: number;
    text: string;
    reason: string;
}

/** A line that is not of ours, as it was before any owner hid it. */
export interface OriginalLine {
    text: string;
    owners: string[];
    /** How it stands in the file when that is not how we write it, e.g. trimmed by an editor. */
    raw?: string;
}

export interface PlacedBlock extends Block {
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

export function readHidden(line: string): OriginalLine {
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

export const sorted = (owners: string[]): string[] => [...new Set(owners)].sort();

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

export const endsInBlock = (lines: OriginalLine[], blocks: PlacedBlock[]): boolean =>
    blocks.some((block) => block.position === lines.length);

/** Whether the file would end with a newline were it not for our blocks. */
export function originalFinalNewline(
    lines: OriginalLine[],
    blocks: PlacedBlock[],
    finalNewline: boolean,
): boolean {
    const last = blocks.filter((block) => block.position === lines.length);
    return last.length > 0 ? !last.some((block) => block.noFinalNewline) : finalNewline;
}
