import { readBlocks } from "../../postfix/fragment/read";
import { UserError } from "../errors";
import { ownPins } from "./apply";
import type { HostFacts } from "./facts";
import { labelOf, newOwner } from "./identity";
import type { HostInputs } from "./inputs";

/**
 * The owner that a create writes as. A fragment with our label is ours when it holds one of our pins (a replace,
 * or a create whose answer was lost): it is taken over in one commit, with no gap. With other pins it belongs to
 * another program, and two people with one project name must not overwrite each other in silence.
 */
export function adoptOwner(inputs: HostInputs, facts: HostFacts): string {
    const isCandidate = (owner: string) => labelOf(owner) === inputs.owner && owner !== inputs.owner;
    const blocks = [facts.mainCf, facts.masterCf].flatMap(readBlocks).map(({ owner }) => owner);
    const standing = blocks.filter(isCandidate);
    // Taken out of the files by hand, a fragment leaves its keys, and the marks of lines that yielded to it.
    const left = Object.keys(facts.pins).map((folder) => folder.replace(/\/.*/, ""));
    const candidates = standing.length > 0 ? standing : left.filter(isCandidate);
    const pins = new Set(ownPins(inputs));
    for (const owner of candidates) {
        const held = Object.entries(facts.pins).filter(([folder]) => folder.startsWith(`${owner}/`));
        if (held.some(([, theirs]) => theirs.some((pin) => pins.has(pin)))) return owner;
        if (inputs.takeOver.includes(owner)) return owner;
    }
    const other = standing[0];
    if (other) {
        throw new UserError([
            {
                path: "owner",
                reason: `this host has a fragment "${other}" of another program (none of its keys is yours): give this resource another name, or write takeOver: ["${other}"] to replace that fragment`,
            },
        ]);
    }
    return newOwner(inputs.owner);
}
