import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RemoteError } from "../../provider/errors";
import { reach } from "../../provider/host/change";
import { type HostInputs, readInputs } from "../../provider/host/inputs";
import { seenOn } from "../../provider/host/seen";
import { plain, refuseNewer } from "../../provider/host/state";
import { maskOf, publicNames } from "../../provider/mask";
import { printable } from "../../provider/printable";
import type { ReadResult } from "../../provider/resource";
import { secretTexts } from "../../provider/values";
import { type Answers, ask } from "../ask";
import type { Fragment } from "./fragments";

/** What a machine says of itself now. */
export interface Sight {
    /** Why it could not be looked at, and what to do about it. */
    failure?: { reason: string; unreachable: boolean };
    /** Each fragment as it stands there; absent where it is gone. */
    seen: Map<string, ReadResult>;
    warnings: string[];
    running: boolean;
    /** Messages in the queue. */
    queue: number;
    deferred: number;
    /** When the oldest of the deferred came, in seconds since 1970 by the machine's clock. */
    oldestDeferred?: number;
    /** The machine's clock, in the same seconds. */
    now: number;
    /** The log's last line of a connection whose key was right, and of a message that left. */
    verified?: string;
    sent?: string;
}

/** Looks at one machine over one connection, and changes nothing there. */
export async function lookAt(fragments: Fragment[], signal: AbortSignal): Promise<Sight> {
    const sight: Sight = { seen: new Map(), warnings: [], running: false, queue: 0, deferred: 0, now: 0 };
    const [first] = fragments;
    if (!first) return sight;
    const said = sayingOf(fragments);
    const tell = {
        signal,
        progress: () => {},
        info: () => {},
        warn: (text: string) => {
            const line = said(text);
            if (!sight.warnings.includes(line)) sight.warnings.push(line);
        },
    };
    try {
        for (const { outputs } of fragments) refuseNewer(outputs);
        await reach(inputsOf(first), tell, async (host) => {
            for (const fragment of fragments) {
                const { urn, name, id, inputs, outputs } = fragment;
                const request = { ...tell, urn, name, id, olds: outputs, oldInputs: inputs };
                sight.seen.set(urn, await seenOn(host, inputsOf(fragment), request));
            }
            const answers = await ask(host, {
                step: "look at the queue and the log",
                script: readFileSync(join(__dirname, "look.sh"), "utf8"),
                main: "status_main",
            });
            Object.assign(sight, readSight(answers, said));
        });
    } catch (error) {
        sight.failure = {
            reason: (error as Error).message.split("\n").map(said).join("\n"),
            unreachable: error instanceof RemoteError && error.kind === "unreachable",
        };
    }
    return sight;
}

export const inputsOf = ({ inputs }: Fragment): HostInputs => readInputs(plain(inputs));

/** A text as it may be shown: without what is secret in the state, and without what a terminal would obey. */
function sayingOf(fragments: Fragment[]): (text: string) => string {
    const maps = fragments.flatMap(({ inputs, outputs }) => [inputs, outputs]);
    const mask = maskOf(maps.flatMap((map) => secretTexts(map, publicNames)));
    return (text) => printable(mask(text));
}

/** `said` makes of a line of its log one that may be shown. */
export function readSight(values: Answers, said: (line: string) => string): Partial<Sight> {
    const [verified] = values("verified");
    const [sent] = values("sent");
    const oldest = Number(values("oldest")[0] ?? 0);
    return {
        running: (values("master")[0] ?? "") !== "",
        queue: Number(values("queue")[0] ?? 0),
        deferred: Number(values("deferred")[0] ?? 0),
        ...(oldest > 0 && { oldestDeferred: oldest }),
        now: Number(values("now")[0] ?? 0),
        ...(verified && { verified: said(verified) }),
        ...(sent && { sent: said(sent) }),
    };
}
