import type { Options } from "./options";
import type { ContenderName, Temperature, Work } from "./works";

/** A round: one contender does all its works, one after the other, on hosts with stock configuration. */
export interface Round {
    contender: ContenderName;
    /** Laptops at first; the lab has one more. */
    hosts: number;
    run: number;
    temperature: Temperature;
    works: readonly Work[];
}

/** All rounds of a bench: contenders in turn within a run, so that good and bad minutes of the machine meet all alike. */
export const roundsOf = ({ hosts, runs, only, temperatures, works }: Options): Round[] =>
    hosts.flatMap((count) =>
        Array.from({ length: runs }, (_, index) => index + 1).flatMap((run) =>
            only.flatMap((contender) =>
                temperatures.map((temperature) => ({ contender, hosts: count, run, temperature, works })),
            ),
        ),
    );

export const roundName = ({ contender, hosts, run, temperature }: Round): string =>
    `${hosts} ${hosts === 1 ? "laptop" : "laptops"}, run ${run}, ${temperature}, ${contender}`;
