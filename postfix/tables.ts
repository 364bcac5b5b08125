import { trimSpace } from "./logical-lines";
import type { TableSettings } from "./settings";

/** Table types made of entries: postconf(5), DATABASE_README. All but `texthash` need an index by postmap(1). */
const entryTypes = ["texthash", "hash", "btree", "lmdb", "cdb"];
/** Table types whose lines are tried from the top. */
export const orderedTypes = ["regexp", "pcre", "cidr"];
export const tableTypes = [...entryTypes, ...orderedTypes];
/** No lookup table of Postfix: names and passwords for Cyrus SASL, whose database is made out of them. */
export const loginsType = "sasldb";

/** Built into every Postfix since 2.8, without any library, and read without an index (DATABASE_README). */
export const defaultTableType = "texthash";

export const tableType = (table: TableSettings): string => table.type ?? defaultTableType;

/** Whether postmap(1) has to build an index beside the file. */
export function isIndexed(table: TableSettings): boolean {
    const type = tableType(table);
    return entryTypes.includes(type) && type !== defaultTableType;
}

/** The content of a table's file. */
export function tableText(table: TableSettings): string {
    if (table.text !== undefined)
        return table.text === "" || table.text.endsWith("\n") ? table.text : `${table.text}\n`;
    return Object.entries(table.entries ?? {})
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]) => `${key} ${value}\n`)
        .join("");
}

const isBlank = (char: string | undefined): boolean => char !== undefined && /[ \t\v\f\r\n]/.test(char);

/**
 * Where the key of a line ends: at the first blank that is neither in quotes nor behind a backslash (postmap(1)).
 * `undefined` where a quote is left open: Postfix skips such a line with a warning.
 */
export function keyEnd(line: string): number | undefined {
    let quoted = false;
    let index = 0;
    for (; index < line.length; index++) {
        if (line[index] === "\\") index++;
        else if (line[index] === '"') quoted = !quoted;
        else if (!quoted && isBlank(line[index])) break;
    }
    return quoted ? undefined : Math.min(index, line.length);
}

/** Lines of a table of entries as Postfix reads them: comments are none, a line with a space in front goes on the last (postmap(1)). */
export function readEntries(content: string): Record<string, string> {
    const entries: [string, string][] = [];
    for (const line of content.split("\n")) {
        const last = entries.at(-1);
        if (/^[ \t\v\f\r]+[^ \t\v\f\r#]/.test(line) && last)
            last[1] = trimSpace(`${last[1]} ${trimSpace(line)}`);
        if (/^([ \t\v\f\r#]|$)/.test(line)) continue;
        const end = keyEnd(line);
        if (end !== undefined) entries.push([line.slice(0, end), trimSpace(line.slice(end))]);
    }
    return Object.fromEntries(entries);
}
