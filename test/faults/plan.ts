import { type Action, type Kind, kinds, type Slot } from "./kinds";
import type { Point } from "./points";
import { Random } from "./random";

/** What is wanted of a machine; `undefined` where nothing of ours is to be. */
export interface Variant {
    /** Makes each change another one. */
    count: number;
    /** A change of it takes a restart. */
    protocols: "all" | "ipv4";
    /** Which of the hub's two keys it serves; laptops know both. */
    key: 0 | 1;
}

export type Fleet = Record<Slot, Variant | undefined>;

/** One change and how it is broken. */
export interface Step {
    number: number;
    slot: Slot;
    action: Action;
    before: Fleet;
    after: Fleet;
    kind: Kind;
    point?: Point;
    delaySeconds: number;
    amount: number;
}

export const describeStep = (step: Step): string => {
    const late = step.delaySeconds > 0 ? ` + ${Math.round(step.delaySeconds * 1000)} ms` : "";
    const where = step.point ? `, when ${step.point}${late}` : "";
    return `${step.action} ${step.slot}: ${step.kind.name}${where}`;
};

const first: Variant = { count: 0, protocols: "all", key: 0 };

/** With what a run begins: everything there. */
export const whole: Fleet = { hub: first, grant: first, laptop1: first, laptop2: first };

/** All choices of a run, made before it: they depend on nothing but the seed. */
export function planSteps(seed: number, count: number): Step[] {
    const random = new Random(seed);
    const steps: Step[] = [];
    let fleet = whole;
    let deck: Kind[] = [];
    for (let number = 1; steps.length < count; number++) {
        if (deck.length === 0)
            deck = random.shuffle(kinds.flatMap((kind) => Array<Kind>(kind.weight).fill(kind)));
        // The first of the deck that some change now possible suits.
        const before = fleet;
        const dealt = deck.findIndex((kind) => changes(before, number, random, kind).length > 0);
        const kind = deck.splice(Math.max(dealt, 0), 1)[0] as Kind;
        const possible = changes(before, number, random, kind);
        const change = possible.length > 0 ? random.pick(possible) : undefined;
        const { point, delaySeconds, amount } = where(random, kind);
        if (!change) {
            // None suits before the hub is there again, say: it is dealt anew in the next round.
            fleet = whole;
            continue;
        }
        fleet = { ...before, [change.slot]: change.variant };
        steps.push({
            number: steps.length + 1,
            slot: change.slot,
            action: change.action,
            before,
            after: fleet,
            kind,
            point,
            delaySeconds,
            amount,
        });
    }
    return steps;
}

function where(random: Random, kind: Kind) {
    const point = kind.points ? random.pick(kind.points) : undefined;
    // Mostly at once; the rest falls anywhere in what follows.
    const [late, delay, amount] = [random.next(), random.next(), random.below(32)];
    return { point, delaySeconds: point && late < 0.35 ? delay * 0.4 : 0, amount };
}

interface Change {
    slot: Slot;
    action: Action;
    variant: Variant | undefined;
}

function changes(fleet: Fleet, count: number, random: Random, kind: Kind): Change[] {
    const fresh = (before: Variant | undefined): Variant => ({
        count,
        protocols: random.next() < 0.25 ? flipped(before) : (before?.protocols ?? "all"),
        key: random.next() < 0.3 ? 1 : 0,
    });
    const all: Change[] = [];
    const turned = (slot: Slot, variant: Variant | undefined) =>
        (variant?.protocols ?? "all") !== (fleet[slot]?.protocols ?? "all");
    const add = (slot: Slot, action: Action, variant: Variant | undefined) => {
        const restarts = slot === "laptop2" ? action !== "update" : slot !== "grant" && turned(slot, variant);
        if (kind.suits?.(slot, action, restarts) ?? true) all.push({ slot, action, variant });
    };
    // Without a hub a laptop waits long for its proof: the hub comes back first.
    if (!fleet.hub) {
        add("hub", "create", fresh(undefined));
        return all;
    }
    // Machines that work are changed more often than they come and go.
    for (let n = 0; n < 3; n++) add("hub", "update", fresh(fleet.hub));
    if (!fleet.grant) add("hub", "delete", undefined);
    if (fleet.grant) {
        add("grant", "update", fresh(fleet.grant));
        add("grant", "delete", undefined);
    } else add("grant", "create", fresh(undefined));
    for (let n = 0; n < 3; n++) add("laptop1", "update", fresh(fleet.laptop1));
    if (fleet.laptop2) {
        add("laptop2", "update", fresh(fleet.laptop2));
        // Its queue must run empty first, which it does not without the grant.
        if (fleet.grant) add("laptop2", "delete", undefined);
    } else add("laptop2", "create", fresh(undefined));
    return all;
}

const flipped = (variant: Variant | undefined) => (variant?.protocols === "ipv4" ? "all" : "ipv4");
