import type { Dialect } from "../../postfix/dialect";
import { undefinedFaults } from "../../postfix/judge/macros";
import { valueFaults } from "../../postfix/judge/value";
import { parseMainCf } from "../../postfix/main-cf";
import type { Problems } from "../../postfix/problems";
import { parseVersion } from "../../postfix/version";
import type { HostFacts } from "./facts";
import type { HostInputs } from "./inputs";
import { knownLater } from "./known-later";
import { written } from "./plan-names";

/** What Postfix on this host would not take, or take for something else, in what is to be written. */
export function values(
    inputs: HostInputs,
    facts: HostFacts,
    dialect: Dialect,
    mainCf: string,
    problems: Problems,
): void {
    const version = parseVersion(facts.version);
    if (!version) return;
    const set = new Set(parseMainCf(mainCf).settings.map(({ name }) => name));
    for (const { path, name, value, beside } of written(dialect)) {
        if (value.includes(knownLater)) continue;
        const isDefined = (read: string) =>
            set.has(read) || beside.includes(read) || !facts.unknownNames.includes(read);
        const builtIn = facts.defaults[name];
        const faults = [
            ...valueFaults(
                { name, value, ...(builtIn === undefined ? {} : { builtIn }) },
                { ...facts, version },
            ),
            ...(inputs.allowUnknown ? [] : undefinedFaults({ name, value }, isDefined, facts.parameters)),
        ];
        for (const fault of faults) problems.add(path, fault);
    }
}
