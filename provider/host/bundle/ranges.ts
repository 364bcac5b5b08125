import { toDialect } from "../../../postfix/dialect";
import { readBlocks } from "../../../postfix/fragment/read";
import { namesRead } from "../../../postfix/judge/macros";
import { parameters } from "../../../postfix/parameters";
import { type Problem, Problems } from "../../../postfix/problems";
import { newestVersion, oldestVersion, parseVersion } from "../../../postfix/version";
import type { FragmentId } from "../identity";
import type { HostInputs } from "../inputs";
import { planChange } from "../plan";
import { written } from "../plan-names";
import { unseenGeneration, unseenHost } from "./unseen-host";

/** What is written on every Postfix from one version on, until the next range begins. */
export interface Range {
    from: string;
    main: string[];
    services: { name: string; yields: boolean; lines: string[] }[];
    /** What cannot be on these versions. */
    problems: Problem[];
    warnings: string[];
    tables: string[];
    /** Names that are set, in main.cf and behind `-o`. */
    written: string[];
    /** Names that these values read. */
    read: string[];
}

/** The planner itself is asked, once for each version at which it might say something else. */
export function rangesOf(inputs: HostInputs, id: FragmentId): Range[] {
    const ranges: Range[] = [];
    for (const from of turningPoints()) {
        const range = { from, ...rangeOf(inputs, id, from) };
        const before = ranges.at(-1);
        if (before && JSON.stringify({ ...before, from }) === JSON.stringify(range)) continue;
        ranges.push(range);
    }
    return ranges;
}

/** Each minor release, and each patch of one that brought a parameter. */
function turningPoints(): string[] {
    const minor = (version: string) => parseVersion(version)?.minor ?? 0;
    const [oldest, newest] = [minor(oldestVersion), minor(newestVersion)];
    const minors = Array.from({ length: newest - oldest + 1 }, (_, index) => `3.${oldest + index}.0`);
    const patches = Object.values(parameters).flatMap(({ backports = [], words }) => [
        ...backports,
        ...(words?.backports ?? []),
    ]);
    return [...new Set([...minors, ...patches])].sort((a, b) => comparable(a) - comparable(b));
}

/** As the script compares versions. */
export function comparable(text: string): number {
    const { major, minor, patch } = parseVersion(text) ?? { major: 0, minor: 0, patch: 0 };
    return (major * 1000 + minor) * 1000 + patch;
}

function rangeOf(inputs: HostInputs, id: FragmentId, version: string): Omit<Range, "from"> {
    const plan = planChange(inputs, unseenHost(version, inputs), { id, generation: unseenGeneration });
    const ofOurs = (text: string) => readBlocks(text).find(({ owner }) => owner === id.owner)?.body ?? [];
    const services: Range["services"] = [];
    const names = Object.entries(inputs.services);
    for (const line of ofOurs(plan.masterCf)) {
        // A service's options stand indented below it.
        if (/^\S/.test(line)) {
            const [name = "", { yields = false } = {}] = names[services.length] ?? [];
            services.push({ name, yields, lines: [] });
        }
        services.at(-1)?.lines.push(line);
    }
    const { problems, warnings, tables } = plan;
    const all = written(toDialect(inputs, version, new Problems()));
    return {
        main: ofOurs(plan.mainCf),
        services,
        problems,
        warnings,
        tables,
        written: [...new Set(all.map(({ name }) => name))],
        read: [...new Set(all.flatMap(({ value }) => namesRead(value)))],
    };
}
