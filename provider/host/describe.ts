import { restartParameters } from "../../postfix/parameters";
import type { Plan } from "./plan";
import type { Change } from "./plan-changes";
import type { HookChanges } from "./plan-network-hooks";

/** The lines that a preview shows at the resource: what stands on the host, and what becomes of it. */
export function describePlan(plan: Plan, version: string): string[] {
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
    const lines = plan.changes.map(describeChange);
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

function describeChange(change: Change): string {
    const where = change.line ? `${change.file}:${change.line}` : change.file;
    return `  ${where} ${change.name}: ${show(change.from)} => ${show(change.to)} (set by: ${change.by})`;
}

function show(value: string | undefined): string {
    return value === undefined ? "not set" : JSON.stringify(value);
}
