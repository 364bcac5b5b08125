import { readBlocks } from "../../postfix/fragment/read";
import { RemoteError, UserError } from "../errors";
import type { Teller } from "./change";
import type { HostFacts } from "./facts";
import { Conflict, QueueNotEmpty, step } from "./outcome";

type Files = Pick<HostFacts, "mainCf" | "masterCf">;

/** The host's configuration may change between probe and apply; more often than this is no accident. */
const tries = 5;
/** Unless it is others of us who were first: of as many fleets as come to a hub at once the last one waits for all. */
const turns = 100;

/**
 * Plans anew when somebody else changed the host meanwhile, and turns what the queue says into words. An attempt hands
 * in what it has read.
 */
export async function whileContended<T>(
    host: string,
    tell: Pick<Teller, "progress">,
    attempt: (looked: <F extends Files>(facts: F) => F) => Promise<T>,
): Promise<T> {
    let count = 0;
    let known: string | undefined;
    const looked = <F extends Files>(facts: F): F => {
        const fragments = JSON.stringify([readBlocks(facts.mainCf), readBlocks(facts.masterCf)]);
        if (fragments !== known) count = 0;
        known = fragments;
        return facts;
    };
    for (let turn = 1; ; turn++) {
        try {
            return await attempt(looked);
        } catch (error) {
            if (error instanceof QueueNotEmpty) throw queueError(error.count);
            if (!(error instanceof Conflict)) throw error;
            if (++count === tries || turn === turns)
                throw new RemoteError({
                    host,
                    step,
                    kind: "step",
                    reason: `${error.message}, ${count === tries ? tries : turns} times in a row: nothing was done`,
                    hint: "Is another program at work there that writes main.cf or master.cf again and again?",
                });
            tell.progress(`${error.message}, planning again`);
        }
    }
}

function queueError(count: number): UserError {
    return new UserError([
        {
            path: "onDelete",
            reason: `${count} mail${count === 1 ? " waits" : "s wait"} in this laptop's queue and would leave it past the pin. Nothing was changed on it. Let the queue run empty (postqueue -f on the laptop), or choose onDelete: "flush" (send to the hub first), "hold" (keep, held, until postsuper -H ALL) or "release" (let it go by the host's own configuration)`,
        },
    ]);
}
