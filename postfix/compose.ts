import { splitDefinition } from "./main-cf";
import { parameters } from "./parameters";

/** The settings of one owner's block, in order: `[name, value]`. */
export interface OwnerBlock {
    owner: string;
    settings: [name: string, value: string][];
}

/** The owner of the block that is computed from all others. */
export const sharedOwner = "shared";

/** A setting of this owner that the shared block writes for all who have it. */
const borrowed = "#= ";

/** The parameter in which one owner's part of a list stands. */
export function partName(owner: string, parameter: string): string {
    return `pulumi_${owner.replaceAll("-", "_")}_${parameter}`;
}

/** The parameter that holds all parts: Postfix must not read a list through itself (fatal: nesting). */
export function listName(parameter: string): string {
    return `pulumi_${parameter}`;
}

/** A setting as a line of a block; a value may well end in what JavaScript takes for a blank and Postfix does not. */
export const settingLine = (name: string, value: string): string =>
    value === "" ? `${name} =` : `${name} = ${value}`;

/** The lines of a block back as settings, the ones that the shared block writes for it included. */
export function readSettings(body: string[]): [name: string, value: string][] {
    return body.flatMap((line): [string, string][] => {
        const text = line.startsWith(borrowed) ? line.slice(borrowed.length) : line;
        const definition = /^[A-Za-z0-9_]/.test(text) ? splitDefinition(text) : "";
        return typeof definition === "string" ? [] : [[definition.name, definition.value]];
    });
}

/** Two owners want one parameter, and not the same of it. */
export interface Conflict {
    name: string;
    owners: [string, string];
    values: [string, string];
}

/** Scalars that owners want unlike; lists never conflict. */
export function findConflicts(blocks: OwnerBlock[]): Conflict[] {
    const first = new Map<string, { owner: string; value: string }>();
    const conflicts: Conflict[] = [];
    for (const { owner, settings } of blocks) {
        for (const [name, value] of settings) {
            const other = first.get(name);
            if (!other) first.set(name, { owner, value });
            else if (other.value !== value)
                conflicts.push({ name, owners: [other.owner, owner], values: [other.value, value] });
        }
    }
    return conflicts;
}

/**
 * The text of every block from what all owners want: a parameter that several set alike is written once, in the
 * shared block (each Postfix command warns of a second line), and the parts of each list are put together there.
 */
export function composeBlocks(blocks: OwnerBlock[]): Map<string, string[]> {
    const counts = new Map<string, number>();
    for (const [name] of blocks.flatMap((block) => block.settings))
        counts.set(name, (counts.get(name) ?? 0) + 1);
    const common = new Map<string, string>();
    const composed = new Map<string, string[]>();
    for (const { owner, settings } of blocks) {
        const body = settings.map(([name, value]) => {
            const line = settingLine(name, value);
            if ((counts.get(name) ?? 0) < 2) return line;
            common.set(name, value);
            return borrowed + line;
        });
        composed.set(owner, body);
    }
    const shared = [...common].map(([name, value]) => settingLine(name, value));
    for (const parameter of Object.keys(parameters).filter((name) => parameters[name]?.list)) {
        const parts = blocks.flatMap(({ owner, settings }) =>
            settings.some(([name]) => name === partName(owner, parameter))
                ? [`$${partName(owner, parameter)}`]
                : [],
        );
        if (parts.length > 0) shared.push(`${listName(parameter)} = ${parts.sort().join(" ")}`);
    }
    if (shared.length > 0) composed.set(sharedOwner, shared);
    return composed;
}
