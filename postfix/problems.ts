/** One thing wrong with the user's input. */
export interface Problem {
    /** Property path as the user wrote it, e.g. `laptops[3].connection.hostKey`. */
    path: string;
    /** What was given, what is allowed and how to mend it, in one or two sentences. Never a secret. */
    reason: string;
}

/** Collects every problem of one input, so that the user mends them in one go. */
export class Problems {
    readonly list: Problem[] = [];

    /** A secret of several machines is wrong for each of them, and told once. */
    add(path: string, reason: string): void {
        if (this.list.some((known) => known.path === path && known.reason === reason)) return;
        this.list.push({ path, reason });
    }

    /** The same collection seen from a property below `path`. */
    at(path: string): Pick<Problems, "add" | "at"> {
        return {
            add: (below, reason) => this.add(joinPath(path, below), reason),
            at: (below) => this.at(joinPath(path, below)),
        };
    }
}

export type ProblemSink = Pick<Problems, "add" | "at">;

/** Joins property paths; a key that is no plain name is quoted, as Pulumi's own paths do. */
export function joinPath(parent: string, child: string): string {
    if (parent === "") return child;
    if (child === "") return parent;
    return child.startsWith("[") ? parent + child : `${parent}.${child}`;
}

/** One step of a property path: `name`, `[3]`, or `["587/inet"]`. */
export function pathStep(key: string | number): string {
    if (typeof key === "number") return `[${key}]`;
    return /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) ? key : `[${JSON.stringify(key)}]`;
}
