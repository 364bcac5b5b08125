/** An end of Postfix on a host, between these two instants in milliseconds. */
export interface End {
    host: string;
    what: EndKind;
    from: number;
    to: number;
}

export type EndKind = "power cut" | "Postfix killed" | "Postfix stopped";

/** A host that had a message, and the queue id by which it knew it. */
export interface Hop {
    host: string;
    id: string;
}

/** The whole mail logs of the hosts, by name. */
export type Logs = ReadonlyMap<string, readonly string[]>;

/** The end that made a message come twice, and what shows it. */
export interface Cause {
    end: End;
    because: string;
}

interface Line {
    time: number;
    daemon: string;
    pid: string;
    text: string;
}

/**
 * SMTP delivers at least once: who ends between the other side's 250 and the end of his own work sends again. So a
 * message may come twice only where the queue id at which its two ways part was in the hands of a Postfix that ended,
 * and was not done with. Ways are told from the message's first host on.
 */
export function causeOf(first: readonly Hop[], second: readonly Hop[], logs: Logs, ends: readonly End[]) {
    const at = first.findIndex((hop, index) => hop.id !== second[index]?.id);
    const last = first.at(-1);
    if (at < 0) return last && first.length === second.length ? deliveredTwice(last, logs, ends) : undefined;
    const [one, other] = [first[at], second[at]] as [Hop, Hop | undefined];
    if (!other || one.host !== other.host) return undefined;
    const before = first[at - 1];
    return before ? handedOverTwice(before, one, other, logs, ends) : pickedUpTwice(one, other, logs, ends);
}

/** The same queue file, delivered to the same mailbox by two lives of one Postfix. */
function deliveredTwice(hop: Hop, logs: Logs, ends: readonly End[]): Cause | undefined {
    const lines = linesOf(logs, hop.host, `: ${hop.id}: `);
    const end = ends.find((one) => one.host === hop.host && lifeAt(lines, one)?.until !== Infinity);
    return end && { end, because: `its queue manager had ${hop.id} in hand` };
}

/** One queue file, sent on by two lives of the sender's Postfix, or to a receiver whose server ended before its 250. */
function handedOverTwice(
    sender: Hop,
    one: Hop,
    other: Hop,
    logs: Logs,
    ends: readonly End[],
): Cause | undefined {
    const sent = linesOf(logs, sender.host, `: ${sender.id}: `);
    const [began, again] = [begin(logs, one), begin(logs, other)];
    if (!began || !again) return undefined;
    for (const end of ends) {
        if (end.host === sender.host) {
            const life = lifeAt(sent, end);
            if (life && began.time >= life.since && began.time <= life.until && again.time >= life.until)
                return { end, because: `its queue manager had ${sender.id} in hand` };
        }
        // What the sender was told is done; and a server that has said goodbye has no message open.
        if (end.host !== one.host || sent.some(({ text }) => text.includes(`queued as ${one.id})`))) continue;
        const goodbye = linesOf(logs, one.host, `/smtpd[${began.pid}]: `).find(
            ({ time, text }) => time >= began.time && text.startsWith("disconnect from"),
        );
        const isOpen = began.time <= end.to && (goodbye?.time ?? Infinity) >= end.from;
        if (isOpen && again.time >= end.from)
            return { end, because: `smtpd[${began.pid}] had ${one.id} in hand` };
    }
    return undefined;
}

/** A file of the maildrop, taken into the queue by two pickups, the first of which ended before it had removed it. */
function pickedUpTwice(one: Hop, other: Hop, logs: Logs, ends: readonly End[]): Cause | undefined {
    const taken = linesOf(logs, one.host, "/pickup[").filter(({ text }) => / uid=\d+ /.test(text));
    const [at, again] = [one, other].map(({ id }) =>
        taken.findIndex(({ text }) => text.startsWith(`${id}: `)),
    ) as [number, number];
    const [began, next] = [taken[at], taken[at + 1]];
    // The first one takes no other message in between: that would be behind the removal.
    if (!began || !next || again <= at || next.pid === began.pid) return undefined;
    const end = ends.find(({ host, from, to }) => host === one.host && began.time <= to && from <= next.time);
    return end && { end, because: `pickup[${began.pid}] had ${one.id} in hand` };
}

/** The time between the queue manager that had a queue id in hand at this end and the next one that took it up. */
function lifeAt(lines: readonly Line[], end: End): { since: number; until: number } | undefined {
    const active = lines.filter(({ text }) => text.endsWith("(queue active)"));
    const since = active.findLast(({ time }) => time <= end.to);
    if (!since) return undefined;
    const isDone = ({ time, text }: Line) =>
        time > since.time && time <= end.from && /: removed$|status=deferred/.test(text);
    if (lines.some(isDone)) return undefined;
    return { since: since.time, until: active.find(({ time }) => time > end.from)?.time ?? Infinity };
}

/** The first that a host says of a message that comes by SMTP. */
const begin = (logs: Logs, { host, id }: Hop): Line | undefined =>
    linesOf(logs, host, `: ${id}: client=`).find(({ daemon }) => daemon === "smtpd");

function linesOf(logs: Logs, host: string, part: string): Line[] {
    return (logs.get(host) ?? []).flatMap((text) => {
        if (!text.includes(part)) return [];
        const [, date = "", daemon = "", pid = "", said = ""] =
            /^(\S+) \S+ postfix\S*\/(\w+)\[(\d+)\]: (.*)$/.exec(text) ?? [];
        return date === "" ? [] : [{ time: Date.parse(date), daemon, pid, text: said }];
    });
}
