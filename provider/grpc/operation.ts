import type { Mask } from "../mask";
import type { Operation } from "../resource";
import type { EngineLog, Severity } from "./engine";
import type { Tally, Work } from "./tally";

/** `urn:pulumi:<stack>::<project>::<parent types>$<type>::<name>`; a name may hold `::` itself. */
export function parseUrn(urn: string): { type: string; name: string } {
    const [, , types = "", ...name] = urn.split("::");
    return { type: types.slice(types.lastIndexOf("$") + 1), name: name.join("::") };
}

export function subject(urn: string): { urn: string; name: string } {
    return { urn, name: parseUrn(urn).name };
}

const mostWaiting = 100;
const mostLasting = 500;

/**
 * Gives `work` what it needs to speak and to be stopped, and waits for its last line to be shown: a warning
 * that arrives after the result is lost when the engine ends.
 */
export async function operate<Result>(
    log: EngineLog,
    call: { urn: string; timeout: number; signal: AbortSignal; mask: Mask },
    { tally, kind }: { tally: Tally; kind: Work },
    work: (operation: Operation) => Promise<Result>,
): Promise<Result> {
    let shown: Promise<void> = Promise.resolve();
    let waiting = 0;
    let lasting = 0;
    // From the first word on: what has nothing to do says none.
    let entry: ReturnType<Tally["enter"]> | undefined;
    const counted = (text: string): string => {
        entry ??= tally.enter(kind);
        return `${text}${entry.words()}`;
    };
    const say = (severity: Severity, ephemeral: boolean) => (text: string) => {
        // A host may send stages faster than they can be shown, and without end; the next one replaces them anyway.
        if (ephemeral && waiting >= mostWaiting) return;
        if (!ephemeral && ++lasting > mostLasting + 1) return;
        waiting++;
        const said = !ephemeral && lasting > mostLasting ? "and more, too much to be shown" : call.mask(text);
        shown = log.log({ severity, urn: call.urn, text: said, ephemeral }).then(() => {
            waiting--;
        });
    };
    const sayProgress = say("INFO", true);
    const operation: Operation = {
        ...subject(call.urn),
        ...(call.timeout > 0 ? { timeoutSeconds: call.timeout } : {}),
        signal: call.signal,
        progress: (text) => sayProgress(counted(text)),
        info: say("INFO", false),
        warn: say("WARNING", false),
    };
    try {
        return await work(operation);
    } finally {
        entry?.leave();
        await shown;
    }
}
