import { joinPath, pathStep } from "../../postfix/problems";
import { deepEqual, Unknown } from "../values";
import { bookkeepingKeys, configurationKeys } from "./inputs";

export type ChangeKind = "add" | "update" | "delete";
type Plain = Record<string, unknown>;

/**
 * What differs between what a host last proved and what is wanted, one path a setting. Both are plain, with
 * secrets revealed; an unknown counts as a change. No network: drift is `Read`'s business.
 */
export function configurationDiff(proved: Plain, wanted: Plain): Record<string, ChangeKind> {
    const changes: Record<string, ChangeKind> = {};
    for (const key of configurationKeys) compare(key, proved[key], wanted[key], changes);
    return changes;
}

/** What differs in how the host is reached and treated: written to the state, the host is not touched. */
export function bookkeepingDiff(before: Plain, wanted: Plain): Record<string, ChangeKind> {
    const changes: Record<string, ChangeKind> = {};
    for (const key of bookkeepingKeys) compare(key, before[key], wanted[key], changes);
    return changes;
}

function compare(path: string, before: unknown, after: unknown, changes: Record<string, ChangeKind>): void {
    if (isMap(before) && isMap(after)) {
        for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
            compare(joinPath(path, pathStep(key)), before[key], after[key], changes);
        }
    } else if (isMap(before) || isMap(after)) {
        // An absent map and an empty one are the same; otherwise each entry is named by itself.
        if (before === undefined) compare(path, {}, after, changes);
        else if (after === undefined) compare(path, before, {}, changes);
        else changes[path] = "update";
    } else if (Array.isArray(before) && Array.isArray(after)) {
        for (let index = 0; index < Math.max(before.length, after.length); index++) {
            compare(joinPath(path, pathStep(index)), before[index], after[index], changes);
        }
    } else if (!deepEqual(before, after)) {
        changes[path] = before === undefined ? "add" : after === undefined ? "delete" : "update";
    }
}

function isMap(value: unknown): value is Plain {
    return (
        typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Unknown)
    );
}
