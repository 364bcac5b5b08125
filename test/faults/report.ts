import type { Duplicate } from "./account";
import type { EndKind } from "./duplicates";

/** What one run has to say; several are added up. */
export interface Report {
    seed: number;
    /** Faults that struck, by each kind that was dealt. */
    dealt: Record<string, number>;
    /** What each kind took, with what was looked at behind it. */
    seconds: Record<string, number>;
    /** Blows that found nothing to strike, as the change was over before. */
    missed: number;
    mixed: string[];
    /** Hosts that did not answer, and nobody said so. */
    silent: string[];
    /** Whatever else must not be: litter, a change that does not converge, a report that is not true. */
    wrong: string[];
    sent: number;
    delivered: number;
    lost: string[];
    bounced: string[];
    clear: string[];
    /** Messages that somebody else than the hub has got. */
    impostor: string[];
    duplicates: Duplicate[];
}

export const newReport = (seed: number): Report => ({
    seed,
    dealt: {},
    seconds: {},
    missed: 0,
    mixed: [],
    silent: [],
    wrong: [],
    sent: 0,
    delivered: 0,
    lost: [],
    bounced: [],
    clear: [],
    impostor: [],
    duplicates: [],
});

const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0);

function added(lists: Record<string, number>[]): Map<string, number> {
    const total = new Map<string, number>();
    for (const list of lists)
        for (const [name, value] of Object.entries(list)) total.set(name, (total.get(name) ?? 0) + value);
    return total;
}

const pace = (seconds: number, count: number): string =>
    count > 0 ? `   ${(seconds / count).toFixed(1).padStart(5)} s each` : "";

/** The table that is printed, and whether all is well. */
export function summary(reports: Report[]): { text: string; good: boolean } {
    const dealt = added(reports.map((report) => report.dealt));
    const seconds = added(reports.map((report) => report.seconds));
    const all = <K extends "mixed" | "silent" | "wrong" | "lost" | "bounced" | "clear" | "impostor">(
        key: K,
    ) => reports.flatMap((report) => report[key]);
    const duplicates = reports.flatMap((report) => report.duplicates);
    const by = (what: EndKind | undefined) => duplicates.filter(({ cause }) => cause?.end.what === what);
    const killed = [...by("Postfix killed"), ...by("power cut")];
    const unexplained = by(undefined);
    const row = (name: string, value: number) => `${name.padEnd(48)}${String(value).padStart(6)}`;
    const time = (milliseconds: number) => new Date(milliseconds).toISOString().slice(11, 23);
    const bad: [string, string[]][] = [
        ["lost", all("lost")],
        ["bounced", all("bounced")],
        ["sent in clear or past the pin", all("clear")],
        ["got by the impostor", all("impostor")],
        ["hosts left mixed", all("mixed")],
        ["hosts left silent", all("silent")],
        ["kinds that never struck", [...dealt].filter(([, count]) => count === 0).map(([kind]) => kind)],
        ["other things that must not be", all("wrong")],
    ];
    const lines = [
        ...[...dealt]
            .sort(([a], [b]) => a.localeCompare(b))
            .map(([kind, count]) => `${row(kind, count)}${pace(seconds.get(kind) ?? 0, count)}`),
        row("faults", sum([...dealt.values()])),
        row("(blows that came too late)", sum(reports.map(({ missed }) => missed))),
        "",
        row("mails sent", sum(reports.map(({ sent }) => sent))),
        row("delivered", sum(reports.map(({ delivered }) => delivered))),
        ...bad.slice(0, 4).map(([name, list]) => row(name, list.length)),
        row("duplicated, Postfix killed", killed.length),
        row("duplicated, Postfix stopped by a change", by("Postfix stopped").length),
        row("duplicated, Postfix neither killed nor stopped", unexplained.length),
        ...bad.slice(4).map(([name, list]) => row(name, list.length)),
        "",
        ...duplicates.flatMap(({ id, at, ways, cause, said }) => [
            `duplicate ${id} at ${at}: ${ways.join(", and ")}; ${
                cause
                    ? `${cause.end.what} on ${cause.end.host} at ${time(cause.end.from)}: ${cause.because}`
                    : "NO END OF A POSTFIX EXPLAINS IT"
            }`,
            ...said.map((line) => `    ${line.slice(0, 300)}`),
        ]),
        ...bad.flatMap(([name, list]) => list.map((line) => `${name}: ${line}`)),
        `seeds: ${reports.map(({ seed }) => seed).join(" ")}`,
    ];
    return {
        text: lines.join("\n"),
        good: bad.every(([, list]) => list.length === 0) && unexplained.length === 0,
    };
}
