import { hookWord, networkManagers } from "../network-hooks";
import { type ProblemSink, pathStep } from "../problems";
import { type IsKnown, type Plain, unknownReason } from "./args";
import { show } from "./show";

const names = networkManagers.map(({ name }) => name);

/** `networkHooks` of a Host: a known tool each, and the one thing that it can do. */
export function networkHookProblems(values: Plain, problems: ProblemSink, isKnown: IsKnown): void {
    for (const [name, value] of Object.entries(values)) {
        const at = problems.at(pathStep(name));
        if (!names.includes(name)) at.add("", unknownReason(name, names));
        else if (isKnown(value) && value !== hookWord)
            at.add("", `given ${show(value)}, allowed: "${hookWord}"`);
    }
}
