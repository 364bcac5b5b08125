import { escaped } from "./markup";
import type { MachineReport } from "./report";
import { shape } from "./shapes";

/** Hubs, and below each the laptops that it relays for. A hub of another stack is known by its name alone. */
export function map(machines: MachineReport[]): string {
    const laptops = machines.filter(({ role }) => role === "laptop");
    const own = machines
        .filter(({ role }) => role === "hub")
        .map((hub) => ({ hub, below: laptops.filter(({ name }) => hub.linkedTo.includes(name)) }));
    const placed = new Set(own.flatMap(({ below }) => below));
    const elsewhere = new Map<string, MachineReport[]>();
    for (const laptop of laptops.filter((one) => !placed.has(one))) {
        const [name = "no hub"] = laptop.linkedTo;
        elsewhere.set(name, [...(elsewhere.get(name) ?? []), laptop]);
    }
    return [
        ...own.map(({ hub, below }) => group(box(hub), below)),
        ...[...elsewhere].map(([name, below]) =>
            group(`<b>${escaped(name)}</b><br><small>a hub that another stack looks after</small>`, below),
        ),
    ].join("\n");
}

const box = ({ state, name, address }: MachineReport): string =>
    `<span class="${state}">${shape(state)}</span> <b>${escaped(name)}</b><br><small>${escaped(address)}</small>`;

function group(hub: string, laptops: MachineReport[]): string {
    const chips = laptops.map(
        ({ name, state, address }) =>
            `<li class="chip"><span class="${state}">${shape(state)}</span><span>${escaped(name)}<br><small>${escaped(address)}</small></span></li>`,
    );
    return `<div class="hub">${hub}</div>\n<ul class="links">${chips.join("")}</ul>`;
}
