import type { Duplicate } from "./account";

/** What one run has to say; several are added up. */
export interface Report {
    seed: number;
    /** Faults that struck, by kind. */
    kinds: Record<string, number>;
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
    kinds: {},
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

/** The table that is printed, and whether all is well. */
export function summary(reports: Report[]): { text: string; good: boolean } {
    const kinds = new Map<string, number>();
    for (const { kinds: some } of reports)
        for (const [kind, count] of Object.entries(some)) kinds.set(kind, (kinds.get(kind) ?? 0) + count);
    const all = <K extends "mixed" | "silent" | "wrong" | "lost" | "bounced" | "clear" | "impostor">(
        key: K,
    ) => reports.flatMap((report) => report[key]);
    const duplicates = reports.flatMap((report) => report.duplicates);
    const unexplained = duplicates.filter(({ blow }) => !blow);
    const row = (name: string, value: number) => `${name.padEnd(44)}${String(value).padStart(6)}`;
    const time = (milliseconds: number) => new Date(milliseconds).toISOString().slice(11, 21);
    const bad: [string, string[]][] = [
        ["lost", all("lost")],
        ["bounced", all("bounced")],
        ["sent in clear or past the pin", all("clear")],
        ["got by the impostor", all("impostor")],
        ["hosts left mixed", all("mixed")],
        ["hosts left silent", all("silent")],
        ["other things that must not be", all("wrong")],
    ];
    const lines = [
        ...[...kinds].sort(([a], [b]) => a.localeCompare(b)).map(([kind, count]) => row(kind, count)),
        row("faults", sum([...kinds.values()])),
        row("(blows that came too late)", sum(reports.map(({ missed }) => missed))),
        "",
        row("mails sent", sum(reports.map(({ sent }) => sent))),
        row("delivered", sum(reports.map(({ delivered }) => delivered))),
        ...bad.slice(0, 4).map(([name, list]) => row(name, list.length)),
        row("duplicated, Postfix killed or stopped", duplicates.length - unexplained.length),
        row("duplicated, Postfix not killed", unexplained.length),
        ...bad.slice(4).map(([name, list]) => row(name, list.length)),
        "",
        ...duplicates.map(
            ({ id, copies, blow }) =>
                `duplicate ${id}: ${copies.map((copy) => `${copy.queueId} at ${time(copy.time)}`).join(", ")} on ${copies[0]?.at}; ${
                    blow ? `${blow.what} on ${blow.host} at ${time(blow.time)}` : "NO BLOW EXPLAINS IT"
                }`,
        ),
        ...bad.flatMap(([name, list]) => list.map((line) => `${name}: ${line}`)),
        ...unexplained.map(({ id }) => `duplicated without a kill: ${id}`),
        `seeds: ${reports.map(({ seed }) => seed).join(" ")}`,
    ];
    return {
        text: lines.join("\n"),
        good: bad.every(([, list]) => list.length === 0) && unexplained.length === 0,
    };
}
