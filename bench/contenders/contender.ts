import type { Wanted } from "../fleet";
import type { Measured, Start } from "../measure";
import type { Work } from "../works";

/** Who does the work. One object lives for one round: first apply to last. */
export interface Contender {
    readonly works: readonly Work[];
    /** It changes the hosts, so each has to have what was wanted. */
    readonly changesHosts: boolean;
    /** Makes ready what is not its work (a config file with the new value), and gives what is. */
    prepare(work: Work, wanted: Wanted): Promise<Start> | Start;
    /** What it says itself of the work has to be true. */
    check(work: Work, wanted: Wanted, measured: Measured): Promise<void> | void;
    /** Whatever would make its next work quicker, and is not on the hosts, goes. */
    forget(): void;
    remove(): void;
}
