/** One record of a CSV file, and the line on which it begins. */
export interface CsvRow {
    line: number;
    cells: string[];
}

/**
 * The records of a CSV file (RFC 4180): commas, fields in double quotes where they hold commas, quotes (doubled) or line
 * breaks. Blanks around a field without quotes are none of it; empty lines are no records. Reading ends at the first
 * fault, since nobody knows what the rest would mean.
 */
export function parseCsv(text: string): { rows: CsvRow[]; fault?: { line: number; reason: string } } {
    const rows: CsvRow[] = [];
    // A spreadsheet may put a byte order mark first.
    const source = text.replace(/^\uFEFF/, "");
    const field = /"((?:[^"]|"")*)"(?=[ \t]*(,|\r\n|\r|\n|$))[ \t]*|([^",\r\n]*)(?=,|\r\n|\r|\n|$)/y;
    let line = 1;
    let row: CsvRow = { line, cells: [] };
    while (field.lastIndex <= source.length) {
        const start = field.lastIndex;
        const found = field.exec(source);
        if (!found) return { rows, fault: { line, reason: quoteFault(source.slice(start)) } };
        const [all, quoted, , plain] = found;
        row.cells.push(quoted === undefined ? (plain ?? "").trim() : quoted.replaceAll('""', '"'));
        line += lineBreaks(all);
        const end = /,|\r\n|\r|\n|$/y;
        end.lastIndex = field.lastIndex;
        const [separator = ""] = end.exec(source) ?? [];
        field.lastIndex += separator.length;
        if (separator === ",") continue;
        if (row.cells.length > 1 || quoted !== undefined || row.cells[0] !== "") rows.push(row);
        if (separator === "") break;
        line++;
        row = { line, cells: [] };
    }
    return { rows };
}

const lineBreaks = (text: string): number => text.match(/\r\n|\r|\n/g)?.length ?? 0;

function quoteFault(rest: string): string {
    if (!rest.startsWith('"'))
        return 'has a " inside a field: put the whole field in quotes, and double those in it';
    return /^"(?:[^"]|"")*"/.test(rest)
        ? "goes on behind the closing quote of a field: a comma is missing, or a quote in the field is not doubled"
        : "opens a quote that is never closed";
}
