import { type Cause, causeOf, type End, type Logs } from "./duplicates";
import type { Copy, Posted } from "./mail";

/** A message that came once more, and the end of a Postfix that explains it, if one does. */
export interface Duplicate {
    id: string;
    at: string;
    /** The queue ids on the way of the earlier copy, and of this one. */
    ways: [string, string];
    time: number;
    cause?: Cause;
    /** What the hosts said of it, where nothing explains it. */
    said: string[];
}

export interface Account {
    sent: number;
    delivered: number;
    lost: string[];
    duplicates: Duplicate[];
    clear: string[];
}

/** What became of each message. The logs are asked for only where one came twice. */
export async function account(
    posted: Posted[],
    copies: Copy[],
    ends: End[],
    logs: () => Promise<Logs>,
): Promise<Account> {
    const byId = new Map<string, Copy[]>();
    for (const copy of copies) byId.set(copy.id, [...(byId.get(copy.id) ?? []), copy]);
    const duplicates: Duplicate[] = [];
    const lost: string[] = [];
    for (const { id, at, time } of posted) {
        // In a mailbox the earlier one stands first.
        const found = (byId.get(id) ?? []).filter((copy) => copy.at === at);
        if (found.length === 0) lost.push(`${id}, posted at ${new Date(time).toISOString()}`);
        for (const [index, copy] of found.slice(1).entries()) {
            const before = found[index] as Copy;
            const cause = causeOf(before.way, copy.way, await logs(), ends);
            const said = cause ? [] : linesAbout([before, copy], id, await logs(), ends);
            duplicates.push({ id, at, ways: [told(before), told(copy)], time: copy.time, cause, said });
        }
    }
    return {
        sent: posted.length,
        delivered: posted.length - lost.length,
        lost,
        duplicates,
        clear: copies.filter(({ encrypted }) => !encrypted).map((copy) => `${copy.id} (${told(copy)})`),
    };
}

const told = ({ way }: Copy): string => way.map(({ host, id }) => `${host} ${id}`).join(" > ");

/** Whatever names a message or one of its queue ids, and the ends of Postfix meanwhile, in the order of time. */
function linesAbout(copies: Copy[], id: string, logs: Logs, ends: End[]): string[] {
    const names = [id, ...copies.flatMap(({ way }) => way.map((hop) => hop.id))];
    const lines = [...logs.values()].flat().filter((line) => names.some((name) => line.includes(name)));
    const times = lines.map((line) => line.split(" ")[0] ?? "").sort();
    const meanwhile = ends
        .map((end) => `${new Date(end.from).toISOString()} ${end.host}: ${end.what}`)
        .filter((line) => line >= (times[0] ?? "") && line <= (times.at(-1) ?? ""));
    return [...lines, ...meanwhile].sort();
}
