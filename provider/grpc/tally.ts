/** What an engine's operation is. */
export type Work = "preview" | "change" | "read";

/** From so many on a run is long enough to be counted. */
const worthCounting = 10;

/**
 * How far a long run is, for whoever watches one of its rows: the engine counts resources, of which most are keys and
 * certificates; here those count that have to do with a host. The preview, the change and the refresh of one run are counted apart.
 */
export class Tally {
    readonly #works = new Map<Work, { done: number; atWork: number }>();

    enter(work: Work): { words(): string; leave(): void } {
        const count = this.#works.get(work) ?? { done: 0, atWork: 0 };
        this.#works.set(work, count);
        count.atWork++;
        return {
            words: () =>
                count.done + count.atWork < worthCounting
                    ? ""
                    : ` (${count.done} done, ${count.atWork} at work)`,
            leave: () => {
                count.atWork--;
                count.done++;
            },
        };
    }
}
