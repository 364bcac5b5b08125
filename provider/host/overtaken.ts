import type { Problem } from "../../postfix/problems";
import type { Existing } from "./change";
import { configurationDiff } from "./diff";
import { observe } from "./drift";
import type { HostFacts } from "./facts";
import { generationInUse } from "./generation";
import { type HostInputs, readInputs } from "./inputs";

/**
 * What somebody with another copy of the state has changed since this one was written: as it stands on the host it is
 * neither what was proved then nor what is wanted now. A run of our own that was broken off is none of this as long as
 * the program stays what it was: what the run left is what is wanted.
 */
export function overtaken(inputs: HostInputs, facts: HostFacts, existing: Existing | undefined): Problem[] {
    if (!existing?.generation) return [];
    const { owner } = existing.id;
    const live = generationInUse(facts, owner, existing.generation);
    if (live === undefined || live === existing.generation) return [];
    const differing = (known: HostInputs): string[] => {
        const seen = observe(known, facts, owner, live);
        return seen ? Object.keys(configurationDiff({ ...known }, { ...known, ...seen })) : [];
    };
    const proved = new Set(differing(readInputs(existing.proved)));
    return differing(inputs)
        .filter((path) => proved.has(path))
        .map((path) => ({ path, reason }));
}

const reason =
    "was changed on the host since this state was written, by another `pulumi up` of the same resource, by a run of yours that was broken off, or by an old copy of the file: it is neither what was there then nor what is wanted now. Run `pulumi refresh`, which shows it, and let the program say what it is to be";
