import * as grpc from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import { type IResourceProviderServer, ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { ComponentLogic } from "../../../provider/component";
import { serve } from "../../../provider/grpc/server";
import type { ResourceLogic } from "../../../provider/resource";

export const urn = "urn:pulumi:lab::mail::postfix:index:RoadWarrior$postfix:index:Host::alice::x";

export const secretKey = "4dabf18193072939515e22adb298388d";
export const secretMark = "1b47061264138c4ac30d75fd1eb44270";
export const secretOf = (value: JavaScriptValue) => ({ [secretKey]: secretMark, value });
export const unknownMark = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export const struct = (value: Record<string, JavaScriptValue>): Struct => Struct.fromJavaScript(value);

/** A resource that does nothing but what a test says. */
export function fakeLogic(methods: Partial<ResourceLogic>): ResourceLogic {
    const missing = (name: string) => async () => {
        throw new Error(`the test did not expect ${name}`);
    };
    return {
        check: missing("check"),
        diff: missing("diff"),
        create: missing("create"),
        read: missing("read"),
        update: missing("update"),
        delete: missing("delete"),
        ...methods,
    };
}

type Server = IResourceProviderServer;
type Method =
    | "handshake"
    | "getPluginInfo"
    | "getSchema"
    | "checkConfig"
    | "diffConfig"
    | "configure"
    | "check"
    | "diff"
    | "create"
    | "read"
    | "update"
    | "delete"
    | "construct"
    | "call"
    | "cancel";
type RequestOf<M extends Method> =
    Server[M] extends grpc.handleUnaryCall<infer Request, infer _> ? Request : never;
type ResponseOf<M extends Method> =
    Server[M] extends grpc.handleUnaryCall<infer _, infer Response> ? Response : never;

export interface Connected {
    call<M extends Method>(method: M, request: RequestOf<M>): Promise<ResponseOf<M>>;
    close(): void;
}

type Callback = (error: grpc.ServiceError | null, response: unknown) => void;

/** A real client of the SDK, as the engine is one of the protocol. */
export function connect(port: number): Connected {
    const client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
        "grpc.max_receive_message_length": -1,
        "grpc.max_send_message_length": -1,
    });
    return {
        call: <M extends Method>(method: M, request: RequestOf<M>) =>
            new Promise<ResponseOf<M>>((resolve, reject) => {
                const send = client[method].bind(client) as (request: unknown, callback: Callback) => unknown;
                send(request, (error, response) =>
                    error ? reject(error) : resolve(response as ResponseOf<M>),
                );
            }),
        close: () => client.close(),
    };
}

export interface FakeEngine {
    address: string;
    lines: LogRequest.AsObject[];
    close(): void;
}

/** The part of the engine that a provider talks to. It is slow to answer, so that lost lines are noticed. */
export async function startEngine(delayMilliseconds = 20): Promise<FakeEngine> {
    const lines: LogRequest.AsObject[] = [];
    const server = new grpc.Server();
    server.addService(EngineService, {
        log: (request: grpc.ServerUnaryCall<LogRequest, Empty>, callback: grpc.sendUnaryData<Empty>) => {
            setTimeout(() => {
                lines.push(request.request.toObject());
                callback(null, new Empty());
            }, delayMilliseconds);
        },
    });
    const port = await new Promise<number>((resolve, reject) =>
        server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
            error ? reject(error) : resolve(bound),
        ),
    );
    return { address: `127.0.0.1:${port}`, lines, close: () => server.forceShutdown() };
}

/** Serves `methods` as `postfix:index:Host`, runs `use`, and takes everything down again. */
export async function withProvider(
    methods: Partial<ResourceLogic>,
    use: (provider: Connected, engine: FakeEngine) => Promise<void>,
    components: Record<string, ComponentLogic> = {},
): Promise<void> {
    const engine = await startEngine();
    const serving = await serve(
        {
            version: "1.2.3",
            schema: async () => '{"name":"postfix"}',
            resources: { "postfix:index:Host": async () => fakeLogic(methods) },
            components: async () => components,
            functions: {},
        },
        engine.address,
    );
    const provider = connect(serving.port);
    try {
        await use(provider, engine);
    } finally {
        provider.close();
        await serving.stop();
        engine.close();
    }
}
