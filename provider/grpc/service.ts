import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import type { IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb";
import type { DiffResponse, PropertyDiff } from "@pulumi/pulumi/proto/provider_pb";
import type { ComponentLogic } from "../component";
import { UserError } from "../errors";
import type { FunctionLogic } from "../function";
import type { DiffKind, DiffResult, ResourceLogic } from "../resource";
import { type PropertyMap, unknownPaths } from "../values";
import type { Calls } from "./calls";
import type { Constructions } from "./construct";
import type { EngineLog } from "./engine";
import { unimplemented } from "./errors";
import { fromStruct, toStruct } from "./marshal";
import { maskOfRequest } from "./mask";
import { operate, parseUrn, subject } from "./operation";
import { Empty, messages, PluginInfo } from "./sdk";
import { Tally, type Work } from "./tally";

/** What the provider offers. Everything is loaded when it is asked for: start-up counts in every run. */
export interface Offer {
    version: string;
    schema(): Promise<string>;
    /** By type token, e.g. `postfix:index:Host`. */
    resources: Record<string, () => Promise<ResourceLogic>>;
    /** By type token, e.g. `postfix:index:SmartHost`. */
    components(): Promise<Record<string, ComponentLogic>>;
    /** By token, e.g. `postfix:index:bundle`. */
    functions: Record<string, () => Promise<FunctionLogic>>;
}

/** The calls of pulumirpc.ResourceProvider, translated to the logic of a resource and back. */
export function service(
    offer: Offer,
    log: EngineLog,
    calls: Calls,
    constructions: Constructions,
): UntypedServiceImplementation {
    const logicOf = (urn: string): Promise<ResourceLogic> => {
        const { type } = parseUrn(urn);
        const load = offer.resources[type];
        if (load) return load();
        const known = Object.keys(offer.resources).join(", ");
        throw new UserError([{ path: "", reason: `pulumi-postfix has no resource ${type}, only ${known}` }]);
    };

    const tally = new Tally();
    const changes = (preview: boolean): { tally: Tally; kind: Work } => ({
        tally,
        kind: preview ? "preview" : "change",
    });

    return {
        handshake: calls.unary(async (request) => {
            log.attach(request.getEngineAddress());
            return new messages.ProviderHandshakeResponse().setAcceptSecrets(true).setAcceptOutputs(true);
        }),
        attach: calls.unary(async (request) => {
            log.attach(request.getAddress());
            return new Empty();
        }),
        getPluginInfo: calls.unary(async () => new PluginInfo().setVersion(offer.version)),
        getSchema: calls.unary(async () => new messages.GetSchemaResponse().setSchema(await offer.schema())),

        // There is nothing to configure. What comes in must go out: the engine keeps its own `version` in there.
        checkConfig: calls.unary(async (request) =>
            new messages.CheckResponse().setInputs(toStruct(fromStruct(request.getNews()))),
        ),
        diffConfig: calls.unary(async () =>
            new messages.DiffResponse().setChanges(messages.DiffResponse.DiffChanges.DIFF_NONE),
        ),
        configure: calls.unary(async () =>
            new messages.ConfigureResponse()
                .setAcceptsecrets(true)
                .setAcceptoutputs(true)
                .setSupportspreview(true),
        ),

        check: calls.unary(async (request) => {
            const logic = await logicOf(request.getUrn());
            const mask = maskOfRequest(request);
            const { inputs, failures } = await logic.check({
                ...subject(request.getUrn()),
                oldInputs: fromStruct(request.getOlds()),
                news: fromStruct(request.getNews()),
            });
            return new messages.CheckResponse()
                .setInputs(toStruct(inputs))
                .setFailuresList(failures.map(({ path, reason }) => checkFailure(path, mask(reason))));
        }),
        diff: calls.unary(async (request) => {
            const logic = await logicOf(request.getUrn());
            const result = await logic.diff({
                ...subject(request.getUrn()),
                id: request.getId(),
                olds: fromStruct(request.getOlds()),
                oldInputs: fromStruct(request.getOldInputs()),
                news: fromStruct(request.getNews()),
            });
            return diffResponse(result);
        }),
        create: calls.unary(async (request, signal) => {
            const logic = await logicOf(request.getUrn());
            const news = fromStruct(request.getProperties());
            const preview = request.getPreview();
            refuseUnknown(news, preview);
            const call = callOf(request, signal);
            const { id, outputs } = await operate(log, call, changes(preview), (operation) =>
                logic.create({ ...operation, news, preview }),
            );
            return new messages.CreateResponse().setId(id).setProperties(toStruct(outputs));
        }),
        read: calls.unary(async (request, signal) => {
            const logic = await logicOf(request.getUrn());
            const call = callOf(request, signal);
            const { id, outputs, inputs } = await operate(log, call, { tally, kind: "read" }, (operation) =>
                logic.read({
                    ...operation,
                    id: request.getId(),
                    olds: fromStruct(request.getProperties()),
                    oldInputs: fromStruct(request.getInputs()),
                }),
            );
            if (id === "") return new messages.ReadResponse();
            return new messages.ReadResponse()
                .setId(id)
                .setProperties(toStruct(outputs))
                .setInputs(toStruct(inputs));
        }),
        update: calls.unary(async (request, signal) => {
            const logic = await logicOf(request.getUrn());
            const news = fromStruct(request.getNews());
            const preview = request.getPreview();
            refuseUnknown(news, preview);
            const call = callOf(request, signal);
            const { outputs } = await operate(log, call, changes(preview), (operation) =>
                logic.update({
                    ...operation,
                    id: request.getId(),
                    olds: fromStruct(request.getOlds()),
                    oldInputs: fromStruct(request.getOldInputs()),
                    news,
                    preview,
                }),
            );
            return new messages.UpdateResponse().setProperties(toStruct(outputs));
        }),
        delete: calls.unary(async (request, signal) => {
            const logic = await logicOf(request.getUrn());
            const call = callOf(request, signal);
            await operate(log, call, changes(false), (operation) =>
                logic.delete({
                    ...operation,
                    id: request.getId(),
                    olds: fromStruct(request.getProperties()),
                    oldInputs: fromStruct(request.getOldInputs()),
                }),
            );
            return new Empty();
        }),

        invoke: calls.unary(async (request) => {
            const load = offer.functions[request.getTok()];
            if (!load) throw new UserError([{ path: "", reason: noFunction(request.getTok()) }]);
            const args = fromStruct(request.getArgs());
            refuseUnknown(args, false);
            const mask = maskOfRequest(request);
            const { outputs, failures } = await (await load())(args);
            return new messages.InvokeResponse()
                .setReturn(toStruct(outputs))
                .setFailuresList(failures.map(({ path, reason }) => checkFailure(path, mask(reason))));
        }),

        cancel: (_call, callback) => {
            calls.abort();
            callback(null, new Empty());
        },

        construct: calls.unary(async (request) => {
            const known = await offer.components();
            const make = known[request.getType()];
            if (!make) {
                const names = Object.keys(known).join(", ");
                const reason = `${request.getType()} is for TypeScript programs; other languages have ${names}`;
                throw new UserError([{ path: "", reason }]);
            }
            return constructions.construct(request, make, log.address);
        }),
        call: (call, callback) => callback(unimplemented(noFunction(call.request.getTok()))),
        parameterize: (_call, callback) =>
            callback(unimplemented("pulumi-postfix takes no package parameters")),
    } satisfies Partial<IResourceProviderServer>;
}

function callOf(request: { getUrn(): string; getTimeout(): number }, signal: AbortSignal) {
    const mask = maskOfRequest(request);
    return { urn: request.getUrn(), timeout: request.getTimeout(), signal, mask };
}

const noFunction = (token: string): string => `pulumi-postfix has no function ${token}`;

/**
 * The path goes into the text. In its own field the engine would print the property's value next to it, and that
 * in clear even if it is a secret (issueCheckFailures in its step_generator.go).
 */
function checkFailure(path: string, reason: string) {
    return new messages.CheckFailure().setReason(path === "" ? reason : `${path}: ${reason}`);
}

/**
 * After a failed `up --continue-on-error` an unknown can be stored as a stack output, and so come into a real
 * run of another stack: a setting that is not known must never be left out there without a word.
 */
function refuseUnknown(news: PropertyMap, preview: boolean): void {
    if (preview) return;
    const paths = unknownPaths(news);
    if (paths.length === 0) return;
    const reason =
        "has no value. It comes from a resource that failed or was left out (--target, --exclude), in this stack " +
        "or in the one it is read from: bring that one up first";
    throw new UserError(paths.map((path) => ({ path, reason })));
}

function diffResponse(result: DiffResult): DiffResponse {
    const { DIFF_SOME, DIFF_NONE } = messages.DiffResponse.DiffChanges;
    const response = new messages.DiffResponse()
        .setChanges(result.changes ? DIFF_SOME : DIFF_NONE)
        .setReplacesList(result.replaces)
        .setDeletebeforereplace(result.deleteBeforeReplace)
        .setDiffsList([...new Set(Object.keys(result.detailed).map(topLevel))])
        .setHasdetaileddiff(true);
    for (const [path, kind] of Object.entries(result.detailed)) {
        response.getDetaileddiffMap().set(path, propertyDiff(kind));
    }
    return response;
}

function propertyDiff(kind: DiffKind): PropertyDiff {
    const { Kind } = messages.PropertyDiff;
    const kinds = {
        add: Kind.ADD,
        update: Kind.UPDATE,
        delete: Kind.DELETE,
        addReplace: Kind.ADD_REPLACE,
        updateReplace: Kind.UPDATE_REPLACE,
        deleteReplace: Kind.DELETE_REPLACE,
    };
    // `inputDiff` stays false: what is compared with the new inputs are the old outputs.
    return new messages.PropertyDiff().setKind(kinds[kind]);
}

function topLevel(path: string): string {
    return /^[^.[]+/.exec(path)?.[0] ?? path;
}
