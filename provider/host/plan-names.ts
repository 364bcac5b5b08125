import { deprecations, removedRestrictions } from "../../postfix/deprecated";
import type { Dialect } from "../../postfix/dialect";
import { lineOwners } from "../../postfix/fragment/read";
import { namesRead } from "../../postfix/judge/macros";
import { decisive } from "../../postfix/judge/open-relay";
import { definedNames } from "../../postfix/known-parameters";
import { parseMainCf } from "../../postfix/main-cf";
import { nearestNames } from "../../postfix/nearest";
import { joinPath, type Problems, pathStep } from "../../postfix/problems";
import type { HostFacts } from "./facts";
import type { HostInputs } from "./inputs";

/** One setting as it is written on this host, and where the program says it. */
export interface Written {
    path: string;
    name: string;
    value: string;
    /** What its service sets for itself, which the value may read. */
    beside: readonly string[];
}

export function written(dialect: Pick<Dialect, "main" | "services">): Written[] {
    const below = (path: string, values: Record<string, string>, beside: readonly string[]) =>
        Object.entries(values).map(([name, value]) => ({
            path: joinPath(path, pathStep(name)),
            name,
            value,
            beside,
        }));
    return [
        ...below("main", dialect.main, []),
        ...Object.entries(dialect.services).flatMap(([service, { options }]) =>
            below(`services${pathStep(service)}.options`, options, Object.keys(options)),
        ),
    ];
}

/** The names whose meaning the probe asks the host for: those that are set, and those that the values read. */
export function askedNames(inputs: HostInputs): string[] {
    const own = written(inputs).flatMap(({ name, value }) => [name, ...namesRead(value)]);
    return [...new Set([...own, ...decisive])];
}

/** Names that nothing in the new configuration would read: Postfix only warns of them, and what was meant is not set. */
export function unknownNames(
    inputs: HostInputs,
    facts: HostFacts,
    dialect: Dialect,
    files: { mainCf: string; masterCf: string },
    problems: Problems,
): string[] {
    const defined = definedNames(files.mainCf, files.masterCf);
    const unknown = written(dialect).filter(
        ({ name }) => facts.unknownNames.includes(name) && !defined(name),
    );
    if (inputs.allowUnknown) return unknown.map(({ name }) => name);
    for (const { path, name } of unknown) {
        const meant = nearestNames(name, facts.parameters, 3).join(" or ");
        problems.add(
            path,
            `Postfix ${facts.version} on this host knows no such parameter, and nothing there reads it as $${name}${meant ? `; did you mean ${meant}?` : "."} To write it all the same, set allowUnknown: true`,
        );
    }
    return [];
}

/** What others have set that is outdated, as far as it goes on to count. */
export function outdatedOfOthers(facts: HostFacts, mainCf: string): string[] {
    const owners = lineOwners(mainCf);
    return parseMainCf(mainCf).settings.flatMap(({ name, value, first }) =>
        owners[first] === undefined
            ? deprecations(name, value, facts.version).map(
                  (sentence) => `main.cf line ${first + 1} of the host: ${sentence}`,
              )
            : [],
    );
}

/** What is outdated on this host's version: a warning each, or a problem where that version has it no more. */
export function outdated(dialect: Dialect, version: string, problems: Problems): string[] {
    return written(dialect).flatMap(({ path, name, value }) => {
        removedRestrictions(name, value, version, problems.at(path));
        return deprecations(name, value, version).map((sentence) => `${path}: ${sentence}`);
    });
}
