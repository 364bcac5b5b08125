import { chainProblems } from "../../postfix/pins";
import { Problems } from "../../postfix/problems";
import { type HostSettings, Role } from "../../postfix/settings";
import { RemoteError, UserError } from "../errors";
import {
    type CheckRequest,
    type CreateRequest,
    type DeleteRequest,
    type DiffRequest,
    PartialFailure,
    type ReadRequest,
    type ResourceLogic,
    type UpdateRequest,
} from "../resource";
import { containsUnknown, keepSecrets, type PropertyMap, reveal, Unknown, unknown } from "../values";
import { type Changed, makeChange, previewChange, reach, removeFragment, type Teller } from "./change";
import { checkInputs } from "./check";
import { mayBeAsleep } from "./connection";
import { bookkeepingDiff, configurationDiff } from "./diff";
import { observe } from "./drift";
import { type FragmentId, formatId, newInstance, newOwner, parseId } from "./identity";
import { configurationKeys, type HostInputs, readInputs } from "./inputs";
import { NoPostfix, probe } from "./probe";

/** Shape of the state that this release writes; a newer one is refused rather than guessed at. */
const schema = 1;

/** `postfix:index:Host`: one owner's fragment of one machine's Postfix. */
export const hostResource: ResourceLogic = {
    async check({ oldInputs, news }: CheckRequest) {
        return { inputs: news, failures: checkInputs(plain(news), plain(oldInputs)) };
    },

    async diff({ olds, news }: DiffRequest) {
        const [proved, wanted] = [plain(olds), plain(news)];
        const detailed: Record<string, "add" | "update" | "delete"> = {
            ...configurationDiff(proved, wanted),
            ...bookkeepingDiff(proved, wanted),
        };
        // The hub was out of reach when this laptop was changed: the next up proves it.
        if (proved.provenBy === "unproven") detailed.provenBy = "update";
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
            await preview(inputs, request.news, undefined, request);
            return {
                id: "",
                outputs: { ...request.news, provenBy: unknown, postfixVersion: unknown, generation: unknown },
            };
        }
        refuseUnknowns(request.news);
        try {
            return settle(request.news, inputs, await makeChange(inputs, undefined, request), request);
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
            !reachesElsewhere(proved, inputs)
        ) {
            return { outputs: { ...request.olds, ...request.news } };
        }
        const id = parseId(request.id);
        if (request.preview) {
            await preview(inputs, request.news, id, request);
            return { outputs: { ...request.olds, ...request.news, generation: unknown } };
        }
        refuseUnknowns(request.news);
        try {
            const generation = typeof proved.generation === "string" ? proved.generation : "";
            return settle(
                request.news,
                inputs,
                await makeChange(inputs, { id, generation }, request),
                request,
            );
        } catch (error) {
            if (!mayBeAsleep(inputs, error)) throw error;
            request.warn(`${error.shortMessage}: pending, the next up applies it`);
            return { outputs: pendingOutputs(request.news, request.olds) };
        }
    },

    async read(request: ReadRequest) {
        if (Object.keys(request.oldInputs).length === 0) {
            throw new Error(
                "pulumi import is not supported yet: to take over a fragment of lost state, create the resource with the fragment's owner in takeOver",
            );
        }
        const inputs = readInputs(plain(request.oldInputs));
        const id = parseId(request.id);
        const generation = String(plain(request.olds).generation ?? "");
        try {
            const facts = await reach(inputs, request, (host) =>
                probe(host, { ports: [], live: generation && `${id.owner}/${generation}` }),
            );
            const seen = observe(inputs, facts, id.owner, generation);
            if (!seen) return { id: "", outputs: {}, inputs: {} };
            if (!facts.running) request.warn("Postfix does not run on this host; the next change starts it");
            const drifted = observed(request.oldInputs, seen);
            return {
                id: request.id,
                inputs: { ...request.oldInputs, ...drifted },
                outputs: { ...request.olds, ...drifted, postfixVersion: facts.version },
            };
        } catch (error) {
            if (!mayBeAsleep(inputs, error)) throw error;
            request.warn(`${error.shortMessage}: its state is kept as it was`);
            return { id: request.id, inputs: request.oldInputs, outputs: request.olds };
        }
    },

    async delete(request: DeleteRequest) {
        const inputs = readInputs(plain(request.olds));
        try {
            const removed = await removeFragment(inputs, parseId(request.id), request);
            if (!removed)
                request.info("this host's fragment belongs to a newer resource, or is gone: left as it is");
        } catch (error) {
            if (!mayBeAsleep(inputs, error)) throw error;
            request.warn(
                `${error.shortMessage}: forgotten without being undone; to undo it there, remove the blocks "pulumi-postfix ${parseId(request.id).owner}" from main.cf and master.cf and reload Postfix`,
            );
        }
    },
};

function plain(values: PropertyMap): Record<string, unknown> {
    return reveal(values) as Record<string, unknown>;
}

/** Another machine, perhaps: what was proved there says nothing here. */
function reachesElsewhere(proved: Record<string, unknown>, inputs: HostInputs): boolean {
    const before = (proved.connection ?? {}) as { host?: unknown; port?: unknown; hostKey?: unknown };
    const after = inputs.connection;
    return before.host !== after.host || before.port !== after.port || before.hostKey !== after.hostKey;
}

async function preview(
    inputs: HostInputs,
    news: PropertyMap,
    id: FragmentId | undefined,
    tell: Teller,
): Promise<void> {
    if (containsUnknown(news.connection ?? null)) {
        tell.info("the host's address is not known yet: what stands there is looked at when it is");
        return;
    }
    try {
        await previewChange(shown(inputs), id, tell);
    } catch (error) {
        if (error instanceof NoPostfix && isInstalledFirst(inputs)) {
            tell.info("Postfix is not on this host yet: what stands there is looked at once it is installed");
            return;
        }
        if (!(error instanceof RemoteError) || error.kind !== "unreachable") throw error;
        const hint = error.hint && inputs.onUnreachable !== "pending" ? `\n${error.hint}` : "";
        tell.warn(`${error.shortMessage}: cannot say what stands there${hint}`);
    }
}

/** A grant comes after its hub, whose own Host tells if Postfix is not going to be there. */
function isInstalledFirst(inputs: HostInputs): boolean {
    return inputs.installPackage === true || inputs.role === Role.RelayAccess;
}

/** Values that are not known before the first up stand as words in the preview of the host's lines. */
function shown(inputs: HostInputs): HostInputs {
    const files = [inputs.chains, inputs.tables].flatMap((map) =>
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
            return value instanceof Unknown ? [[key, {}]] : value === undefined ? [] : [[key, words(value)]];
        }),
    );
    return readInputs({ ...inputs, ...settings });
}

const knownLater = "(known after up)";

function settle(
    news: PropertyMap,
    inputs: HostInputs,
    changed: Changed,
    tell: Teller,
): { id: string; outputs: PropertyMap } {
    const id = formatId(changed.id);
    const outputs: PropertyMap = {
        ...news,
        schema,
        postfixVersion: changed.version,
        generation: changed.generation,
        provenBy: changed.provenBy,
    };
    for (const warning of expiry(inputs)) tell.warn(warning);
    if (changed.mismatch) {
        const hub = inputs.proof?.reaches;
        throw new PartialFailure({
            id,
            outputs,
            inputs: news,
            reasons: [
                `${hub?.host}:${hub?.port} shows another key than the pinned one. The laptop keeps its pin: its mail waits and goes to nobody. Either the hub serves a wrong key, or somebody stands between. The laptop's log: ${changed.mismatch}`,
            ],
        });
    }
    if (changed.provenBy === "unproven") {
        tell.warn(
            `applied, but the hub could not be reached from this laptop (${changed.why}): the next up proves it`,
        );
    } else if (changed.provenBy === "none" && inputs.proof) {
        tell.warn(`applied, but not proven: ${changed.why}`);
    }
    return { id, outputs };
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
function pendingOutputs(news: PropertyMap, proved: PropertyMap): PropertyMap {
    const configuration = Object.fromEntries(
        configurationKeys.flatMap((key) => (key in proved ? [[key, proved[key] ?? null]] : [])),
    );
    const kept = Object.fromEntries(
        Object.entries(news).filter(([key]) => !(configurationKeys as readonly string[]).includes(key)),
    );
    return { ...proved, ...kept, ...configuration, schema, provenBy: "unproven" };
}

/** What was seen, as inputs: secret where the inputs are, and absent where they are absent and nothing was seen. */
function observed(inputs: PropertyMap, seen: HostSettings): PropertyMap {
    const values = Object.entries(seen).filter(
        ([key, value]) => key in inputs || Object.keys(value).length > 0,
    );
    return keepSecrets(Object.fromEntries(values), inputs);
}

/** Outside a preview every value is there, or an earlier failure has swallowed it: nothing is done on a guess. */
function refuseUnknowns(news: PropertyMap): void {
    const problems = Object.entries(news)
        .filter(([, value]) => containsUnknown(value))
        .map(([path]) => ({
            path,
            reason: "has no value: what it comes from has failed or is gone. The host was not touched",
        }));
    if (problems.length > 0) throw new UserError(problems);
}
