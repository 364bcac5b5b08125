import type { Dialect } from "../../postfix/dialect";
import { hiddenBy, lineNumber, originalView } from "../../postfix/fragment/read";
import { parseMainCf } from "../../postfix/main-cf";
import { type YieldingCache, yieldingCaches } from "../../postfix/session-caches";
import type { HostFacts } from "./facts";
import type { HostInputs } from "./inputs";

export interface CachePlan {
    /** What the owner's block says in the place of lines that yield. */
    settings: [name: string, value: string][];
    /** First physical lines, in the original view, of those that yield. */
    yielding: Set<number>;
    /** For the preview. */
    notes: string[];
}

/**
 * Session caches on `${spool_directory}` move to where Postfix can write, without `takeOver`: such a line never did
 * what it says; Debian's own, where it is outdated, to another type. Only for an owner who sets that daemon's TLS in
 * main.cf; another one is told.
 */
export function planCaches(inputs: HostInputs, facts: HostFacts, dialect: Dialect, owner: string): CachePlan {
    const plan: CachePlan = { settings: [], yielding: new Set(), notes: [] };
    if (inputs.exclusive) return plan;
    const { settings } = parseMainCf(originalView(facts.mainCf));
    const hidden = new Set(hiddenBy(facts.mainCf, owner).map((line) => line.first));
    for (const cache of yieldingCaches(settings, facts.version, facts.mapTypes)) {
        const { name, first } = cache.line;
        const daemon = name.split("_")[0];
        const isOurs = Object.keys(dialect.main).some((ours) => ours.startsWith(`${daemon}_tls_`));
        if (isOurs) plan.yielding.add(first);
        if (isOurs && cache.value !== undefined && !(name in dialect.main))
            if (!plan.settings.some(([moved]) => moved === name)) plan.settings.push([name, cache.value]);
        if (cache.broken && !hidden.has(first)) plan.notes.push(note(cache, facts, isOurs));
    }
    return plan;
}

function note({ line, value }: YieldingCache, facts: HostFacts, isOurs: boolean): string {
    const place = `main.cf line ${lineNumber(facts.mainCf, line.first)} of the host, "${line.name} = ${line.value}"`;
    const instead = value === undefined ? "leave it out" : `write "${line.name} = ${value}"`;
    const becomes =
        value === undefined
            ? "it is commented out, for session tickets do what it is for"
            : `it becomes ${JSON.stringify(value)}`;
    return `${place}, never worked, because Postfix has no parameter spool_directory: ${isOurs ? `${becomes} (destroy puts the line back)` : `${instead} there`}`;
}
