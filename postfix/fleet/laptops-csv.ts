import { pathSteps } from "../property-path";
import { isRecord, type Plain, unknownReason } from "../validate/args";
import { connectionFields } from "../validate/connection";
import { laptopFields } from "../validate/laptop-fields";
import { show } from "../validate/show";
import { type CsvRow, parseCsv } from "./csv";
import type { LaptopsFile, MachineEntry } from "./entries";
import { typedValue } from "./field-kinds";

interface Column {
    path: string;
    steps: (string | number)[];
}

/**
 * Laptops from a CSV file: its first line names the properties, `name,connection.host,sudo`, each further line is a
 * laptop. An empty field is one that is not given.
 */
export function laptopsFromCsv(file: string, text: string): LaptopsFile {
    const { rows, fault } = parseCsv(text);
    const [header, ...lines] = rows;
    const found: LaptopsFile = { entries: [], problems: [] };
    if (header) {
        const columns = columnsOf(file, header, found.problems);
        for (const row of lines) {
            const entry = entryOf(file, row, columns, found.problems);
            if (entry) found.entries.push(entry);
        }
    }
    if (fault) found.problems.push({ path: `${file}:${fault.line}`, reason: fault.reason });
    return found;
}

/** The columns by their place; one that cannot be used is `undefined`, and told once. */
function columnsOf(
    file: string,
    { line, cells }: CsvRow,
    problems: LaptopsFile["problems"],
): (Column | undefined)[] {
    const at = `${file}:${line}`;
    if (cells.length === 1 && /[;\t]/.test(cells[0] ?? "")) {
        const given = (cells[0] ?? "").includes(";") ? "semicolons" : "tabs";
        problems.push({ path: at, reason: `its fields are separated by ${given}, allowed: commas` });
        return [undefined];
    }
    if (!cells.includes("name")) {
        const reason = "has no column name; the first line names the properties, e.g. name,connection.host";
        problems.push({ path: at, reason });
        // A laptop where the names should be: what each of its fields is not, nobody wants to read.
        if (!cells.some((cell) => columnFault(cell, pathSteps(cell) ?? [], []) === undefined))
            return cells.map(() => undefined);
    }
    return cells.map((path, index) => {
        const steps = pathSteps(path);
        const reason = steps ? columnFault(path, steps, cells.slice(0, index)) : noPath(path);
        if (reason === undefined && steps) return { path, steps };
        problems.push({ path: `${at}: column ${index + 1}`, reason: reason ?? noPath(path) });
        return undefined;
    });
}

const noPath = (path: string): string =>
    `given ${show(path)}, allowed: a property such as name, connection.host or senders[0]`;

function columnFault(path: string, steps: (string | number)[], others: string[]): string | undefined {
    if (others.includes(path)) return `${path} has a column already: leave one of them out`;
    const clash = others.find((other) => isBelow(path, other) || isBelow(other, path));
    if (clash) return `${path} does not go with the column ${clash}: one holds the other`;
    if (steps.some((step) => step in Object.prototype)) return `${path} is no name to use here`;
    const [first = "", second, third] = steps.map(String);
    const unknown = (name: string, allowed: readonly string[]) =>
        allowed.includes(name) ? undefined : `${path} is ${unknownReason(name, allowed)}`;
    if (first !== "connection") return unknown(first, ["name", ...laptopFields]);
    if (second === undefined) return "connection is no single value, allowed: connection.host and the like";
    const hop = connectionFields.filter((field) => field !== "proxy");
    if (second === "proxy" && third !== undefined) return unknown(third, hop);
    return unknown(second, connectionFields);
}

const isBelow = (path: string, other: string): boolean =>
    path.startsWith(`${other}.`) || path.startsWith(`${other}[`);

function entryOf(
    file: string,
    { line, cells }: CsvRow,
    columns: (Column | undefined)[],
    problems: LaptopsFile["problems"],
): MachineEntry | undefined {
    const path = `${file}:${line}`;
    if (cells.length !== columns.length) {
        const remedy = "a field with a comma needs double quotes";
        const reason = `given ${cells.length} fields, allowed: ${columns.length}, as many as the first line has; ${remedy}`;
        // With the header unread nobody knows.
        if (columns.some((column) => column)) problems.push({ path, reason });
        return undefined;
    }
    const all: Plain = {};
    for (const [index, column] of columns.entries()) {
        const text = cells[index] ?? "";
        if (column && text !== "") put(all, column.steps, typedValue(column.path, text));
    }
    const { name = "", ...own } = compact(all) as Plain;
    if (columns.some((column) => column?.path === "name") && name === "") {
        problems.push({ path: `${path}: name`, reason: "missing; each laptop needs one" });
        return undefined;
    }
    return { name: String(name), path, own, namePath: `${path}: name`, inFile: true };
}

function put(into: Plain, [step = "", ...rest]: (string | number)[], value: unknown): void {
    if (rest.length === 0) {
        into[step] = value;
        return;
    }
    into[step] ??= typeof rest[0] === "number" ? [] : {};
    put(into[step] as Plain, rest, value);
}

/** Without the holes of a list whose columns are partly empty. */
function compact(value: unknown): unknown {
    if (Array.isArray(value)) return value.filter((item) => item !== undefined).map(compact);
    if (!isRecord(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, compact(below)]));
}
