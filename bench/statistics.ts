import type { Measurement } from "./measurement";
import type { ContenderName, Temperature, Work } from "./works";

export interface Spread {
    median: number;
    min: number;
    max: number;
}

/** Undefined where nothing was measured. The median of an even number is the mean of the two in the middle. */
export function spreadOf(values: readonly number[]): Spread | undefined {
    const sorted = [...values].sort((a, b) => a - b);
    const [min, max] = [sorted[0], sorted.at(-1)];
    const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
    if (min === undefined || max === undefined || low === undefined || high === undefined) return undefined;
    return { median: (low + high) / 2, min, max };
}

export interface Which {
    hosts: number;
    temperature: Temperature;
    work: Work;
    contender: ContenderName;
}

export const select = (all: readonly Measurement[], which: Which): Measurement[] =>
    all.filter(
        ({ hosts, temperature, work, contender }) =>
            hosts === which.hosts &&
            temperature === which.temperature &&
            work === which.work &&
            contender === which.contender,
    );

type Figure = (measurement: Measurement) => number | undefined;

export const figures = (all: readonly Measurement[], which: Which, figure: Figure): number[] =>
    select(all, which).flatMap((one) => figure(one) ?? []);

/**
 * How many times one is the other, each time within one run: machines have good and bad minutes, and a run meets both
 * alike.
 */
export function ratios(all: readonly Measurement[], over: Which, under: Which, figure: Figure): number[] {
    const below = select(all, under);
    return select(all, over).flatMap((one) => {
        const other = below.find(({ run }) => run === one.run);
        const [above, base] = [figure(one), other && figure(other)];
        return above === undefined || base === undefined || base === 0 ? [] : [above / base];
    });
}

export const seconds: Figure = (measurement) => measurement.seconds;
export const cpuSeconds: Figure = (measurement) => measurement.cpuSeconds;
export const peakMiB: Figure = (measurement) => measurement.peakMiB;
export const partMiB =
    (part: string): Figure =>
    (measurement) =>
        measurement.partsMiB?.[part];
