import { timeOf } from "./log-time";
import type { MachineReport, MachineState, Report } from "./report";

/** Of the foreground (ECMA-48, 8.3.117). */
const [red, green, yellow, blue, magenta, grey, usual] = [31, 32, 33, 34, 35, 90, 39];
const colours: Record<MachineState, number> = {
    applied: green,
    pending: blue,
    unproven: magenta,
    drifted: yellow,
    gone: red,
    stopped: red,
    unreadable: red,
    missing: red,
    unreachable: grey,
};

/** The report for a terminal: a line for each machine, and below what needs somebody. */
export function table({ stack, at, machines }: Report, coloured = false): string {
    const head = [
        "machine",
        "role",
        "state",
        "Postfix",
        "pins: now, next",
        "cert days",
        "queue",
        "sent last",
    ];
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
    const paint = (text: string, state?: MachineState) =>
        coloured && state ? `\x1b[${colours[state]}m${text}\x1b[${usual}m` : text;
    const line = (cells: string[], state?: MachineState) =>
        cells
            .map((cell, column) => paint(cell.padEnd(widths[column] ?? 0), column === 2 ? state : undefined))
            .join("  ")
            .trimEnd();
    const lines = rows.map((row, index) => line(row, machines[index]?.state));
    const below = machines.filter(needsSomebody).map(details);
    return [`stack ${stack}, ${at}`, "", line(head), ...lines, ...below.flat(), ""].join("\n");
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
    `${machine.name}${machine.address && ` (${machine.address})`}:`,
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

function lastSent({ lastSent: line, lastVerified }: MachineReport): string {
    const verified = lastVerified ? `key verified ${timeOf(lastVerified)}` : "";
    return [timeOf(line), verified].filter(Boolean).join(", ");
}
