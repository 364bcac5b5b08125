import { isIndexed } from "../../postfix/tables";
import { generationFiles, sha256 } from "./apply";
import type { HostInputs } from "./inputs";
import type { HostFacts } from "./probe";

/** Is the live folder, file for file and byte for byte, what would be written anew? Then it may stay. */
export function isLiveFolderRight(inputs: HostInputs, facts: HostFacts): boolean {
    const wanted = new Map(
        Object.entries(generationFiles(inputs)).map(([name, text]) => [name, sha256(text)]),
    );
    const indexed = Object.keys(inputs.tables).filter((name) => isIndexed(inputs.tables[name] ?? {}));
    const there = facts.generationFiles;
    const isIndex = (name: string) => indexed.some((table) => name.startsWith(`${table}.`));
    return (
        there.every(({ mode, owner }) => mode === "600" && owner === "root:root") &&
        there.every((file) => isIndex(file.name) || file.sha256 === wanted.get(file.name)) &&
        [...wanted.keys()].every((name) => there.some((file) => file.name === name)) &&
        indexed.every((table) => there.some(({ name }) => name.startsWith(`${table}.`)))
    );
}
