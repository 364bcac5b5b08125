import type { HostSettings } from "../settings";
import { readEntries } from "../tables";

/** What a laptop has proven to know its hub by. */
export interface LaptopProof {
    name: string;
    /** Pins of the laptop's own keys, by which its grant on the hub is found. */
    pins: string[];
    /** Pins of its hubs that it had when it was last proven, or `anyKey`; absent: it has proven nothing. */
    hubPins?: string[];
}

/** In the place of pins: the laptop looks at no key, so no change of one cuts it off. */
export const anyKey = "any";

/** Name of the table in `tables`. */
export const proofsTable = "proofs";

/** No certificate has such a fingerprint, so the line lets nobody relay. */
const prefix = "proven-";

/**
 * The record of what a set of laptops has proven, as an owner of its own on the hub. It stands beside the grants in
 * relay_clientcerts, where it counts for nobody, because only what main.cf names is checked, kept and removed with it.
 */
export function laptopProofSettings(proofs: LaptopProof[]): HostSettings {
    const entries: Record<string, string> = {};
    for (const { pins, hubPins = [] } of proofs) {
        if (hubPins.length === 0) continue;
        for (const pin of pins) entries[`${prefix}${pin}`] = hubPins.join(" ");
    }
    return {
        main: {},
        lists: { relay_clientcerts: `@{${proofsTable}}` },
        services: {},
        chains: {},
        tables: { [proofsTable]: { entries } },
    };
}

/** The laptop's pin in a key of the record; `undefined` for any other key. */
export function provenLaptop(key: string): string | undefined {
    return key.startsWith(prefix) ? key.slice(prefix.length) : undefined;
}

/** As a hub's pins are compared: a link written by hand may have them in small letters. */
const pinsOf = (value: string): string[] =>
    value
        .split(/\s+/)
        .filter(Boolean)
        .map((pin) => (pin === anyKey ? pin : pin.toUpperCase()));

/** A record as it lies on a hub: pins of hubs by the laptop's pin. */
export function readProofs(text: string): Map<string, string[]> {
    const found = new Map<string, string[]>();
    for (const [key, value] of Object.entries(readEntries(text))) {
        const laptop = provenLaptop(key);
        if (laptop !== undefined) found.set(laptop.toUpperCase(), pinsOf(value));
    }
    return found;
}
