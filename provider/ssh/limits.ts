/** At most so many at a time; the others wait in line. */
export class Limiter {
    private free: number;
    private readonly waiting: (() => void)[] = [];

    constructor(slots: number) {
        this.free = slots;
    }

    /** Resolves with the function that gives the slot back. Rejects, and leaves the line, when the signal fires. */
    async acquire(signal?: AbortSignal): Promise<() => void> {
        signal?.throwIfAborted();
        if (this.free > 0) this.free--;
        else await this.turn(signal);
        let held = true;
        return () => {
            if (!held) return;
            held = false;
            const next = this.waiting.shift();
            if (next) next();
            else this.free++;
        };
    }

    private turn(signal?: AbortSignal): Promise<void> {
        return new Promise((resolve, reject) => {
            const leave = () => {
                const place = this.waiting.indexOf(go);
                if (place >= 0) this.waiting.splice(place, 1);
                reject(signal?.reason);
            };
            const go = () => {
                signal?.removeEventListener("abort", leave);
                resolve();
            };
            this.waiting.push(go);
            signal?.addEventListener("abort", leave, { once: true });
        });
    }
}

/** A limiter for each key, there only as long as somebody holds or wants a slot of it. */
export class KeyedLimiter {
    private readonly limiters = new Map<string, { limiter: Limiter; users: number }>();

    constructor(private readonly slots: number) {}

    async acquire(key: string, signal?: AbortSignal): Promise<() => void> {
        const entry = this.limiters.get(key) ?? { limiter: new Limiter(this.slots), users: 0 };
        this.limiters.set(key, entry);
        entry.users++;
        const leave = () => {
            if (--entry.users === 0) this.limiters.delete(key);
        };
        try {
            const release = await entry.limiter.acquire(signal);
            let held = true;
            return () => {
                if (!held) return;
                held = false;
                release();
                leave();
            };
        } catch (error) {
            leave();
            throw error;
        }
    }
}

export type Lane = "normal" | "pending";

/** One operation on one machine at a time: two at once would only wait for the lock on the host. */
const machines = new KeyedLimiter(1);
/** All operations of the process share one event loop and one CPU. Measured: docs/scale.md. */
export const mostAtWork = 64;
const work = new Limiter(mostAtWork);
/** Machines that may be asleep wait together, not one behind the other; each needs a file descriptor, with a jump host two. */
const maybeAsleep = new Limiter(256);

/** What one operation holds from its first packet to its last. */
export interface Stay {
    /** Called once the machine has answered, by whoever wants work done there. Rejects when the signal fires. */
    begin(): Promise<void>;
    leave(): void;
}

/**
 * Waits for the machine's turn. In the lane `normal` a slot to work is taken before the machine is dialled, and in the
 * lane `pending` only by `begin`: a machine that sleeps keeps nobody waiting.
 */
export async function enterMachine(machine: string, lane: Lane, signal?: AbortSignal): Promise<Stay> {
    const held: (() => void)[] = [];
    const leave = () => {
        for (const release of held.splice(0).reverse()) release();
    };
    const take = async (slot: Promise<() => void>) => {
        held.push(await slot);
    };
    try {
        // First, so that nobody holds a slot while waiting for a machine.
        await take(machines.acquire(machine.toLowerCase(), signal));
        await take((lane === "pending" ? maybeAsleep : work).acquire(signal));
        return {
            begin: async () => {
                if (lane === "pending") await take(work.acquire(signal));
            },
            leave,
        };
    } catch (error) {
        leave();
        throw error;
    }
}
