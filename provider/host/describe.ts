import { restartParameters } from "../../postfix/parameters";
import type { Plan } from "./plan";
import type { Change } from "./plan-changes";
import type { HookChanges } from "./plan-network-hooks";

/**
 * The lines that a preview shows at the resource: what stands on the host, and what becomes of it. `newOwner`: its name
 * comes to be with the change itself, with other digits than in this preview.
 */
export function describePlan(plan: Plan, version: string, newOwner?: string): string[] {
    if (plan.action === "none")
        return [
            `Postfix ${version}: everything stands on the host as it should: nothing is written and nothing reloaded, only looked at`,
        ];
    const hooks = describeHooks(plan.hooks);
    if (plan.changes.length === 0)
        return [
            `Postfix ${version}: the host's settings stay as they are; keys and tables are written anew (reload)`,
            ...hooks,
        ];
    const digits = newOwner?.slice(-8);
    const lines = plan.changes
        .map(describeChange)
        .map((line) => (digits ? line.replaceAll(digits, "…") : line));
    const read = plan.changes.map(({ name }) => name).filter((name) => restartParameters.has(name));
    const why =
        plan.action === "restart"
            ? `restart: Postfix reads ${read.join(", ")} only when it starts`
            : "reload";
    const count = plan.changes.length === 1 ? "1 change" : `${plan.changes.length} changes`;
    return [`Postfix ${version} on the host, ${count} (${why}):`, ...lines, ...hooks];
}

/** By their folders: an owner that comes to be with this change has no name yet. */
function describeHooks({ write, remove }: HookChanges): string[] {
    const folder = (path: string): string => path.slice(0, path.lastIndexOf("/"));
    return [
        ...Object.keys(write).map(
            (path) => `  ${folder(path)}: a file that sends the queue when the network is back`,
        ),
        ...remove.map((path) => `  ${path}: removed`),
    ];
}

/** With the signs that `pulumi preview` itself has for what comes, changes and goes. */
function describeChange({ file, line, name, from, to, by }: Change): string {
    const where = `${line ? `${file}:${line}` : file} ${name}:`;
    if (from === undefined) return `  + ${where} ${shown(to ?? "")}`;
    if (to === undefined) return `  - ${where} ${shown(from)} (set by: ${by})`;
    return `  ~ ${where} ${shown(from)} => ${shown(to)} (set by: ${by})`;
}

/** A service of ours has two dozen options: a line for each. */
const shown = (value: string): string => JSON.stringify(value).replaceAll(" -o ", "\n        -o ");
