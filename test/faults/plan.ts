import { type Action, type Kind, kinds, type Slot } from "./kinds";
import { comesBy, type Point } from "./points";
import { Random } from "./random";

/** What is wanted of a machine; `undefined` where nothing of ours is to be. */
export interface Variant {
    /** Makes each change another one. */
    count: number;
    /** A change of it takes a restart. */
    protocols: "all" | "ipv4";
    /** Which of the hub's two keys it serves; laptops know both. */
    key: 0 | 1;
    /** A value that stops a daemon, behind a name by which nobody sees it. */
    isSpoilt?: boolean;
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

/** A part of a run, in a lab of its own. */
export interface Lane {
    number: number;
    of: number;
}

/** A share of what is dealt to all lanes in turn. */
export const shareOf = <T>(all: readonly T[], lane: Lane): T[] =>
    all.filter((_, index) => index % lane.of === lane.number - 1);

/** A stream of choices for each lane. */
export const laneRandom = (seed: number, lane: Lane): Random => new Random(seed + lane.number * 0x9e3779b9);

/** All choices of a lane, made before it: they depend on nothing but the seed. */
export function planSteps(seed: number, count: number, lane: Lane): Step[] {
    const random = laneRandom(seed, lane);
    const steps: Step[] = [];
    let fleet = whole;
    // Each kind once in all lanes together, before any comes twice.
    let deck = shareOf(new Random(seed).shuffle(kinds), lane);
    let isFirst = true;
    while (steps.length < count) {
        if (deck.length === 0) {
            deck = random.shuffle(kinds.flatMap((kind) => Array<Kind>(kind.weight).fill(kind)));
            isFirst = false;
        }
        const number = steps.length + 1;
        const kind = deck.shift() as Kind;
        const [before, possible] = possibleBefore(fleet, number, random, kind);
        const change = random.pick(possible);
        fleet = { ...before, [change.slot]: change.variant };
        const { slot, action } = change;
        steps.push({
            number,
            slot,
            action,
            before,
            after: fleet,
            kind,
            ...where(random, kind, change, isFirst),
        });
    }
    return steps;
}

/** The machines as they are, or where no change of them suits a kind, as they must be. */
function possibleBefore(fleet: Fleet, number: number, random: Random, kind: Kind): [Fleet, Change[]] {
    for (const before of [fleet, whole, { ...whole, hub: undefined, grant: undefined }]) {
        const possible = changes(before, number, random, kind);
        if (possible.length > 0) return [before, possible];
    }
    throw new Error(`no change can meet with: ${kind.name}`);
}

function where(random: Random, kind: Kind, { slot, action, restarts }: Change, isFirst: boolean) {
    const on = kind.points?.filter((point) => comesBy(point, slot, action, restarts));
    const point = on && random.pick(on);
    // Mostly at once; the rest falls anywhere in what follows, which may be over by then.
    const [late, delay, amount] = [random.next(), random.next(), random.below(32)];
    return { point, delaySeconds: point && !isFirst && late < 0.35 ? delay * 0.4 : 0, amount };
}

interface Change {
    slot: Slot;
    action: Action;
    variant: Variant | undefined;
    restarts: boolean;
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
        const suits = kind.suits?.(slot, action, restarts) ?? true;
        const isMet = kind.points?.some((point) => comesBy(point, slot, action, restarts)) ?? true;
        if (suits && isMet) all.push({ slot, action, variant, restarts });
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
