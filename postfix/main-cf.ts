import { physicalLines, readLogicalLines, trimSpace } from "./logical-lines";

/** One definition in main.cf; a later one of the same name wins. */
export interface Setting {
    name: string;
    /** As written: `$name` is not expanded. */
    value: string;
    /** Index of the first physical line. */
    first: number;
    /** Index of the last physical line. */
    last: number;
}

/** A line that is no definition. One is enough, and every Postfix command and daemon ends with `fatal`. */
export interface BrokenLine {
    /** Number of the line as an editor counts it. */
    line: number;
    text: string;
    reason: string;
}

export interface MainCf {
    settings: Setting[];
    broken: BrokenLine[];
}

export function parseMainCf(text: string): MainCf {
    const settings: Setting[] = [];
    const broken: BrokenLine[] = [];
    for (const { first, last, text: line } of readLogicalLines(physicalLines(text))) {
        const definition = splitDefinition(line);
        if (typeof definition === "string") broken.push({ line: first + 1, text: line, reason: definition });
        else settings.push({ ...definition, first, last });
    }
    return { settings, broken };
}

/** `name = value`, where the value may be empty; a text says what is wrong instead. */
export function splitDefinition(line: string): { name: string; value: string } | string {
    const trimmed = trimSpace(line);
    const [name = ""] = /^[^ \t\n\v\f\r=]*/.exec(trimmed) ?? [];
    if (name === "") return "there is no name before the =";
    const definition = trimSpace(trimmed.slice(name.length));
    if (!definition.startsWith("=")) return "there is no = behind the name";
    return { name, value: trimSpace(definition.slice(1)) };
}

/** What Postfix would use: the last definition. `undefined` when there is none and the built-in default counts. */
export function effectiveValue(text: string, name: string): string | undefined {
    return parseMainCf(text).settings.findLast((setting) => setting.name === name)?.value;
}
