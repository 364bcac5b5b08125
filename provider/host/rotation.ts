import { isPin } from "../../postfix/pins";
import type { Problem } from "../../postfix/problems";
import { anyKey, readProofs } from "../../postfix/roles/laptop-proof";
import { Role } from "../../postfix/settings";
import { readEntries } from "../../postfix/tables";
import type { HostFacts } from "./facts";
import { type HostInputs, looksAtKeys } from "./inputs";

type Plain = Record<string, unknown>;

/** A hub's key stays, or goes on by one; from none it may begin anywhere. */
export function keySteps(before: unknown, after: unknown): Problem[] {
    if (typeof before !== "number" || typeof after !== "number") return [];
    if (after === before || after === before + 1) return [];
    const reason = `given ${after}, allowed: ${before} (no change) or ${before + 1}: laptops pin only the current and the next key`;
    return [{ path: "keyGeneration", reason }];
}

/** Pins of the keys that the hub serves as far as the state knows: those of before while a change to others is not proven. */
export function provedServes(proved: Plain): string[] {
    const { proof, provenServes, servedPins } = proved;
    const known = [provenServes, (proof as HostInputs["proof"])?.serves?.pins, servedPins].map(pinList);
    return known.find((pins) => pins.length > 0) ?? [];
}

/** The same of a hub that no state knows, which a create takes over: its key is known to laptops all the same. */
export function servedBefore(owner: string, facts: Pick<HostFacts, "pins">): Plain {
    const folders = Object.entries(facts.pins).filter(([folder]) => folder.startsWith(`${owner}/`));
    return { provenServes: folders.flatMap(([, pins]) => pins) };
}

/** Whether the hub would show a key that it has not shown so far: the one moment at which laptops can be cut off. */
export function showsAnother(proved: Plain, inputs: HostInputs): boolean {
    const wanted = inputs.proof?.serves?.pins;
    const before = provedServes(proved);
    if (inputs.role !== Role.SmartHost || !Array.isArray(wanted) || before.length === 0) return false;
    return wanted.some((pin) => !before.includes(pin));
}

/**
 * Who may relay through the hub, and has not proven to pin each key that it would show: of several keys the laptop's
 * Postfix picks one.
 */
export function cutOff(
    proved: Plain,
    inputs: HostInputs,
    { laptops }: Pick<HostFacts, "laptops">,
): Problem[] {
    if (!showsAnother(proved, inputs)) return [];
    const wanted = pinList(inputs.proof?.serves?.pins);
    const proven = new Map(laptops.proofs.flatMap((text) => [...readProofs(text)]));
    const knows = (pin: string): boolean => {
        const pins = proven.get(pin.toUpperCase()) ?? [];
        return pins.includes(anyKey) || wanted.every((key) => pins.includes(key));
    };
    const names = laptops.grants.flatMap((text) => namesOf(text, knows));
    const left = [...new Set(names)].filter((name) => !inputs.leaveBehind?.includes(name)).sort();
    if (left.length === 0) return [];
    const all = left.map((name) => JSON.stringify(name));
    const list = all.length > most ? `${all.slice(0, most).join(", ")}, ...` : all.join(", ");
    const who =
        left.length === 1
            ? `${list}, which may relay through it, has`
            : `${left.length} of its laptops (${list}) have`;
    const reason = `would make the hub show a key that ${who} not proven to pin: mail from there would wait. First run pulumi up in their stack (if it is this one, with the key's number as it was) while they are awake: it writes down what they pin, unless one of them fails. Or write leaveBehind: [${list}] on the hub: each sends again once it has got the new pin`;
    return [{ path: inputs.keyGeneration === undefined ? "chains" : "keyGeneration", reason }];
}

/** More names than this nobody reads, and nobody should leave behind by copying them. */
const most = 10;

/** A laptop with several keys is there by one of them. */
function namesOf(grants: string, knows: (pin: string) => boolean): string[] {
    // A table of the user's own may be called as a grant's is.
    const lines = Object.entries(readEntries(grants)).flatMap(([pin, name]) =>
        isPin(pin) ? { pin, name } : [],
    );
    const fine = new Set(lines.filter(({ pin }) => knows(pin)).map(({ name }) => name));
    return lines.filter(({ name }) => !fine.has(name)).map(({ name }) => name);
}

/** What a laptop pins once a change is proven; `undefined` for what is no laptop. */
export function provenPins(inputs: HostInputs): string[] | undefined {
    const { reaches, alsoReaches = [] } = inputs.proof ?? {};
    if (inputs.role !== Role.RoadWarrior || !reaches) return undefined;
    if (!looksAtKeys(inputs)) return [anyKey];
    return [...new Set([reaches, ...alsoReaches].flatMap(({ pins }) => pins))];
}

const pinList = (value: unknown): string[] =>
    Array.isArray(value) ? value.filter((pin): pin is string => typeof pin === "string") : [];
