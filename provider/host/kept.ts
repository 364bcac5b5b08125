import { isIndexed } from "../../postfix/tables";
import { generationFiles } from "./apply";
import { fileTrouble, indexTrouble } from "./drift-files";
import { builtSums, type HostFacts } from "./facts";
import type { HostInputs } from "./inputs";
import { spoiled } from "./spoiled";

/** Is the live folder, file for file and byte for byte, what would be written anew? Then it may stay. */
export function isLiveFolderRight(
    inputs: HostInputs,
    facts: HostFacts,
    owner: string,
    generation: string,
): boolean {
    const wanted = generationFiles(inputs);
    const tables = Object.entries(inputs.tables);
    const indexed = tables.filter(([, table]) => isIndexed(table));
    const others = facts.generationFiles.filter(({ name }) => !Object.hasOwn(wanted, name));
    return (
        Object.entries(wanted).every(([name, text]) => !fileTrouble(facts, name, text)) &&
        tables.every(([name, table]) => !indexTrouble(facts, name, table)) &&
        others.every(
            ({ name }) => name === builtSums || indexed.some(([table]) => name.startsWith(`${table}.`)),
        ) &&
        spoiled(inputs, facts, owner, generation).length === 0
    );
}
