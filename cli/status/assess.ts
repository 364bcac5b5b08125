import { certificateEnd } from "../../postfix/pins";
import { clientsTable } from "../../postfix/roles/relay-access";
import { Role } from "../../postfix/settings";
import { OnUnreachable } from "../../postfix/words";
import { configurationDiff } from "../../provider/host/diff";
import type { Proof } from "../../provider/host/inputs";
import { plain } from "../../provider/host/state";
import { type PropertyMap, reveal } from "../../provider/values";
import type { Fragment } from "./fragments";
import type { Sight } from "./look";
import type { MachineReport, MachineState } from "./report";

/** The fragments of one machine, and what it was like when it was looked at. */
export interface Machine {
    fragments: Fragment[];
    sight: Sight;
}

const dayMs = 86_400_000;

/** What is to be said of a machine, from what the state wants of it and what it says of itself. */
export function assess({ fragments, sight }: Machine, at: Date, served: Set<string>): MachineReport {
    const main = mainOf(fragments);
    const { state, troubles } = judge(fragments, sight);
    const seen = sight.seen.get(main.urn)?.outputs ?? main.outputs;
    const days = daysLeft(fragments, at);
    return {
        name: main.name,
        role: roleOf(main.inputs),
        address: addressOf(main.inputs),
        state,
        troubles: [...troubles, ...sight.warnings],
        ...(typeof seen.postfixVersion === "string" && { postfixVersion: seen.postfixVersion }),
        pins: pinsOf(main, served),
        ...(days !== undefined && { certificateDaysLeft: days }),
        ...(!sight.failure && { queue: queueOf(sight) }),
        ...(sight.verified && { lastVerified: sight.verified }),
        ...(sight.sent && { lastSent: sight.sent }),
        others: texts(seen.unmanaged),
        linkedTo: linked(main, fragments),
    };
}

function judge(fragments: Fragment[], sight: Sight): { state: MachineState; troubles: string[] } {
    const isPending = fragments.some(({ outputs }) => outputs.pending === true);
    if (sight.failure) {
        const waits = isPending
            ? ["A change waits for it. The first pulumi up that reaches it makes it."]
            : [];
        const state = sight.failure.unreachable ? "unreachable" : "unreadable";
        const [what = "", ...remedy] = sight.failure.reason.split("\n");
        // That it may be asleep has been said of it.
        const isExpected = sight.failure.unreachable && fragments.some(maySleep);
        return { state, troubles: [what, ...(isExpected ? [] : remedy), ...waits] };
    }
    // What has never been applied cannot be gone.
    const gone = fragments.filter(
        ({ urn, outputs }) => outputs.generation !== undefined && sight.seen.get(urn)?.id === "",
    );
    if (gone.length > 0) {
        const names = gone.map(({ name }) => `The settings of ${name} are no longer there.`);
        return { state: "gone", troubles: [...names, "Bring them back: pulumi refresh, then pulumi up"] };
    }
    if (!sight.running)
        return {
            state: "stopped",
            troubles: ["Postfix does not run.", "Start it: pulumi refresh, then pulumi up"],
        };
    const drifted = fragments.flatMap((fragment) => driftOf(fragment, sight));
    const provenBy = ({ urn, outputs }: Fragment) => (sight.seen.get(urn)?.outputs ?? outputs).provenBy;
    if (drifted.length > 0)
        return { state: "drifted", troubles: [...drifted, "Mend it: pulumi refresh, then pulumi up"] };
    if (isPending)
        return {
            state: "pending",
            troubles: ["A change waits for this machine. The next pulumi up makes it."],
        };
    if (fragments.some((fragment) => provenBy(fragment) === "unproven"))
        return {
            state: "unproven",
            troubles: [
                "It has not met its hub, or shown its key, since the last change. The next pulumi up asks again.",
            ],
        };
    return { state: "applied", troubles: [] };
}

const maySleep = ({ inputs }: Fragment): boolean => inputs.onUnreachable === OnUnreachable.Pending;

/** What stands on the machine against what it last proved, by property path. */
function driftOf({ urn, name, outputs }: Fragment, sight: Sight): string[] {
    const seen = sight.seen.get(urn);
    if (!seen || seen.id === "") return [];
    const [before, now] = [plain(outputs), plain(seen.outputs)];
    const paths = Object.keys(configurationDiff(before, now));
    const spoiled = texts(seen.outputs.spoiled);
    return [...paths.map((path) => `${name}: ${path}`), ...spoiled.map((what) => `${name}: ${what}`)];
}

function queueOf({ queue, deferred, oldestDeferred, now }: Sight): MachineReport["queue"] {
    return {
        messages: queue,
        deferred,
        ...(oldestDeferred !== undefined && { oldestDeferredSeconds: Math.max(0, now - oldestDeferred) }),
    };
}

function mainOf(fragments: Fragment[]): Fragment {
    const main = fragments.find(({ inputs }) => isMain(inputs)) ?? fragments[0];
    if (!main) throw new Error("a machine without a fragment");
    return main;
}

/** A machine's own fragment, beside the grants of fleets on a hub. */
const isMain = ({ role, proof }: PropertyMap): boolean =>
    role === Role.RoadWarrior || (role === Role.SmartHost && proof !== undefined);

function roleOf({ role }: PropertyMap): MachineReport["role"] {
    if (role === Role.RoadWarrior) return "laptop";
    return role === Role.SmartHost ? "hub" : "host";
}

interface Reached {
    host?: unknown;
    port?: unknown;
    user?: unknown;
}

function addressOf({ connection }: PropertyMap): string {
    const { host, port, user = "root" } = (reveal(connection ?? {}) ?? {}) as Reached;
    return `${user}@${host}${port === undefined || port === 22 ? "" : `:${port}`}`;
}

const proofOf = ({ proof }: PropertyMap): Proof => reveal(proof ?? {}) as Proof;

/** Fingerprints of the keys that a hub serves, by what it was last proven to show. */
export function servedPins(fragments: Fragment[]): string[] {
    const { inputs, outputs } = mainOf(fragments);
    if (inputs.role !== Role.SmartHost) return [];
    const found = [
        texts(outputs.provenServes),
        proofOf(inputs).serves?.pins ?? [],
        texts(outputs.servedPins),
    ];
    return found.find((pins) => pins.length > 0) ?? [];
}

/** A laptop says of no pin whether its turn has come; its hub does, where it is in the same stack. */
function pinsOf(main: Fragment, served: Set<string>): MachineReport["pins"] {
    const { reaches } = proofOf(main.inputs);
    if (!reaches) return { current: servedPins([main]), next: texts(main.inputs.announces) };
    const { pins } = reaches;
    const isCurrent = pins.some((pin) => served.has(pin))
        ? (pin: string) => served.has(pin)
        : (_: string, index: number) => index < pins.length / 2;
    return {
        current: pins.filter(isCurrent),
        next: pins.filter((pin, index) => !isCurrent(pin, index)),
    };
}

function daysLeft(fragments: Fragment[], at: Date): number | undefined {
    const chains = fragments.flatMap(({ inputs }) =>
        Object.values((reveal(inputs.chains ?? {}) ?? {}) as Record<string, { certificate?: unknown }[]>),
    );
    const ends = chains.flat().flatMap(({ certificate }) => {
        // After a failed run a state may hold something else in its place.
        if (typeof certificate !== "string" || !certificate.includes("BEGIN CERTIFICATE")) return [];
        return [Date.parse(certificateEnd(certificate))];
    });
    return ends.length === 0 ? undefined : Math.floor((Math.min(...ends) - at.getTime()) / dayMs);
}

function linked(main: Fragment, fragments: Fragment[]): string[] {
    const { reaches } = proofOf(main.inputs);
    if (reaches) return [reaches.host];
    return [...new Set(fragments.flatMap(({ inputs }) => grantedNames(inputs)))];
}

/** Beside each key in a grant's table stands the laptop's name. */
function grantedNames({ tables }: PropertyMap): string[] {
    const found = (reveal(tables ?? {}) ?? {}) as Record<string, { entries?: Record<string, string> }>;
    return Object.values(found[clientsTable]?.entries ?? {});
}

const texts = (value: unknown): string[] =>
    Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
