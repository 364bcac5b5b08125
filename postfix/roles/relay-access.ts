import type { HostSettings } from "../settings";

/** A laptop as the hub knows it: a name for people, and the pins of its key (all of them relay). */
export interface Identity {
    name: string;
    pins: string[];
}

/** Name of the table in `tables`. */
export const clientsTable = "clients";

/** The pins of a set of laptops, as an owner of its own on the hub. */
export function relayAccessSettings(laptops: Identity[]): HostSettings {
    const clients: Record<string, string> = {};
    for (const { name, pins } of laptops) for (const pin of pins) clients[pin] = name;
    return {
        main: {},
        lists: { relay_clientcerts: `@{${clientsTable}}` },
        services: {},
        chains: {},
        tables: { [clientsTable]: { entries: clients } },
    };
}
