import { RemoteError, UserError } from "../errors";
import type {
    CheckRequest,
    CreateRequest,
    DeleteRequest,
    DiffRequest,
    ReadRequest,
    ResourceLogic,
    UpdateRequest,
} from "../resource";
import { containsUnknown, type PropertyMap, unknown } from "../values";
import { sameFiles } from "./certificate-files";
import { type Existing, makeChange, previewChange, reach, removeFragment, type Teller } from "./change";
import { checkInputs } from "./check";
import { mayBeAsleep } from "./connection";
import { bookkeepingDiff, configurationDiff } from "./diff";
import { type FragmentId, formatId, newInstance, newOwner, parseId } from "./identity";
import { imported } from "./import";
import { bookkeepingKeys, configurationKeys, type HostInputs, readInputs } from "./inputs";
import { installedFirst } from "./no-postfix";
import { NoPostfix } from "./probe";
import { keySteps } from "./rotation";
import { seenOn } from "./seen";
import { shownPins } from "./served-pins";
import { completed, foreseen, pendingOutputs, plain, refuseNewer, settle, shown } from "./state";

/** `postfix:index:Host`: one owner's fragment of one machine's Postfix. */
export const hostResource: ResourceLogic = {
    async check({ oldInputs, news }: CheckRequest) {
        return { inputs: news, failures: checkInputs(plain(news), plain(oldInputs)) };
    },

    async diff({ olds, news }: DiffRequest) {
        refuseNewer(olds);
        const [proved, wanted] = [plain(olds), plain(news)];
        const detailed: Record<string, "add" | "update" | "delete"> = {
            ...configurationDiff(proved, wanted),
            ...bookkeepingDiff(proved, wanted),
        };
        // The hub was out of reach when this laptop was changed: the next up proves it.
        if (proved.provenBy === "unproven") {
            detailed.provenBy = "update";
            // Another key lies on the host than the one that was proven: a refresh shows its pin.
            if (wanted.certificateFiles !== undefined) detailed.servedPins = "update";
        }
        if (isSpoiled(proved)) detailed.spoiled = "delete";
        // A state of an earlier release, which says less: written anew, the machine is not touched.
        if (proved.pending === undefined) detailed.pending = "add";
        return {
            changes: Object.keys(detailed).length > 0,
            detailed,
            replaces: [],
            deleteBeforeReplace: false,
        };
    },

    async create(request: CreateRequest) {
        const inputs = readInputs(plain(request.news));
        if (request.preview) {
            const served = await preview(inputs, request.news, { isNewMachine: true }, request);
            const later = {
                provenBy: unknown,
                postfixVersion: unknown,
                generation: unknown,
                unmanaged: unknown,
            };
            const outputs = { ...request.news, ...later, ...foreseen(inputs, request.news) };
            return { id: "", outputs: { ...outputs, ...shownPins(inputs, served) } };
        }
        try {
            return settle(request.news, inputs, await makeChange(inputs, undefined, request), {}, request);
        } catch (error) {
            if (!mayBeAsleep(inputs, error)) throw error;
            const id = { owner: newOwner(inputs.owner), instance: newInstance() };
            request.warn(`${error.shortMessage}: pending, the next up applies it`);
            return { id: formatId(id), outputs: pendingOutputs(request.news, {}) };
        }
    },

    async update(request: UpdateRequest) {
        const inputs = readInputs(plain(request.news));
        const proved = plain(request.olds);
        const touched = configurationDiff(proved, plain(request.news));
        if (
            Object.keys(touched).length === 0 &&
            proved.provenBy !== "unproven" &&
            !isSpoiled(proved) &&
            !reachesElsewhere(proved, inputs)
        ) {
            const outputs = { ...seenBefore(request.olds), ...request.news };
            return { outputs: { ...outputs, ...completed(inputs, request.olds) } };
        }
        // From the key that the host has proved, whatever a pending change has written down since.
        const steps = keySteps(proved.keyGeneration, inputs.keyGeneration);
        if (steps.length > 0) throw new UserError(steps);
        const id = parseId(request.id);
        const generation = typeof proved.generation === "string" ? proved.generation : "";
        if (request.preview) {
            const isNewMachine = hostKeyOf(proved) !== inputs.connection.hostKey;
            const existing = { id, generation, proved };
            const served = await preview(inputs, request.news, { existing, isNewMachine }, request);
            const { servedPins, spoiled: _, ...olds } = seenBefore(request.olds);
            const pins = shownPins(inputs, served ?? (sameFiles(proved, inputs) ? servedPins : undefined));
            const later = { generation: unknown, unmanaged: unknown };
            return {
                outputs: { ...olds, ...request.news, ...later, ...foreseen(inputs, request.news), ...pins },
            };
        }
        try {
            return settle(
                request.news,
                inputs,
                await makeChange(inputs, { id, generation, proved }, request),
                request.olds,
                request,
            );
        } catch (error) {
            if (!mayBeAsleep(inputs, error)) throw error;
            request.warn(`${error.shortMessage}: pending, the next up applies it`);
            return { outputs: pendingOutputs(request.news, request.olds) };
        }
    },

    async read(request: ReadRequest) {
        refuseNewer(request.olds);
        if (Object.keys(request.oldInputs).length === 0) return imported(request);
        const inputs = readInputs(plain(request.oldInputs));
        try {
            return await reach(inputs, request, (host) => seenOn(host, inputs, request));
        } catch (error) {
            if (!mayBeAsleep(inputs, error)) throw error;
            request.warn(`${error.shortMessage}: its state is kept as it was`);
            return { id: request.id, inputs: request.oldInputs, outputs: request.olds };
        }
    },

    async delete(request: DeleteRequest) {
        refuseNewer(request.olds);
        const inputs = readInputs(plain(request.olds));
        try {
            const removed = await removeFragment(inputs, parseId(request.id), request);
            if (!removed)
                request.info("this host's fragment belongs to a newer resource, or is gone: left as it is");
        } catch (error) {
            if (!mayBeAsleep(inputs, error)) throw error;
            const wasReached = request.olds.generation !== undefined;
            request.warn(`${error.shortMessage}: ${wasReached ? leftOn(parseId(request.id)) : neverReached}`);
        }
    },
};

const neverReached = "forgotten; no change has ever reached it, so there is nothing to undo";

const leftOn = ({ owner }: FragmentId): string =>
    `forgotten without being undone; to undo it there, first hold its mail (postsuper -h ALL), which would leave past the pin, then take "${owner}" off it as docs/undo.md says under "By hand": its keys lie in /etc/postfix/pulumi/${owner}`;

/** What the state says beside the inputs: one that left the program must not stay as an output, and differ for ever. */
function seenBefore(olds: PropertyMap): PropertyMap {
    const inputs: readonly string[] = [...configurationKeys, ...bookkeepingKeys];
    return Object.fromEntries(Object.entries(olds).filter(([key]) => !inputs.includes(key)));
}

/** A refresh has found something of ours that is not as it was left. */
const isSpoiled = (proved: Record<string, unknown>): boolean =>
    Array.isArray(proved.spoiled) && proved.spoiled.length > 0;

/** Another machine, perhaps: what was proved there says nothing here. */
function reachesElsewhere(proved: Record<string, unknown>, inputs: HostInputs): boolean {
    const before = (proved.connection ?? {}) as { host?: unknown; port?: unknown };
    const after = inputs.connection;
    return before.host !== after.host || before.port !== after.port || hostKeyOf(proved) !== after.hostKey;
}

const hostKeyOf = ({ connection }: Record<string, unknown>): unknown =>
    (connection as { hostKey?: unknown } | undefined)?.hostKey;

async function preview(
    inputs: HostInputs,
    news: PropertyMap,
    host: { existing?: Existing; isNewMachine: boolean },
    tell: Teller,
): Promise<string[] | undefined> {
    if (containsUnknown(news.connection ?? null)) {
        tell.info("the host's address is not known yet: what stands there is looked at when it is");
        return undefined;
    }
    try {
        const known = containsUnknown(news.certificateFiles ?? null)
            ? { ...inputs, certificateFiles: undefined }
            : inputs;
        return await previewChange(shown(known), host.existing, tell);
    } catch (error) {
        if (error instanceof NoPostfix) {
            tell.info(installedFirst(inputs, host.isNewMachine, error));
            return undefined;
        }
        if (!(error instanceof RemoteError) || error.kind !== "unreachable") throw error;
        const hint = error.hint && inputs.onUnreachable !== "pending" ? `\n${error.hint}` : "";
        tell.warn(`${error.shortMessage}: cannot say what stands there${hint}`);
        return undefined;
    }
}
