import type { Measurement } from "./measurement";
import { figures, seconds, spreadOf } from "./statistics";
import { hostsOf } from "./table";
import { type ContenderName, contenders, type Temperature, type Work, works, workTitles } from "./works";

/**
 * Told apart by dash and marker too, for who does not see the colours. All of a middle lightness: the drawing has no
 * background of its own, and the page's may be light or dark.
 */
const looks: Record<ContenderName, { colour: string; dash: string; marker: (at: Point) => string }> = {
    module: { colour: "#d1242f", dash: "", marker: disc },
    floor: { colour: "#d1242f", dash: "3 3", marker: ring },
    shell: { colour: "#3080d8", dash: "", marker: square },
    "ansible-tuned": { colour: "#2f8f46", dash: "", marker: triangle },
    "ansible-default": { colour: "#2f8f46", dash: "6 3", marker: ring },
    ssh: { colour: "#8a6fd1", dash: "", marker: square },
    ssh2: { colour: "#8a6fd1", dash: "3 3", marker: disc },
};
const ink = "#768390";

interface Point {
    x: number;
    y: number;
}

const panel = { width: 300, height: 210, left: 48, top: 34, right: 22, bottom: 40, columns: 3 };
const legendHeight = 56;

/** Time over number of laptops, both logarithmic, one panel a work; medians, with a bar from the least to the most. */
export function plot(all: readonly Measurement[], temperature: Temperature): string {
    const seen = all.filter((one) => one.temperature === temperature);
    const shown = works.filter((work) => seen.some((one) => one.work === work));
    const rows = Math.ceil(shown.length / panel.columns);
    const width = panel.columns * panel.width;
    const height = rows * panel.height + legendHeight;
    const x = logScale(hostsOf(seen), panel.left, panel.width - panel.right);
    const y = logScale(
        seen.map((one) => one.seconds),
        panel.height - panel.bottom,
        panel.top,
    );
    const panels = shown.map((work, index) => {
        const [column, row] = [index % panel.columns, Math.floor(index / panel.columns)];
        const place = `translate(${column * panel.width} ${row * panel.height})`;
        return `<g transform="${place}">${axes(work, x, y, hostsOf(seen))}${lines(seen, work, x, y)}</g>`;
    });
    const present = contenders.filter((name) => seen.some(({ contender }) => contender === name));
    return [
        `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="11" fill="${ink}" role="img">`,
        `<title>Seconds over number of laptops, ${temperature}, both logarithmic</title>`,
        ...panels,
        `<g transform="translate(0 ${rows * panel.height})">${legend(present)}</g>`,
        "</svg>",
        "",
    ].join("\n");
}

export interface Scale {
    place: (value: number) => number;
    ticks: number[];
}

/** From the power or its half or fifth (1, 2, 5, 10, ...) below the values to the one above. */
export function logScale(values: readonly number[], from: number, to: number): Scale {
    const steps = [-3, -2, -1, 0, 1, 2, 3, 4].flatMap((power) => [1, 2, 5].map((step) => step * 10 ** power));
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const first = steps.findLastIndex((step) => step <= least);
    const last = steps.findIndex((step) => step >= most);
    if (values.length === 0 || first < 0 || last < 0) throw new Error(`no axis for ${least} to ${most}`);
    // One value alone still gets an axis with two ends.
    const ticks = steps.slice(first, Math.max(last, first + 1) + 1);
    const [low, high] = [Math.log(ticks[0] ?? 1), Math.log(ticks.at(-1) ?? 1)];
    return { ticks, place: (value) => from + ((Math.log(value) - low) / (high - low)) * (to - from) };
}

function axes(work: Work, x: Scale, y: Scale, hosts: readonly number[]): string {
    const [bottom, right] = [panel.height - panel.bottom, panel.width - panel.right];
    const text = (at: Point, words: string, more = "") =>
        `<text x="${round(at.x)}" y="${round(at.y)}"${more}>${words}</text>`;
    const line = (from: Point, to: Point, more: string) =>
        `<path d="M${round(from.x)} ${round(from.y)}L${round(to.x)} ${round(to.y)}" stroke="${ink}" ${more}/>`;
    return [
        text({ x: panel.left, y: panel.top - 14 }, workTitles[work], ' font-size="13" font-weight="bold"'),
        ...y.ticks.map((tick) => {
            const at = y.place(tick);
            return (
                line({ x: panel.left, y: at }, { x: right, y: at }, 'stroke-opacity="0.25"') +
                text({ x: panel.left - 5, y: at + 4 }, `${tick}`, ' text-anchor="end"')
            );
        }),
        ...hosts.map((count) => {
            const at = x.place(count);
            return (
                line({ x: at, y: bottom }, { x: at, y: bottom + 4 }, "") +
                text({ x: at, y: bottom + 16 }, `${count}`, ' text-anchor="middle"')
            );
        }),
        line({ x: panel.left, y: bottom }, { x: right, y: bottom }, ""),
        text({ x: (panel.left + right) / 2, y: bottom + 30 }, "laptops", ' text-anchor="middle"'),
        text(
            { x: 12, y: (panel.top + bottom) / 2 },
            "seconds",
            ` text-anchor="middle" transform="rotate(-90 12 ${round((panel.top + bottom) / 2)})"`,
        ),
    ].join("");
}

function lines(all: readonly Measurement[], work: Work, x: Scale, y: Scale): string {
    const drawn = contenders.map((contender) => {
        const { colour, dash, marker } = looks[contender];
        const points = hostsOf(all).flatMap((hosts) => {
            const mine = all.filter((one) => one.hosts === hosts);
            const temperature = mine[0]?.temperature ?? "warm";
            const spread = spreadOf(figures(mine, { hosts, temperature, work, contender }, seconds));
            return spread ? [{ x: x.place(hosts), spread }] : [];
        });
        const path = points.map(({ x, spread }) => `${round(x)} ${round(y.place(spread.median))}`).join("L");
        if (path === "") return "";
        const bars = points.map(
            ({ x, spread: { min, max } }) =>
                `<path d="M${round(x)} ${round(y.place(min))}V${round(y.place(max))}"/>`,
        );
        const markers = points.map(({ x, spread }) => marker({ x, y: y.place(spread.median) }));
        return (
            `<g fill="none" stroke="${colour}" stroke-width="1.6"><path d="M${path}" stroke-dasharray="${dash || "none"}"/>` +
            `${bars.join("")}</g><g fill="${colour}" stroke="${colour}">${markers.join("")}</g>`
        );
    });
    return drawn.join("");
}

function legend(names: readonly ContenderName[]): string {
    const columns = 4;
    const entries = names.map((name, index) => {
        const { colour, dash, marker } = looks[name];
        const at: Point = {
            x: panel.left + (index % columns) * 215,
            y: 14 + Math.floor(index / columns) * 22,
        };
        return (
            `<path d="M${at.x} ${at.y}h36" stroke="${colour}" stroke-width="1.6" stroke-dasharray="${dash || "none"}"/>` +
            `<g fill="${colour}" stroke="${colour}">${marker({ x: at.x + 18, y: at.y })}</g>` +
            `<text x="${at.x + 44}" y="${at.y + 4}">${legendWords[name]}</text>`
        );
    });
    return entries.join("");
}

const legendWords: Record<ContenderName, string> = {
    module: "pulumi-postfix",
    floor: "the engine alone",
    shell: "shell over parallel ssh",
    "ansible-tuned": "Ansible, tuned",
    "ansible-default": "Ansible, default",
    ssh: "ssh HOST true",
    ssh2: "ssh2: connect, true",
};

const round = (value: number): number => Math.round(value * 10) / 10;

function disc({ x, y }: Point): string {
    return `<circle cx="${round(x)}" cy="${round(y)}" r="3"/>`;
}
function ring({ x, y }: Point): string {
    return `<circle cx="${round(x)}" cy="${round(y)}" r="3.2" fill="none" stroke-width="1.4"/>`;
}
function square({ x, y }: Point): string {
    return `<rect x="${round(x - 2.8)}" y="${round(y - 2.8)}" width="5.6" height="5.6"/>`;
}
function triangle({ x, y }: Point): string {
    return `<path d="M${round(x - 3.6)} ${round(y + 3)}h7.2l-3.6 -6.4z"/>`;
}
