import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { isRecord } from "../validate/args";
import { show } from "../validate/show";
import type { LaptopsFile, MachineEntry } from "./entries";

/** Laptops from a YAML file: a list of laptops with names, or a map of them by name. */
export function laptopsFromYaml(file: string, text: string): LaptopsFile {
    const counter = new LineCounter();
    const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, merge: true });
    const lineOf = (offset: number) => `${file}:${counter.linePos(offset).line}`;
    const faults = [...document.errors, ...document.warnings];
    if (faults.length > 0) {
        const problems = faults.map(({ pos, message }) => ({
            path: lineOf(pos[0]),
            reason: `is no YAML: ${message}`,
        }));
        return { entries: [], problems };
    }
    const { contents } = document;
    const found: LaptopsFile = { entries: [], problems: [] };
    // Of an empty file, or one of nothing but comments.
    if (contents === null || (isScalar(contents) && contents.value === null)) return found;
    const read = (node: unknown): unknown => (node === null ? null : (node as Node).toJS(document));
    try {
        if (isSeq(contents)) {
            for (const item of contents.items as Node[]) listed(lineOf(startOf(item)), read(item), found);
        } else if (isMap(contents)) {
            for (const { key, value } of contents.items)
                mapped(lineOf(startOf(key as Node)), String(read(key)), read(value), found);
        } else {
            const reason = `given ${show(read(contents))}, allowed: a list of laptops with names, or a map of them by name`;
            found.problems.push({ path: file, reason });
        }
    } catch (error) {
        // Aliases that grow without bounds.
        found.problems.push({ path: file, reason: `is no YAML: ${(error as Error).message}` });
    }
    return found;
}

const startOf = (node: Node): number => node.range?.[0] ?? 0;

function listed(path: string, laptop: unknown, { entries, problems }: LaptopsFile): void {
    if (!isRecord(laptop)) problems.push({ path, reason: notALaptop(laptop) });
    else if (laptop.name === undefined || laptop.name === null || laptop.name === "")
        problems.push({ path: `${path}: name`, reason: "missing; each laptop of a list needs one" });
    else {
        const { name, ...own } = laptop;
        entries.push(entry(path, String(name), own));
    }
}

function mapped(path: string, name: string, laptop: unknown, { entries, problems }: LaptopsFile): void {
    if (isRecord(laptop)) entries.push(entry(path, name, laptop));
    else if (laptop === null) entries.push(entry(path, name, {}));
    else problems.push({ path, reason: `${name}: ${notALaptop(laptop)}` });
}

const notALaptop = (given: unknown): string => `given ${show(given)}, allowed: { connection, ... }`;

const entry = (path: string, name: string, own: MachineEntry["own"]): MachineEntry => ({
    name,
    path,
    own,
    namePath: `${path}: name`,
    inFile: true,
});
