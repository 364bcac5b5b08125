import { installOrChoose } from "../../postfix/judge/lookups";
import { joinPath, type Problems, pathStep } from "../../postfix/problems";
import { loginsType, tableType, tableTypes } from "../../postfix/tables";
import type { HostFacts } from "./facts";
import type { HostInputs } from "./inputs";

/** A table of a type that the host lacks would answer every mail with 451. */
export function missingTypes(inputs: HostInputs, facts: HostFacts, problems: Problems): void {
    for (const [name, table] of Object.entries(inputs.tables)) {
        const type = tableType(table);
        // Names and passwords are no table of Postfix's.
        if (type === loginsType || facts.mapTypes.includes(type)) continue;
        const has = tableTypes.filter((other) => facts.mapTypes.includes(other)).join(", ");
        problems.add(
            joinPath("tables", joinPath(pathStep(name), "type")),
            `Postfix on this host has no tables of type ${type}. ${installOrChoose(type)} one of ${has}`,
        );
    }
}
