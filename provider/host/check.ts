import { nearestName } from "../../postfix/nearest";
import { type Problem, Problems, pathStep } from "../../postfix/problems";
import { validateConnection } from "../../postfix/validate/connection";
import { validateHostSettings } from "../../postfix/validate/host-settings";
import { Unknown } from "../values";
import { bookkeepingKeys, configurationKeys } from "./inputs";
import { keySteps } from "./rotation";

type Plain = Record<string, unknown>;

const known = new Set<string>([...configurationKeys, ...bookkeepingKeys]);

/** All problems of one Host's inputs, found without a network. */
export function checkInputs(inputs: Plain, olds: Plain): Problem[] {
    const problems = new Problems();
    const isKnown = (value: unknown) => !(value instanceof Unknown);
    for (const name of Object.keys(inputs)) {
        if (known.has(name)) continue;
        const nearest = nearestName(name, [...known]);
        problems.add(pathStep(name), `is not known here${nearest ? `: did you mean ${nearest}?` : ""}`);
    }
    if (isKnown(inputs.connection)) {
        validateConnection(inputs.connection, problems.at("connection"), {
            knownHosts: inputs.knownHosts,
            insecureIgnoreHostKey: inputs.insecureIgnoreHostKey,
            isKnown,
        });
    }
    validateHostSettings(inputs, problems, isKnown);
    keyStep(inputs, olds, problems);
    return problems.list;
}

/**
 * A hub's key moves on by one generation at a time, and only to the key that was announced before: laptops pin
 * the current and the next one, any other step locks all of them out at once.
 */
function keyStep(inputs: Plain, olds: Plain, problems: Problems): void {
    // A key that lies on the host is seen there only: what it may turn into is judged in the plan.
    if (inputs.certificateFiles !== undefined || olds.certificateFiles !== undefined) return;
    const [before, after] = [olds.keyGeneration, inputs.keyGeneration];
    if (after === undefined) ownKey(inputs, olds, problems);
    if (typeof after !== "number") return;
    if (typeof before !== "number" || before === after) {
        sameKey(inputs, olds, problems);
        return;
    }
    const steps = keySteps(before, after);
    for (const { path, reason } of steps) problems.add(path, reason);
    if (steps.length > 0) return;
    const pins = servedPins(inputs.proof);
    if (pins === undefined) return;
    if (pins.length === 0) {
        problems.add(
            "keyGeneration",
            `whether the key of generation ${after} was announced to the laptops cannot be told: name its pins in proof.serves.pins, or keep generation ${before}`,
        );
        return;
    }
    const announced = Array.isArray(olds.announces) ? olds.announces : [];
    const cutOff = pins.filter((pin) => !(pin instanceof Unknown) && !announced.includes(pin));
    if (cutOff.length > 0) {
        problems.add(
            "keyGeneration",
            `the key of generation ${after} was never announced to the laptops, they would all be locked out: keep generation ${before}`,
        );
    }
}

/** A key made anew under the same number, or of another algorithm, is known to no laptop either. */
function sameKey(inputs: Plain, olds: Plain, problems: Problems): void {
    const pins = servedPins(inputs.proof) ?? [];
    const pinned = pinnedByLaptops(olds);
    if (pins.length === 0 || pinned.length === 0 || pins.some((pin) => pin instanceof Unknown)) return;
    if (pins.some((pin) => pinned.includes(pin))) return;
    const reason =
        olds.keyGeneration === undefined
            ? "counts a key made here, which no laptop pins: they would all be locked out. Keep the certificates of your own"
            : `stays ${inputs.keyGeneration}, but the key is another one, which no laptop pins: they would all be locked out. Bring the former key back; another algorithm comes by nextKeyAlgorithm, and the step after that`;
    problems.add("keyGeneration", reason);
}

/** The user's own key, without a number: any that was announced may follow, none other. */
function ownKey(inputs: Plain, olds: Plain, problems: Problems): void {
    const pinned = pinnedByLaptops(olds);
    const others = (servedPins(inputs.proof) ?? []).filter(
        (pin) => !(pin instanceof Unknown) && !pinned.includes(pin),
    );
    if (pinned.length === 0 || others.length === 0) return;
    problems.add(
        "chains",
        `hold a key that no laptop pins, they would be locked out: first run with nextPins: ${JSON.stringify(others)} and the certificate of before`,
    );
}

const pinnedByLaptops = (olds: Plain): unknown[] => [
    ...(servedPins(olds.proof) ?? []),
    ...(Array.isArray(olds.announces) ? olds.announces : []),
];

/** The pins of the key that the hub is to serve; `undefined` while they are not known. */
function servedPins(proof: unknown): unknown[] | undefined {
    if (proof instanceof Unknown) return undefined;
    const serves = (proof as { serves?: unknown } | undefined)?.serves;
    if (serves instanceof Unknown) return undefined;
    const pins = (serves as { pins?: unknown } | undefined)?.pins;
    if (pins instanceof Unknown) return undefined;
    return Array.isArray(pins) ? pins : [];
}
