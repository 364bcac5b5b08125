import assert from "node:assert/strict";
import { releases } from "../e2e/releases";
import { type Pair, pairs, postfixOn } from "./machines";

/** What is seen of each pair, in the order of the marks. */
const properties = {
    up: "up succeeds, and the laptop's own Postfix proved the hub's key",
    mail: "a mail from the laptop arrives, verified on both sides",
    again: "a second up changes nothing",
    impostor: "a mail for an impostor at the hub's address waits, and goes when the hub is back",
    stranger: "without a certificate of its own the laptop's machine is told 450",
    logs: "no warning and nothing fatal in either log",
    floor: "a hub with the pinned key that speaks nothing above TLS 1.1 gets no mail",
    destroy: "destroy gives both machines their files back byte for byte",
} as const;
type Property = keyof typeof properties;

const seen = new Map<Pair, Set<Property>>(pairs.map((pair) => [pair, new Set()]));

/** Looks at each pair, marks those where it is so, and fails with all where it is not. */
export async function forEveryPair(
    property: Property,
    look: (pair: Pair) => void | Promise<void>,
): Promise<void> {
    const failures: string[] = [];
    for (const pair of pairs) {
        try {
            await look(pair);
            seen.get(pair)?.add(property);
        } catch (error) {
            failures.push(`${pair.host}: ${error instanceof Error ? error.message : error}`);
        }
    }
    assert.equal(failures.length, 0, failures.join("\n"));
}

export function table(): string {
    const versions = releases.map(({ hub }) => postfixOn(hub));
    const names = Object.keys(properties) as Property[];
    const cell = (pair: Pair) => names.map((name) => (seen.get(pair)?.has(name) ? "✔" : "✘")).join("");
    const rows = releases.map((hub, row) => [
        `${versions[row]} (${hub.debian})`,
        ...pairs.filter((pair) => pair.hub === hub).map(cell),
    ]);
    const lines = [["hub \\ laptop", ...versions], ...rows].map((columns) =>
        columns.map((text, column) => text.padEnd(column === 0 ? 20 : 10)).join(""),
    );
    const legend = names.map((name, index) => `${index + 1}. ${properties[name]}`);
    return ["", ...lines, "", ...legend, ""].join("\n");
}
