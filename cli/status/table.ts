import { colour, indented, painted, type Terminal } from "../terminal";
import { timeOf } from "./log-time";
import type { MachineReport, MachineState, Report } from "./report";

const colours: Record<MachineState, number> = {
    applied: colour.green,
    pending: colour.blue,
    unproven: colour.magenta,
    drifted: colour.yellow,
    gone: colour.red,
    stopped: colour.red,
    unreadable: colour.red,
    missing: colour.red,
    unreachable: colour.grey,
};

/** The report for a terminal: a line for each machine, and below what needs somebody. */
export function table({ stack, at, machines }: Report, screen: Terminal): string {
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
        state ? painted(text, colours[state], screen) : text;
    const line = (cells: string[], state?: MachineState) =>
        cells
            .map((cell, column) => paint(cell.padEnd(widths[column] ?? 0), column === 2 ? state : undefined))
            .join("  ")
            .trimEnd();
    const lines = rows.map((row, index) => line(row, machines[index]?.state));
    const below = machines.filter(needsSomebody).map((machine) => details(machine, screen));
    return [`stack ${stack}, ${at}`, "", line(head), ...lines, ...below.flat(), ""].join("\n");
}

export const needsSomebody = ({ troubles, others, role }: MachineReport): boolean =>
    troubles.length > 0 || (role === "laptop" && others.length > 0);

/** What is to be said to whoever looks after it. */
export const complaints = ({ troubles, others }: MachineReport): string[] => [
    ...troubles,
    ...others.map((setting) => `others have set: ${setting}`),
];

const details = (machine: MachineReport, screen: Terminal): string[] => [
    "",
    `${machine.name}${machine.address && ` (${machine.address})`}:`,
    ...complaints(machine).flatMap((text) => indented(text, "  ", screen)),
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
