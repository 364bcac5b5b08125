import type { Measurement } from "./measurement";
import {
    cpuSeconds,
    figures,
    partMiB,
    peakMiB,
    ratios,
    type Spread,
    seconds,
    select,
    spreadOf,
    type Which,
} from "./statistics";
import { contenders, type Temperature, works, workTitles } from "./works";

export interface Table {
    title: string;
    head: string[];
    rows: string[][];
}

/** One table for each size of fleet and each temperature that was measured. */
export function tablesOf(all: readonly Measurement[]): Table[] {
    return hostsOf(all).flatMap((hosts) =>
        temperaturesOf(all, hosts).map((temperature) => tableOf(all, hosts, temperature)),
    );
}

export const hostsOf = (all: readonly Measurement[]): number[] =>
    [...new Set(all.map(({ hosts }) => hosts))].sort((a, b) => a - b);

export const temperaturesOf = (all: readonly Measurement[], hosts: number): Temperature[] => [
    ...new Set(all.filter((one) => one.hosts === hosts).map(({ temperature }) => temperature)),
];

function tableOf(all: readonly Measurement[], hosts: number, temperature: Temperature): Table {
    const cells = works.flatMap((work) => contenders.map((contender) => ({ work, contender })));
    const loads = all.filter((one) => one.hosts === hosts && one.temperature === temperature);
    const load = spreadOf(loads.map((one) => one.load));
    const runs = new Set(loads.map(({ run }) => run)).size;
    return {
        title:
            `hub and ${hosts} ${hosts === 1 ? "laptop" : "laptops"}, ${temperature}, ${runs} ` +
            `${runs === 1 ? "run" : "runs"}, load ${load ? `${load.min.toFixed(1)} to ${load.max.toFixed(1)}` : "?"}`,
        head: [
            "work",
            "contender",
            "seconds",
            "min to max",
            "× module",
            "CPU s",
            "MiB",
            "machines contacted",
        ],
        rows: cells.flatMap(({ work, contender }) => {
            const which: Which = { hosts, temperature, work, contender };
            if (select(all, which).length === 0) return [];
            return [[workTitles[work], contender, ...cellsOf(all, which)]];
        }),
    };
}

function cellsOf(all: readonly Measurement[], which: Which): string[] {
    const time = spreadOf(figures(all, which, seconds));
    const ratio = spreadOf(ratios(all, which, { ...which, contender: "module" }, seconds));
    const cpu = spreadOf(figures(all, which, cpuSeconds));
    const contacted = spreadOf(figures(all, which, (one) => one.contacted));
    return [
        shown(time),
        time ? `${short(time.min)} to ${short(time.max)}` : "",
        shown(ratio),
        shown(cpu),
        memory(all, which),
        contacted ? `${contacted.median}` : "",
    ];
}

function memory(all: readonly Measurement[], which: Which): string {
    const whole = spreadOf(figures(all, which, peakMiB));
    if (!whole) return "";
    const parts = ["plugin", "engine"].flatMap((part) => {
        const peak = spreadOf(figures(all, which, partMiB(part)));
        return peak ? [`${part} ${peak.median.toFixed(0)}`] : [];
    });
    return `${whole.median.toFixed(0)}${parts.length > 0 ? ` (${parts.join(", ")})` : ""}`;
}

const shown = (spread: Spread | undefined): string => (spread ? short(spread.median) : "");
const short = (value: number): string => value.toFixed(value < 100 ? 2 : 0);

export function asText({ title, head, rows }: Table): string {
    const widths = head.map((name, column) =>
        Math.max(name.length, ...rows.map((row) => (row[column] ?? "").length)),
    );
    const line = (row: string[]) =>
        row
            .map((cell, column) => cell.padEnd(widths[column] ?? 0))
            .join("  ")
            .trimEnd();
    return [title, line(head), ...rows.map(line)].join("\n");
}

export function asMarkdown({ title, head, rows }: Table): string {
    const line = (row: string[]) => `| ${row.join(" | ")} |`;
    const rule = head.map((_, column) => (column < 2 ? "---" : "---:"));
    return [`### ${title[0]?.toUpperCase()}${title.slice(1)}`, "", ...[head, rule, ...rows].map(line)].join(
        "\n",
    );
}
