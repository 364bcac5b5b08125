import { readBlocks } from "../../postfix/fragment/read";
import { inetPort } from "../../postfix/services";
import { Role } from "../../postfix/settings";
import { unmanagedSettings } from "../../postfix/unmanaged";
import { UserError } from "../errors";
import { printable } from "../printable";
import { type RemoteHost, withHost } from "../ssh/connect";
import { adoptOwner } from "./adopt";
import { apply, putInOrder, type QueueRule, queueRule } from "./apply";
import { servedPins, unannounced } from "./certificate-files";
import { sshTarget } from "./connection";
import { whileContended } from "./contended";
import { describePlan } from "./describe";
import type { HostFacts } from "./facts";
import { generationInUse } from "./generation";
import { type FragmentId, newGeneration, newInstance } from "./identity";
import { type HostInputs, looksAtKeys } from "./inputs";
import { isLiveFolderRight } from "./kept";
import { leaks } from "./leaks";
import { refuseLaterMarks } from "./marks";
import { type Applied, Conflict } from "./outcome";
import { overtaken } from "./overtaken";
import { type Plan, planChange, planRemoval, type Target } from "./plan";
import { askedThings } from "./plan-named";
import { askedNames } from "./plan-names";
import { wantedSockets } from "./plan-sasl";
import { probe } from "./probe";
import { proveThroughSsh } from "./prove";
import { cutOff, servedBefore, showsAnother } from "./rotation";
import { refuseStranded } from "./stranded";

/** What an operation tells while it runs. */
export interface Teller {
    progress(text: string): void;
    info(text: string): void;
    warn(text: string): void;
    signal: AbortSignal;
    /** What the user gives the operation (`customTimeouts`). */
    timeoutSeconds?: number;
}

/** What stands on the host after a change. */
export interface Changed extends Applied {
    /** Of keys that lie on the host already. */
    servedPins: string[];
    id: FragmentId;
    generation: string;
    version: string;
    unmanaged: string[];
}

/** A fragment that the state knows. */
export interface Existing {
    id: FragmentId;
    generation: string;
    /** What the host last proved. */
    proved: Record<string, unknown>;
}

/** Probes the host and says what would change there; changes nothing. */
export async function previewChange(
    inputs: HostInputs,
    existing: Existing | undefined,
    tell: Teller,
): Promise<string[]> {
    return reach(inputs, tell, async (host) => {
        const facts = await probeFor(host, inputs, tell, existing);
        const id = existing?.id ?? { owner: adoptOwner(inputs, facts), instance: "0".repeat(16) };
        // With a new folder's name each path in it would be shown as a change that nobody asked for.
        const generation = generationInUse(facts, id.owner) ?? "(new)";
        const isLive = isLiveRight(inputs, facts, existing);
        const plan = planChange(inputs, facts, { id, generation, isLive });
        const served = planServed(inputs, facts, existing?.proved, plan);
        plan.problems.push(
            ...overtaken(inputs, facts, existing),
            ...cutOff(existing?.proved ?? servedBefore(id.owner, facts), inputs, facts),
        );
        refuse(plan);
        const newOwner =
            existing || blocksOf(facts).some(({ owner }) => owner === id.owner) ? undefined : id.owner;
        for (const line of [...describePlan(plan, facts.version, newOwner), ...plan.notes]) tell.info(line);
        for (const warning of plan.warnings) tell.warn(warning);
        return served;
    });
}

/** Looks at keys that lie on the host already; what is wrong with them is one more problem of the plan. */
function planServed(
    inputs: HostInputs,
    facts: HostFacts,
    proved: Record<string, unknown> | undefined,
    plan: Plan,
): string[] {
    const { pins, problems } = servedPins(inputs, facts);
    plan.problems.push(...problems, ...unannounced(proved ?? {}, inputs, pins));
    return pins;
}

/** Brings one owner's fragment on the host to what is wanted, or leaves everything as it was. */
export async function makeChange(
    inputs: HostInputs,
    existing: Existing | undefined,
    tell: Teller,
): Promise<Changed> {
    return reach(inputs, tell, (host, unstoppable) =>
        whileContended(host.label, tell, async (looked) => {
            const facts = looked(await probeFor(host, inputs, tell, existing));
            const id = existing?.id ?? { owner: adoptOwner(inputs, facts), instance: newInstance() };
            const { target, plan } = planOrKeep(inputs, facts, id, existing);
            const served = planServed(inputs, facts, existing?.proved, plan);
            plan.problems.push(
                ...overtaken(inputs, facts, existing),
                ...cutOff(existing?.proved ?? servedBefore(id.owner, facts), inputs, facts),
            );
            refuse(plan);
            for (const warning of plan.warnings) tell.warn(warning);
            const applied = await unstoppable(() =>
                apply(host, {
                    plan,
                    facts,
                    target,
                    inputs,
                    previousGeneration: generationInUse(facts, id.owner) ?? existing?.generation,
                    servedPins: served,
                    queue: weakens(inputs, facts, plan) ? queueRule(inputs.onDelete) : "ignore",
                    onStep: (step) => tell.progress(step),
                }),
            );
            for (const note of applied.notes) tell.warn(note);
            const proven = await proveOtherwise(host, inputs, applied, tell);
            return {
                ...proven,
                id,
                generation: target.generation,
                version: facts.version,
                unmanaged: unmanagedSettings(plan.mainCf, facts).map(printable),
                servedPins: served,
            };
        }),
    );
}

const weakens = (inputs: HostInputs, facts: HostFacts, plan: Plan): boolean =>
    inputs.role === Role.RoadWarrior && leaks(facts.mainCf, plan.mainCf);

/** With a new folder, unless nothing at all changes on the host: then only the proof is made again. */
function planOrKeep(
    inputs: HostInputs,
    facts: HostFacts,
    id: FragmentId,
    existing: Existing | undefined,
): { target: Target; plan: Plan } {
    if (existing && isLiveRight(inputs, facts, existing)) {
        const target = { id, generation: existing.generation, isLive: true };
        const plan = planChange(inputs, facts, target);
        if (plan.action === "none") return { target, plan };
    }
    const target = { id, generation: newGeneration() };
    return { target, plan: planChange(inputs, facts, target) };
}

function isLiveRight(inputs: HostInputs, facts: HostFacts, existing: Existing | undefined): boolean {
    return (
        existing !== undefined &&
        generationInUse(facts, existing.id.owner) === existing.generation &&
        isLiveFolderRight(inputs, facts, existing.id.owner, existing.generation)
    );
}

/** Where a laptop's Postfix cannot be asked, its sshd makes the connection and we look ourselves. */
async function proveOtherwise(
    host: RemoteHost,
    inputs: HostInputs,
    applied: Applied,
    tell: Teller,
): Promise<Applied> {
    const reaches = inputs.proof?.reaches;
    if (applied.provenBy !== "none" || !reaches || !looksAtKeys(inputs)) return applied;
    tell.progress("looking at the hub's key through SSH");
    const seen = await proveThroughSsh(host, reaches);
    if (seen.outcome === "match") return { ...applied, provenBy: "ssh" };
    if (seen.outcome === "mismatch") return { ...applied, provenBy: "unproven", mismatch: seen.why };
    return { ...applied, why: `${applied.why}, and through SSH: ${seen.why}` };
}

const blocksOf = ({ mainCf, masterCf }: HostFacts) => [mainCf, masterCf].flatMap(readBlocks);

/** Takes the owner's fragment off the host; says whether it was still this instance's. */
export async function removeFragment(inputs: HostInputs, id: FragmentId, tell: Teller): Promise<boolean> {
    return reach(inputs, tell, (host, unstoppable) =>
        whileContended(host.label, tell, async (looked) => {
            const facts = looked(await probeFor(host, inputs, tell));
            const live = blocksOf(facts).find((block) => block.owner === id.owner);
            // Taken out by hand, a fragment leaves its keys behind: they go all the same.
            const keys = Object.keys(facts.pins).some((folder) => folder.startsWith(`${id.owner}/`));
            // And so does what it told the network's own tools.
            const hooks = facts.network.hooks.some(({ path, ours }) => ours && path.endsWith(`-${id.owner}`));
            if (live && live.instance !== id.instance) return false;
            if (!live && !keys && !hooks) {
                // A removal that was killed behind its commit leaves its backups to the next one.
                await putInOrder(host, (step) => tell.progress(step));
                return false;
            }
            const queue: QueueRule = inputs.role === Role.RoadWarrior ? queueRule(inputs.onDelete) : "ignore";
            const plan = planRemoval(id.owner, facts);
            refuseStranded(id.owner, facts, plan);
            const { stuck, notes } = await unstoppable(() =>
                apply(host, {
                    plan,
                    facts,
                    target: { id, generation: "" },
                    servedPins: [],
                    queue,
                    onStep: (step) => tell.progress(step),
                }),
            );
            for (const note of notes) tell.warn(note);
            if (stuck) throw stuck;
            return true;
        }),
    );
}

type Unstoppable = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Connects; a cancelled run ends it at once, but not while a change is under way: that one goes on to its end, unless
 * it has not begun because somebody else was first.
 */
export async function reach<T>(
    inputs: HostInputs,
    tell: Teller,
    use: (host: RemoteHost, unstoppable: Unstoppable) => Promise<T>,
): Promise<T> {
    const stop = new AbortController();
    let recallable = true;
    const cancel = () => recallable && stop.abort();
    const unstoppable: Unstoppable = async (work) => {
        recallable = false;
        try {
            return await work();
        } catch (error) {
            recallable = error instanceof Conflict;
            if (tell.signal.aborted) cancel();
            throw error;
        }
    };
    tell.signal.addEventListener("abort", cancel);
    if (tell.signal.aborted) cancel();
    try {
        const options = {
            signal: stop.signal,
            onRetry: (text: string) => tell.progress(text),
            onWarning: (text: string) => tell.warn(text),
            lane: inputs.onUnreachable === "pending" ? ("pending" as const) : ("normal" as const),
        };
        return await withHost(sshTarget(inputs), options, (host) =>
            use(patient(host, tell.timeoutSeconds), unstoppable),
        );
    } finally {
        tell.signal.removeEventListener("abort", cancel);
    }
}

/** Whoever gives an operation more time than ours means a host that is slow. */
const patient = (host: RemoteHost, least = 0): RemoteHost => ({
    ...host,
    run: (options) => host.run({ ...options, timeoutSeconds: Math.max(options.timeoutSeconds, least) }),
});

async function probeFor(
    host: RemoteHost,
    inputs: HostInputs,
    tell: Teller,
    existing?: Existing,
): Promise<HostFacts> {
    tell.progress("reading the host's configuration");
    const ports = Object.keys(inputs.services).flatMap((name) => inetPort(name) ?? []);
    const live = existing?.generation && `${existing.id.owner}/${existing.generation}`;
    const facts = await probe(host, {
        ports,
        live,
        sockets: wantedSockets(inputs),
        names: askedNames(inputs),
        named: askedThings(inputs),
        certificateFiles: inputs.certificateFiles,
        laptops: existing ? showsAnother(existing.proved, inputs) : inputs.role === Role.SmartHost,
    });
    refuseLaterMarks(facts);
    return facts;
}

function refuse(plan: Plan): void {
    if (plan.problems.length > 0) throw new UserError(plan.problems);
}
