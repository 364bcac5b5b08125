import fc from "fast-check";

const { PROPERTY_SEED, PROPERTY_RUNS } = process.env;

/** What all generated cases come from. The same in every run, so that a run is red because of what was changed. */
const seed = Number(PROPERTY_SEED ?? 20090424);

/** How often a property is tried: as often as its test says, or so many times more. */
const times = Number(PROPERTY_RUNS ?? 1);

/** For `fc.assert`; a failing case is made small, and printed with its seed and path. */
export function runs(count: number): { seed: number; numRuns: number; includeErrorInReport: true } {
    return { seed, numRuns: count * times, includeErrorInReport: true };
}

/** Names the cases for whoever reads the report of a run. */
export const seedText = `seed ${seed}: PROPERTY_SEED=${seed} and PROPERTY_RUNS=${times} run them again`;

/** Any order of some values, each of them once. */
export function ordered<T>(values: readonly T[]): fc.Arbitrary<T[]> {
    return fc.shuffledSubarray([...values], { minLength: values.length });
}
