import { isIndexed } from "../../postfix/tables";
import { generationFiles } from "./apply";
import { fileTrouble, isPrivate } from "./drift";
import type { HostInputs } from "./inputs";
import type { HostFacts } from "./probe";

/** Is the live folder, file for file and byte for byte, what would be written anew? Then it may stay. */
export function isLiveFolderRight(inputs: HostInputs, facts: HostFacts): boolean {
    const wanted = generationFiles(inputs);
    const indexed = Object.keys(inputs.tables).filter((name) => isIndexed(inputs.tables[name] ?? {}));
    const others = facts.generationFiles.filter(({ name }) => !Object.hasOwn(wanted, name));
    return (
        Object.entries(wanted).every(([name, text]) => !fileTrouble(facts, name, text)) &&
        others.every(
            (file) => isPrivate(file) && indexed.some((table) => file.name.startsWith(`${table}.`)),
        ) &&
        indexed.every((table) => others.some(({ name }) => name.startsWith(`${table}.`)))
    );
}
