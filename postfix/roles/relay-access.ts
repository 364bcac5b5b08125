import type { HostSettings } from "../settings";
import { senderLimitSettings } from "./sender-limits";

/** A laptop as the hub knows it: a name for people, and the pins of its key (all of them relay). */
export interface Identity {
    name: string;
    pins: string[];
    /** Addresses and "@domain" that it may use as envelope sender; absent: any. */
    senders?: string[];
}

/** Name of the table in `tables`. */
export const clientsTable = "clients";

/** The pins of a set of laptops, as an owner of its own on the hub. */
export function relayAccessSettings(laptops: Identity[]): HostSettings {
    const clients: Record<string, string> = {};
    for (const { name, pins } of laptops) for (const pin of pins) clients[pin] = name;
    const limits = senderLimitSettings(laptops);
    return {
        main: limits.main,
        lists: { relay_clientcerts: `@{${clientsTable}}`, ...limits.lists },
        services: {},
        chains: {},
        tables: { [clientsTable]: { entries: clients }, ...limits.tables },
    };
}
