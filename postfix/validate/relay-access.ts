import { pinProblem } from "../pins";
import type { ProblemSink } from "../problems";
import { anyKey } from "../roles/laptop-proof";
import { OnUnreachable } from "../words";
import { ArgsCheck, type IsKnown, isRecord, type Plain } from "./args";
import { validatePins } from "./link";
import { checkReach, isFragmentOwner, reachFields } from "./machine";
import { checkSenders } from "./senders";
import { show } from "./show";

/** How a grant gets onto its hub. */
export const grantFields = [...reachFields, "onUnreachable", "takeOver"] as const;

export const relayAccessFields = [...grantFields, "laptops", "proofs"] as const;

export function checkGrant(check: ArgsCheck): void {
    checkReach(check);
    check.oneOf("onUnreachable", OnUnreachable);
    const fragment = 'the owner of a fragment, such as "hub-laptops-1a2b3c4d"';
    for (const { value, at } of check.items("takeOver", fragment)) {
        if (!isFragmentOwner(value)) at.add("", `given ${show(value)}, allowed: ${fragment}`);
    }
}

export function validateRelayAccess(args: Plain, problems: ProblemSink, isKnown: IsKnown): void {
    const check = new ArgsCheck(args, problems, isKnown);
    check.onlyFields(relayAccessFields);
    checkGrant(check);
    check.required("laptops", "the identities of the laptops: [{ name, pins }]");
    const laptops = check.items("laptops", "identities: { name, pins }");
    checkProofs(check);
    const names = new Map<string, number>();
    const owners = new Map<string, string>();
    for (const { value, at, index } of laptops) {
        if (!isRecord(value)) {
            at.add(
                "",
                `given ${show(value)}, allowed: { name, pins }, such as the identity of a RoadWarrior`,
            );
            continue;
        }
        checkName(value.name, at, isKnown);
        validatePins(value, at, isKnown);
        checkSenders(value, at, isKnown);
        if (typeof value.name !== "string") continue;
        const other = names.get(value.name);
        if (other === undefined) names.set(value.name, index);
        else
            at.add(
                "name",
                `given ${show(value.name)}, which laptops[${other}] has too: each laptop needs its own name`,
            );
        for (const pin of Array.isArray(value.pins) ? value.pins : []) {
            if (typeof pin !== "string") continue;
            const owner = owners.get(pin.toUpperCase());
            if (owner === undefined) owners.set(pin.toUpperCase(), value.name);
            else if (owner !== value.name)
                at.add("pins", `holds a pin of ${owner} too: each laptop needs its own key`);
        }
    }
}

function checkProofs(check: ArgsCheck): void {
    const { isKnown } = check;
    for (const { value, at } of check.items("proofs", "what laptops have proven: { name, pins, hubPins }")) {
        if (!isRecord(value)) {
            at.add(
                "",
                `given ${show(value)}, allowed: { name, pins, hubPins }, such as the proof of a RoadWarrior`,
            );
            continue;
        }
        checkName(value.name, at, isKnown);
        validatePins(value, at, isKnown);
        const proof = new ArgsCheck(value, at, isKnown);
        proof.onlyFields(["name", "pins", "hubPins"]);
        for (const { value: pin, at: place } of proof.items("hubPins", `pins, or "${anyKey}"`)) {
            const fault = typeof pin === "string" ? pinProblem(pin) : `given ${show(pin)}, allowed: a pin`;
            if (pin !== anyKey && fault) place.add("", fault);
        }
    }
}

/** The name stands in a table of the hub, one line for each pin. */
function checkName(value: unknown, at: ProblemSink, isKnown: IsKnown): void {
    if (!isKnown(value)) return;
    if (typeof value === "string" && /^[A-Za-z0-9][A-Za-z0-9._@-]{0,252}$/.test(value)) return;
    at.add(
        "name",
        `given ${show(value)}, allowed: letters, digits and . _ - @, that begin with a letter or digit`,
    );
}
