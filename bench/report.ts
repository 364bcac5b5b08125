import { goalHosts, judge } from "./goals";
import type { Results } from "./measurement";
import { asText, hostsOf, tablesOf, temperaturesOf } from "./table";

/** All that was measured, for a terminal. */
export function print({ measurements, versions, failures }: Results): void {
    for (const table of tablesOf(measurements)) console.log(`\n${asText(table)}`);
    const sizes = hostsOf(measurements);
    const hosts = sizes.includes(goalHosts) ? goalHosts : sizes.at(-1);
    if (hosts !== undefined) {
        for (const temperature of temperaturesOf(measurements, hosts)) {
            console.log(`\ngoals (for ${goalHosts} laptops), at ${hosts}, ${temperature}`);
            for (const { goal, measured, reached } of judge(measurements, hosts, temperature)) {
                const word = reached === undefined ? "" : reached ? "reached" : "NOT REACHED";
                console.log(`${goal.padEnd(72)} ${measured.padEnd(16)} ${word}`);
            }
        }
    }
    console.log();
    for (const [name, version] of Object.entries(versions)) console.log(`${name}: ${version}`);
    for (const failure of failures) console.log(`FAILED ${failure}`);
}
