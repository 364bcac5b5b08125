import { chainProblems } from "../../postfix/pins";
import { Problems } from "../../postfix/problems";
import { type HostSettings, Role } from "../../postfix/settings";
import { PartialFailure } from "../resource";
import {
    containsUnknown,
    keepSecrets,
    type PropertyMap,
    type PropertyValue,
    reveal,
    Unknown,
    unknown,
} from "../values";
import type { Changed, Teller } from "./change";
import { formatId } from "./identity";
import { bookkeepingKeys, configurationKeys, type HostInputs, looksAtKeys, readInputs } from "./inputs";
import { knownLater } from "./known-later";
import { provedServes, provenPins } from "./rotation";

/** Shape of the state that this release writes; a newer one is refused rather than guessed at. */
export const schema = 1;

/** What a later release wrote may mean something else. Asked by each diff, which comes before an update, by read and delete. */
export function refuseNewer(olds: PropertyMap): void {
    const written = plain(olds).schema;
    if (typeof written !== "number" || written <= schema) return;
    throw new Error(
        `this state was written by a later release of pulumi-postfix (form ${written}, known here: ${schema}): update the package`,
    );
}

export function plain(values: PropertyMap): Record<string, unknown> {
    return reveal(values) as Record<string, unknown>;
}

/** Values that are not known before the first up stand as words in the preview of the host's lines. */
export function shown(inputs: HostInputs): HostInputs {
    const files = [inputs.chains, inputs.authorities ?? {}, inputs.tables].flatMap((map) =>
        map instanceof Unknown ? [] : Object.keys(map),
    );
    const words = (value: unknown): unknown => {
        if (value instanceof Unknown) return knownLater;
        // A file of a map that is unknown as a whole has no path yet.
        if (typeof value === "string")
            return value.replace(/@\{([a-z0-9_-]+)\}/g, (path, name) =>
                files.includes(name) ? path : knownLater,
            );
        if (Array.isArray(value)) return value.map(words);
        if (typeof value === "object" && value !== null) {
            return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, words(below)]));
        }
        return value;
    };
    const settings = Object.fromEntries(
        configurationKeys.flatMap((key) => {
            const value: unknown = inputs[key];
            // A map that is unknown as a whole has no lines to show.
            return value instanceof Unknown
                ? [[key, key === "closed" ? [] : {}]]
                : value === undefined
                  ? []
                  : [[key, words(value)]];
        }),
    );
    return readInputs({ ...inputs, ...settings });
}

/** The state after a change; a laptop that met another key than the pinned one fails, and keeps its pin. */
export function settle(
    news: PropertyMap,
    inputs: HostInputs,
    changed: Changed,
    olds: PropertyMap,
    tell: Teller,
): { id: string; outputs: PropertyMap } {
    const id = formatId(changed.id);
    const outputs: PropertyMap = {
        ...news,
        ...standing(inputs, plain(olds), changed),
        schema,
        postfixVersion: changed.version,
        generation: changed.generation,
        unmanaged: changed.unmanaged,
        provenBy: changed.provenBy,
        ...(inputs.certificateFiles ? { servedPins: changed.servedPins } : {}),
    };
    for (const warning of expiry(inputs)) tell.warn(warning);
    if (changed.stuck)
        throw new PartialFailure({ id, outputs, inputs: news, reasons: [changed.stuck.message] });
    const reasons = mismatches(inputs, changed);
    if (reasons.length > 0) {
        outputs.provenBy = "unproven";
        throw new PartialFailure({ id, outputs, inputs: news, reasons });
    }
    if (changed.provenBy === "postfix" && changed.why) {
        tell.warn(
            `the hub shows the pinned key, but does not let this laptop log in, so its mail waits (${changed.why}): are sasl.username and sasl.password known there?`,
        );
    }
    if (changed.provenBy === "unproven") {
        tell.warn(
            `applied, but the hub could not be reached from this laptop (${changed.why}): the next up proves it`,
        );
    } else if (changed.provenBy === "none" && inputs.proof) {
        tell.warn(`applied, but not proven: ${changed.why}`);
    }
    for (const { server, why } of changed.others?.filter(({ outcome }) => unseen.includes(outcome)) ?? [])
        tell.warn(`applied, but ${server}, one of this laptop's further hubs, was not proven: ${why}`);
    return { id, outputs };
}

const unseen = ["unreachable", "none"];

/** What others may go by: whether all is applied, what a laptop has proven to pin, what a hub may still show. */
function standing(inputs: HostInputs, olds: Record<string, unknown>, changed: Changed): PropertyMap {
    const unsure = changed.stuck !== undefined || changed.mismatch !== undefined;
    return {
        pending: false,
        ...ofHub(
            inputs.role,
            unsure ? provedServes(olds) : (inputs.proof?.serves?.pins ?? changed.servedPins),
        ),
        ...shownProof(inputs, unsure || changed.provenBy === "unproven" ? olds : undefined),
    };
}

/** The keys that a hub shows; others show none. */
const ofHub = (role: unknown, provenServes: PropertyValue): PropertyMap =>
    role === Role.SmartHost ? { provenServes } : {};

/** Without a proof only what the laptop had proven before and still pins. */
function shownProof(inputs: HostInputs, olds: Record<string, unknown> | undefined): PropertyMap {
    const pins = provenPins(inputs);
    if (pins === undefined) return {};
    if (olds === undefined) return { provenPins: pins };
    const before: unknown[] = Array.isArray(olds.provenPins) ? olds.provenPins : [];
    const kept = pins.filter((pin) => before.includes(pin));
    return kept.length > 0 ? { provenPins: kept } : {};
}

/** What a preview says of the same: that the change will be made and proven. */
export function foreseen(inputs: HostInputs, news: PropertyMap): PropertyMap {
    const known = !containsUnknown(news.proof ?? null);
    return {
        pending: false,
        ...ofHub(inputs.role, known ? (inputs.proof?.serves?.pins ?? []) : unknown),
        ...(known ? shownProof(inputs, undefined) : { provenPins: unknown }),
    };
}

/** What a state of an earlier release does not say, as far as it can be told from what it does. */
export function completed(inputs: HostInputs, olds: PropertyMap): PropertyMap {
    return {
        pending: false,
        ...ofHub(inputs.role, olds.provenServes ?? provedServes(plain(olds))),
        ...(olds.provenPins === undefined ? shownProof(readInputs(plain(olds)), undefined) : {}),
    };
}

/** Each hub that shows something else than what it is known by. */
function mismatches(inputs: HostInputs, { mismatch, others = [] }: Changed): string[] {
    const what = looksAtKeys(inputs) ? "another key than the pinned one" : "nothing that proves it";
    const keeps = looksAtKeys(inputs) ? "keeps its pin" : "keeps its settings";
    const first = inputs.proof?.reaches;
    const reason = (server: string, waits: string, why: string) =>
        `${server} shows ${what}. The laptop ${keeps}: ${waits}. Either the hub serves a wrong key, or somebody stands between. The laptop's log: ${why}`;
    return [
        ...(mismatch === undefined
            ? []
            : [reason(`${first?.host}:${first?.port}`, "its mail waits and goes to nobody", mismatch)]),
        ...others.flatMap(({ outcome, server, why }) =>
            outcome === "mismatch" ? [reason(server, "no mail goes there", why)] : [],
        ),
    ];
}

function expiry(inputs: HostInputs): string[] {
    const problems = new Problems();
    for (const entry of Object.values(inputs.chains).flat()) {
        for (const problem of chainProblems(entry))
            if (problem.severity === "warning") problems.add("", problem.reason);
    }
    return problems.list.map(({ reason }) => reason);
}

/** What the host last proved stays as outputs, so that the next diff names exactly what is outstanding. */
export function pendingOutputs(news: PropertyMap, proved: PropertyMap): PropertyMap {
    const without = (values: PropertyMap, keys: readonly string[]) =>
        Object.fromEntries(Object.entries(values).filter(([key]) => !keys.includes(key)));
    const stays = without(proved, bookkeepingKeys);
    return {
        ...stays,
        ...without(news, configurationKeys),
        ...ofHub(plain(news).role, provedServes(plain(proved))),
        schema,
        provenBy: "unproven",
        pending: true,
    };
}

/** What was seen, as inputs: secret where the inputs are, and absent where they are absent and nothing was seen. */
export function observed(inputs: PropertyMap, seen: HostSettings): PropertyMap {
    const values = Object.entries(seen).filter(
        ([key, value]) => key in inputs || Object.keys(value).length > 0,
    );
    return keepSecrets(Object.fromEntries(values), inputs);
}
