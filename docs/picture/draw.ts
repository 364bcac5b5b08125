import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { groups } from "../../cli/status/map";
import { escaped } from "../../cli/status/markup";
import type { MachineReport } from "../../cli/status/report";
import { shape } from "../../cli/status/shapes";
import { colours, stateStyle } from "../../cli/status/style";
import { shortPin } from "../../cli/status/table";

const fingerprint = (byte: string): string => Array(32).fill(byte).join(":");
const hubPins = { current: [fingerprint("8F")], next: [fingerprint("3C")] };
const machine = { troubles: [], others: [], pins: hubPins };
const laptop = { ...machine, role: "laptop" as const, linkedTo: ["hub"] };

/** What `status` would say of the README's machines. */
const sample: MachineReport[] = [
    {
        ...machine,
        name: "hub",
        role: "hub",
        address: "mailhub.example.com",
        state: "applied",
        linkedTo: ["alice", "bob", "carol"],
    },
    { ...laptop, name: "alice", address: "at home", state: "applied" },
    { ...laptop, name: "bob", address: "in a café", state: "applied" },
    { ...laptop, name: "carol", address: "asleep", state: "pending" },
];

const [width, rowHeight, top] = [860, 92, 60];
const chip = { x: 24, width: 250, height: 62 };
const hubBox = { x: 582, width: 254 };

const text = (x: number, y: number, words: string, style = ""): string =>
    `<text x="${x}" y="${y}"${style && ` class="${style}"`}>${escaped(words)}</text>`;

const stateShape = (state: MachineReport["state"], x: number, y: number): string =>
    shape(state).replace("<svg ", `<svg x="${x}" y="${y}" `);

const pinsOf = ({ pins: { current, next } }: MachineReport): string =>
    [...current, ...next].map(shortPin).join(" ");

function laptopChip(of: MachineReport, row: number): string {
    const y = top + row * rowHeight;
    return [
        `<rect class="card" x="${chip.x}" y="${y}" width="${chip.width}" height="${chip.height}" rx="9"/>`,
        stateShape(of.state, chip.x + 14, y + 14),
        text(chip.x + 40, y + 27, `${of.name}, ${of.address}`, "name"),
        text(chip.x + 40, y + 47, `pins ${pinsOf(of)}`, "soft"),
    ].join("\n");
}

/** A line from a laptop to its hub: solid where the mail flows, dashed where a change waits. */
function line(of: MachineReport, row: number, hubMiddle: number): string {
    const from = { x: chip.x + chip.width, y: top + row * rowHeight + chip.height / 2 };
    const bend = (from.x + hubBox.x) / 2;
    const path = `M${from.x} ${from.y}C${bend} ${from.y} ${bend} ${hubMiddle} ${hubBox.x - 8} ${hubMiddle}`;
    return `<path class="line ${of.state}" d="${path}"/>`;
}

function hubCard(hub: MachineReport, laptops: MachineReport[], middle: number): string {
    const [height, x] = [112, hubBox.x + 16];
    const y = middle - height / 2;
    return [
        `<path class="arrow ${hub.state}" d="M${hubBox.x - 11} ${middle - 6}l11 6-11 6Z"/>`,
        `<rect class="card" x="${hubBox.x}" y="${y}" width="${hubBox.width}" height="${height}" rx="9"/>`,
        stateShape(hub.state, x, y + 15),
        text(x + 26, y + 29, hub.address, "name"),
        text(x, y + 54, `serves key ${hub.pins.current.map(shortPin).join(" ")}`, "soft"),
        text(x, y + 74, `next key ${hub.pins.next.map(shortPin).join(" ")}`, "soft"),
        text(x, y + 94, `relays for ${laptops.map(({ name }) => name).join(", ")}`, "soft"),
    ].join("\n");
}

/** Somebody in the café who answers in the hub's name: what all of this is for. */
function impostor(row: number): string {
    const [y, x] = [top + row * rowHeight + 8, hubBox.x];
    const from = { x: chip.x + chip.width, y: top + rowHeight + chip.height - 8 };
    const end = { x: x - 60, y: y + 31 };
    return [
        `<path class="line gone" stroke-dasharray="4 4" d="M${from.x} ${from.y}C${from.x + 110} ${from.y} ${end.x - 130} ${end.y} ${end.x} ${end.y}"/>`,
        stateShape("gone", end.x + 8, end.y - 8),
        `<rect class="card foreign" x="${x}" y="${y}" width="${hubBox.width}" height="62" rx="9"/>`,
        text(x + 16, y + 27, "whoever answers for it", "name"),
        text(x + 16, y + 47, "another key: it gets no mail", "soft"),
    ].join("\n");
}

/** The page's colours by their values: viewers that are no browser know no variables. */
function plain(style: string): string {
    const [, bright = ""] = /:root \{([^}]*)\}/.exec(colours) ?? [];
    const values = new Map(
        [...bright.matchAll(/(--\w+): ([^;]+);/g)].map(([, name, value]) => [name, value]),
    );
    return style.replace(/var\((--\w+)\)/g, (_, name: string) => values.get(name) ?? "currentColor");
}

export function picture(machines: MachineReport[] = sample): string {
    const [group] = groups(machines);
    if (!group || typeof group.hub === "string") throw new Error("the picture is of a hub and its laptops");
    const { hub, laptops } = group;
    const height = top + (laptops.length + 1) * rowHeight;
    const middle = top + ((laptops.length - 1) * rowHeight + chip.height) / 2;
    return [
        `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="system-ui, sans-serif" font-size="14">`,
        "<title>Each laptop sends only to the hub whose key it has pinned, and the hub relays only for their keys</title>",
        `<style>${plain(`${stateStyle}
.paper { fill: var(--paper); } .card { fill: var(--card); stroke: var(--line); } .foreign { stroke-dasharray: 4 4; }
text { fill: var(--ink); } .name { font-weight: 600; } .soft { fill: var(--soft); font-size: 12.5px; }
.line { fill: none; stroke: currentColor; stroke-width: 2; } .line.pending { stroke-dasharray: 7 5; }
.arrow { fill: currentColor; }
`)}</style>`,
        `<rect class="paper" width="${width}" height="${height}" rx="12"/>`,
        text(chip.x, 36, "Laptops: to the pinned key, or not at all", "soft"),
        text(hubBox.x, 36, "The hub: for known keys, nobody else", "soft"),
        ...laptops.map((of, row) => line(of, row, middle)),
        ...laptops.map(laptopChip),
        hubCard(hub, laptops, middle),
        impostor(laptops.length),
        "</svg>",
        "",
    ].join("\n");
}

if (require.main === module) writeFileSync(join(__dirname, "mail.svg"), picture());
