import { readBlocks } from "../../postfix/fragment";
import { UserError } from "../errors";
import { ownPins } from "./apply";
import { labelOf, newOwner } from "./identity";
import type { HostInputs } from "./inputs";
import type { HostFacts } from "./probe";

/**
 * The owner that a create writes as. A fragment with our label is ours when it holds one of our pins (a replace,
 * or a create whose answer was lost): it is taken over in one commit, with no gap. With other pins it belongs to
 * another program, and two people with one project name must not overwrite each other in silence.
 */
export function adoptOwner(inputs: HostInputs, facts: HostFacts): string {
    const candidates = readBlocks(facts.mainCf).filter(
        (block) => labelOf(block.owner) === inputs.owner && block.owner !== inputs.owner,
    );
    const pins = new Set(ownPins(inputs));
    for (const { owner } of candidates) {
        const held = Object.entries(facts.pins).filter(([folder]) => folder.startsWith(`${owner}/`));
        if (held.some(([, theirs]) => theirs.some((pin) => pins.has(pin)))) return owner;
        if (inputs.takeOver.includes(owner)) return owner;
    }
    const other = candidates[0]?.owner;
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
