/** A stream of numbers that a seed says all of (mulberry32): a run with the same seed makes the same choices. */
export class Random {
    private state: number;

    constructor(seed: number) {
        this.state = seed >>> 0;
    }

    /** At least 0, below 1. */
    next(): number {
        this.state = (this.state + 0x6d2b79f5) >>> 0;
        let t = this.state;
        t = Math.imul(t ^ (t >>> 15), t | 1);
        t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    }

    /** A whole number from 0 to below `limit`. */
    below(limit: number): number {
        return Math.floor(this.next() * limit);
    }

    pick<T>(from: readonly T[]): T {
        if (from.length === 0) throw new Error("nothing to pick from");
        return from[this.below(from.length)] as T;
    }

    shuffle<T>(list: readonly T[]): T[] {
        const shuffled = [...list];
        for (let last = shuffled.length - 1; last > 0; last--) {
            const other = this.below(last + 1);
            [shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T];
        }
        return shuffled;
    }
}
