import { escaped } from "./markup";
import type { MachineReport } from "./report";
import { shape } from "./shapes";

/** A hub and the laptops that send through it. A hub of another stack is known by its name alone. */
export interface Group {
    hub: MachineReport | string;
    laptops: MachineReport[];
}

/** Who sends through whom. */
export function groups(machines: MachineReport[]): Group[] {
    const laptops = machines.filter(({ role }) => role === "laptop");
    const own = machines
        .filter(({ role }) => role === "hub")
        .map((hub) => ({ hub, laptops: laptops.filter(({ name }) => hub.linkedTo.includes(name)) }));
    const placed = new Set(own.flatMap((group) => group.laptops));
    const elsewhere = new Map<string, MachineReport[]>();
    for (const laptop of laptops.filter((one) => !placed.has(one))) {
        const [name = "no hub"] = laptop.linkedTo;
        elsewhere.set(name, [...(elsewhere.get(name) ?? []), laptop]);
    }
    return [...own, ...[...elsewhere].map(([hub, those]) => ({ hub, laptops: those }))];
}

export const map = (machines: MachineReport[]): string =>
    groups(machines)
        .map(({ hub, laptops }) => drawn(typeof hub === "string" ? foreign(hub) : box(hub), laptops))
        .join("\n");

const foreign = (name: string): string =>
    `<b>${escaped(name)}</b><br><small>a hub that another stack looks after</small>`;

const box = ({ state, name, address }: MachineReport): string =>
    `<span class="${state}">${shape(state)}</span> <b>${escaped(name)}</b><br><small>${escaped(address)}</small>`;

function drawn(hub: string, laptops: MachineReport[]): string {
    const chips = laptops.map(
        ({ name, state, address }) =>
            `<li class="chip"><span class="${state}">${shape(state)}</span><span>${escaped(name)}<br><small>${escaped(address)}</small></span></li>`,
    );
    return `<div class="hub">${hub}</div>\n<ul class="links">${chips.join("")}</ul>`;
}
