import { type Problem, type ProblemSink, Problems, pathStep } from "../problems";
import { defaultTableType, keyEnd, loginsType, orderedTypes, tableTypes } from "../tables";
import { type IsKnown, isRecord } from "./args";
import { fileNameProblem } from "./names";
import { show } from "./show";
import { tableLineFaults } from "./table-lines";

/** Why a table cannot be called so. */
export function tableNameProblem(name: string): string | undefined {
    const fault = fileNameProblem(name);
    if (fault) return fault;
    return name === "pins"
        ? "is the name of a file that each resource has: give the table another name"
        : undefined;
}

const unendingKey =
    'is no key: postmap(1) wants a " in it closed by another, and takes what stands behind a \\ as it is, the blank behind the key too';

/** Why a line of a table that postmap(1) reads cannot begin with this key. */
export function tableKeyProblem(key: string): string | undefined {
    if (!/^[^\s#]\S*$/.test(key) || key.includes("\0"))
        return "is no key: postmap(1) ends it at the first space, and a # at its start makes a comment";
    return keyEnd(`${key} `) === key.length ? undefined : unendingKey;
}

/** What is wrong with one lookup table. Its values may be secret: none is ever repeated. */
export function tableProblems(table: unknown, isKnown: IsKnown): Problem[] {
    const problems = new Problems();
    if (!isKnown(table)) return [];
    if (!isRecord(table)) {
        problems.add("", `given ${show(table)}, allowed: { type, entries } or { type, text }`);
        return problems.list;
    }
    for (const field of Object.keys(table)) {
        if (!["type", "entries", "text"].includes(field))
            problems.add(pathStep(field), "unknown; allowed: type, entries, text");
    }
    const { type, entries, text } = table;
    if (isKnown(type) && type !== undefined && ![...tableTypes, loginsType].includes(type as string))
        problems.add(
            "type",
            `given ${show(type)}, allowed: ${tableTypes.map((word) => `"${word}"`).join(", ")}`,
        );
    if ((entries === undefined) === (text === undefined))
        problems.add("", "wants either entries or text, one of them");
    const ordered = typeof type === "string" && orderedTypes.includes(type);
    if (ordered && entries !== undefined)
        problems.add("entries", `does not go with type "${type}", whose lines are tried in order: give text`);
    if (text !== undefined && isKnown(text)) checkText(text, type, problems.at("text"), isKnown);
    checkEntries(entries, problems.at("entries"), isKnown);
    return problems.list;
}

function checkText(text: unknown, type: unknown, problems: ProblemSink, isKnown: IsKnown): void {
    if (typeof text !== "string" || text.includes("\0"))
        problems.add("", "allowed: the lines of the table as one string, without NUL characters");
    else if (isKnown(type))
        for (const fault of tableLineFaults(text, typeof type === "string" ? type : defaultTableType))
            problems.add("", fault);
}

function checkEntries(entries: unknown, problems: ProblemSink, isKnown: IsKnown): void {
    if (entries === undefined || !isKnown(entries)) return;
    if (!isRecord(entries)) {
        problems.add("", `given ${show(entries)}, allowed: values by key`);
        return;
    }
    const keys = Object.keys(entries);
    for (const [index, [key, value]] of Object.entries(entries).entries()) {
        const at = problems.at(pathStep(key));
        const twin = keys.slice(0, index).find((other) => other.toLowerCase() === key.toLowerCase());
        if (twin !== undefined)
            at.add(
                "",
                `differs from ${JSON.stringify(twin)} by capitals only, which Postfix does not heed: one of them would never be found. Leave one out`,
            );
        const fault = tableKeyProblem(key);
        if (fault) at.add("", fault);
        if (!isKnown(value)) continue;
        if (typeof value !== "string")
            at.add("", `given a ${value === null ? "null" : typeof value}, allowed: a string`);
        else if (value.trim() === "") at.add("", "wants a value: Postfix ignores a table line without one");
        else if (/[\r\n\0]/.test(value))
            at.add("", "holds a line break, which would start another line of the table");
    }
}
