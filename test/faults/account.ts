import type { Copy, Posted } from "./mail";

/** A message that came more than once, and the blow to Postfix that explains it, if one does. */
export interface Duplicate {
    id: string;
    copies: Copy[];
    blow?: { host: string; what: string; time: number };
}

export interface Blow {
    host: string;
    what: string;
    time: number;
}

export interface Account {
    sent: number;
    delivered: number;
    lost: string[];
    duplicates: Duplicate[];
    clear: string[];
}

/** A mail log's second, and what a machine that is killed needs to have said it. */
const slackMilliseconds = 3_000;

/**
 * SMTP delivers at least once: who is killed between the other side's 250 and the end of his own work sends again. So a
 * duplicate is explained by a Postfix on its way that ended while the first copy was on this way, and by nothing else.
 */
export function account(posted: Posted[], copies: Copy[], blows: Blow[]): Account {
    const byId = new Map<string, Copy[]>();
    for (const copy of copies) byId.set(copy.id, [...(byId.get(copy.id) ?? []), copy]);
    const duplicates: Duplicate[] = [];
    const lost: string[] = [];
    for (const { id, from, at, time } of posted) {
        const found = (byId.get(id) ?? []).filter((copy) => copy.at === at).sort((a, b) => a.time - b.time);
        if (found.length === 0) lost.push(`${id}, posted at ${new Date(time).toISOString()}`);
        if (found.length < 2) continue;
        const way = new Set([from, "hub", at]);
        const [begin, end] = [time - slackMilliseconds, (found.at(-1) as Copy).time + slackMilliseconds];
        const blow = blows
            .filter((one) => way.has(one.host) && one.time >= begin && one.time <= end)
            .sort((a, b) => Math.abs(a.time - firstOf(found)) - Math.abs(b.time - firstOf(found)))[0];
        duplicates.push({ id, copies: found, blow });
    }
    return {
        sent: posted.length,
        delivered: posted.length - lost.length,
        lost,
        duplicates,
        clear: copies.filter(({ encrypted }) => !encrypted).map(({ id, queueId }) => `${id} (${queueId})`),
    };
}

const firstOf = (copies: Copy[]): number => copies[0]?.time ?? 0;
