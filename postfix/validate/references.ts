import { nearestName } from "../nearest";
import { joinPath, type ProblemSink, pathStep } from "../problems";
import { type IsKnown, isRecord } from "./args";

/** A value that may name files as `@{name}`, and where it stands. */
interface Value {
    path: string;
    /** The parameter. */
    name: string;
    text: string;
}

/** Read by commands of any user, who cannot open a file of ours (postconf(5), authorized_submit_users). */
const readByUsers = /^authorized_(flush|mailq|submit)_users$/;

/**
 * Each `@{name}` must be a file that is there, and one that its reader can open: ours are 0600 root, which every
 * daemon reads before it drops its privileges, and nothing else does.
 */
export function validateReferences(
    parts: { settings: Record<string, unknown>; services: unknown; path: string },
    files: readonly string[],
    problems: ProblemSink,
    isKnown: IsKnown,
): void {
    const values = [
        ...valuesOf(parts.path, parts.settings, isKnown),
        ...Object.entries(isRecord(parts.services) ? parts.services : {}).flatMap(([name, service]) =>
            isRecord(service) && isRecord(service.options)
                ? valuesOf(`services${pathStep(name)}.options`, service.options, isKnown)
                : [],
        ),
    ];
    for (const { path, name, text } of values) {
        for (const [, proxied, file = ""] of text.matchAll(/(proxy:)?@\{([^{}]*)\}/g)) {
            if (!files.includes(file)) problems.add(path, unknownFile(file, files));
            else if (proxied)
                problems.add(
                    path,
                    `proxymap(8) cannot open @{${file}}, which only root can: leave out "proxy:"`,
                );
            else if (readByUsers.test(name))
                problems.add(
                    path,
                    `is read by every user's commands, and @{${file}} can be opened by root alone: write the users here, or name a table of the machine's own`,
                );
        }
    }
}

function unknownFile(file: string, files: readonly string[]): string {
    const meant = nearestName(file, files);
    const there = files.length > 0 ? `there are: ${files.join(", ")}` : "there is none";
    return `names @{${file}}, and of that name there is no table here; ${meant ? `is @{${meant}} meant?` : there}`;
}

function valuesOf(path: string, values: Record<string, unknown>, isKnown: IsKnown): Value[] {
    return Object.entries(values).flatMap(([name, text]) =>
        typeof text === "string" && isKnown(text)
            ? [{ path: joinPath(path, pathStep(name)), name, text }]
            : [],
    );
}
