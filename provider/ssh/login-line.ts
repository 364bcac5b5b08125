import type { Deadline } from "./deadline";
import { DialFailure } from "./failure";
import { KeyedLimiter } from "./limits";

/** sshd starts to drop connections at random from the 11th that is not logged in (sshd_config(5), MaxStartups). */
const logins = new KeyedLimiter(8);

interface Line {
    /** Who stands in it and who has come in. */
    users: number;
    /** When a login there last came to its end. */
    answered: number;
    waiting: Set<() => void>;
}

/** Of a deadline: not worth dialling for. */
const tooLittleMs = 250;

const silence = () => new DialFailure("no answer to those ahead in line", "yes");

const lines = new Map<string, Line>();

/**
 * Waits in line at a server, and resolves with the function that ends the stay there; it is told whether the server has
 * answered. The time in line does not count, but for that since the last answer: a hundred operations behind a jump host
 * that is away find it out together, not eight at a time.
 */
export async function enterLogin(
    server: string,
    deadline: Deadline,
    signal?: AbortSignal,
): Promise<(answered: boolean) => void> {
    const key = server.toLowerCase();
    const line = lines.get(key) ?? { users: 0, answered: 0, waiting: new Set() };
    lines.set(key, line);
    line.users++;
    const leave = () => {
        if (--line.users === 0) lines.delete(key);
    };
    const began = Date.now();
    try {
        const release = await whileAnswered(line, deadline.left, signal, (stop) => logins.acquire(key, stop));
        deadline.giveBack(Math.max(0, line.answered - began));
        const end = (answered: boolean) => {
            if (answered) {
                line.answered = Date.now();
                for (const waitAnew of line.waiting) waitAnew();
            }
            release();
            leave();
        };
        // Those ahead gave up at this very moment, and as little would come of it.
        if (Date.now() - began > tooLittleMs && deadline.left < tooLittleMs) {
            release();
            throw silence();
        }
        return end;
    } catch (error) {
        leave();
        throw error;
    }
}

/** Waits, but no longer than so many milliseconds from the last answer on that anybody in this line got. */
async function whileAnswered<T>(
    line: Line,
    patience: number,
    signal: AbortSignal | undefined,
    wait: (stop: AbortSignal) => Promise<T>,
): Promise<T> {
    const stop = new AbortController();
    const cancel = () => stop.abort(signal?.reason);
    const giveUp = () => stop.abort(silence());
    let timer: NodeJS.Timeout | undefined;
    const waitAnew = () => {
        clearTimeout(timer);
        timer = setTimeout(giveUp, Math.max(1, patience));
    };
    if (signal?.aborted) cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    line.waiting.add(waitAnew);
    waitAnew();
    try {
        return await wait(stop.signal);
    } finally {
        clearTimeout(timer);
        signal?.removeEventListener("abort", cancel);
        line.waiting.delete(waitAnew);
    }
}
