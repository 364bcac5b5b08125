import { readFileSync } from "node:fs";
import type { Results } from "./measurement";

export const readResults = (file: string): Results => JSON.parse(readFileSync(file, "utf8")) as Results;

/** Several benches as one, of the last one's versions. Their runs stay apart: a ratio is one within a run. */
export function joined(all: readonly Results[]): Results {
    const last = all.at(-1);
    if (!last) throw new Error("no results");
    let before = 0;
    const measurements = all.flatMap(({ measurements }) => {
        const moved = measurements.map((one) => ({ ...one, run: one.run + before }));
        before = Math.max(before, ...moved.map(({ run }) => run));
        return moved;
    });
    return { ...last, measurements, failures: all.flatMap(({ failures }) => failures) };
}

/** One measurement a line: small, and a diff of it can be read. */
export function asJson({ measurements, ...rest }: Results): string {
    const lines = measurements.map((one) => `        ${JSON.stringify(one)}`);
    const head = JSON.stringify(rest, null, 4).slice(0, -2);
    return `${head},\n    "measurements": [\n${lines.join(",\n")}\n    ]\n}\n`;
}
