import type { MachineReport, Report } from "./report";

/** The report for a terminal: a line for each machine, and below what needs somebody. */
export function table({ stack, at, machines }: Report): string {
    const head = ["machine", "role", "state", "Postfix", "pins", "days", "queue", "sent last"];
    const rows = machines.map((machine) => [
        machine.name,
        machine.role,
        machine.state,
        machine.postfixVersion ?? "",
        pins(machine),
        machine.certificateDaysLeft?.toString() ?? "",
        queue(machine),
        lastSent(machine),
    ]);
    const widths = head.map((title, column) =>
        Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
    );
    const line = (cells: string[]) =>
        cells
            .map((cell, column) => cell.padEnd(widths[column] ?? 0))
            .join("  ")
            .trimEnd();
    const below = machines.filter(needsSomebody).map(details);
    return [`stack ${stack}, ${at}`, "", line(head), ...rows.map(line), ...below.flat(), ""].join("\n");
}

export const needsSomebody = ({ troubles, others, role }: MachineReport): boolean =>
    troubles.length > 0 || (role === "laptop" && others.length > 0);

/** What is to be said to whoever looks after it. */
export const complaints = ({ troubles, others }: MachineReport): string[] => [
    ...troubles,
    ...others.map((setting) => `others have set: ${setting}`),
];

const details = (machine: MachineReport): string[] => [
    "",
    `${machine.name} (${machine.address}):`,
    ...complaints(machine).map((text) => `  ${text}`),
];

/** Enough of a fingerprint to tell two apart. */
export const shortPin = (pin: string): string => pin.replaceAll(":", "").slice(0, 8);

const pins = ({ pins: { current, next } }: MachineReport): string =>
    [current, next]
        .map((some) => some.map(shortPin).join(","))
        .join(" ")
        .trim();

export function queue({ queue: found }: MachineReport): string {
    if (!found) return "";
    const { messages, deferred, oldestDeferredSeconds } = found;
    if (deferred === 0) return `${messages}`;
    return `${messages} (${deferred} deferred, oldest ${age(oldestDeferredSeconds ?? 0)})`;
}

export function age(seconds: number): string {
    if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
    if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3_600)} h`;
    return `${Math.floor(seconds / 86_400)} days`;
}

/** The time of a log's line, as syslog or the journal writes it. */
export function timeOf(line: string | undefined): string {
    const found = /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)/.exec(
        line ?? "",
    );
    return found?.[1]?.replace("T", " ") ?? "";
}

function lastSent({ lastSent: line, lastVerified }: MachineReport): string {
    const when = timeOf(line);
    if (when === "") return "";
    return lastVerified ? `${when}, key verified ${timeOf(lastVerified)}` : when;
}
