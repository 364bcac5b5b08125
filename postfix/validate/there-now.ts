import type { ProblemSink } from "../problems";
import type { IsKnown, Plain } from "./args";

/** Maps and objects of which single values may come later. */
const outlines = [
    "settings",
    "services",
    "tables",
    "genericAddresses",
    "senderRelays",
    "transports",
    "hooks",
];

/**
 * Arguments that decide which resources there are, or are joined with what a resource sets itself: for them the
 * program cannot wait. Returns the others, so that no check takes an output for a map of the user's.
 */
export function whatIsThere(
    args: Plain,
    fields: readonly string[],
    problems: ProblemSink,
    isKnown: IsKnown,
): Plain {
    const late = fields.filter((field) => args[field] !== undefined && !isKnown(args[field]));
    for (const field of late) problems.add(field, comesTooLate(outlines.includes(field)));
    return Object.fromEntries(Object.entries(args).filter(([field]) => !late.includes(field)));
}

/** Of an output or a promise; `outline`: what stands in it may be one. */
export const comesTooLate = (outline: boolean): string =>
    `comes later, allowed: what is there when the program runs${outline ? "; single values in it may come later" : ""}`;
