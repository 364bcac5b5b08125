import { createRequire } from "node:module";
import type * as grpcTypes from "@grpc/grpc-js";
import type * as pulumi from "@pulumi/pulumi";
import type * as engineClient from "@pulumi/pulumi/proto/engine_grpc_pb";
import type * as engineMessages from "@pulumi/pulumi/proto/engine_pb";
import type * as pluginMessages from "@pulumi/pulumi/proto/plugin_pb";
import type * as providerService from "@pulumi/pulumi/proto/provider_grpc_pb";
import type * as providerMessages from "@pulumi/pulumi/proto/provider_pb";
import type * as statusMessages from "@pulumi/pulumi/proto/status_pb";
import type * as runtimeRpc from "@pulumi/pulumi/runtime/rpc";
import type * as runtimeSettings from "@pulumi/pulumi/runtime/settings";
import type * as anyTypes from "google-protobuf/google/protobuf/any_pb";
import type * as emptyTypes from "google-protobuf/google/protobuf/empty_pb";
import type * as structTypes from "google-protobuf/google/protobuf/struct_pb";

/**
 * The protocol's modules out of the Pulumi SDK, which ships but does not document them. Single files and not
 * the SDK itself: loading that takes several times as long as everything else together.
 *
 * gRPC and protobuf are taken from where the SDK finds them. With a second copy (pnpm, a version conflict) its
 * generated code refuses our messages: it tests them by `instanceof`.
 */
const sdk = createRequire(require.resolve("@pulumi/pulumi/package.json"));

export const grpc = sdk("@grpc/grpc-js") as typeof grpcTypes;
export const { Struct } = sdk("google-protobuf/google/protobuf/struct_pb.js") as typeof structTypes;
export const { Empty } = sdk("google-protobuf/google/protobuf/empty_pb.js") as typeof emptyTypes;
export const messages = sdk("./proto/provider_pb.js") as typeof providerMessages;
export const { PluginInfo } = sdk("./proto/plugin_pb.js") as typeof pluginMessages;
export const { ResourceProviderService } = sdk("./proto/provider_grpc_pb.js") as typeof providerService;

/** Needed by the first log line, which a run with nothing to do never writes. */
export function loadEngine(): typeof engineClient & typeof engineMessages {
    const client = sdk("./proto/engine_grpc_pb.js") as typeof engineClient;
    const requests = sdk("./proto/engine_pb.js") as typeof engineMessages;
    return { ...client, ...requests };
}

/** Needed only to send the details of a failure. */
export function loadStatus(): { Status: typeof statusMessages.Status; Any: typeof anyTypes.Any } {
    const { Status } = sdk("./proto/status_pb.js") as typeof statusMessages;
    const { Any } = sdk("google-protobuf/google/protobuf/any_pb.js") as typeof anyTypes;
    return { Status, Any };
}

/** Of the SDK, what a component is made with here: as its own server does it, which is not for others to use. */
export interface ProgramSdk {
    output: typeof pulumi.output;
    rootStackResource: pulumi.Resource;
    DependencyResource: new (urn: string) => pulumi.Resource;
    DependencyProviderResource: new (reference: string) => pulumi.ProviderResource;
    withLocalStorage<T>(work: () => Promise<T>): Promise<T>;
    resetOptions: typeof runtimeSettings.resetOptions;
    awaitFeatureSupport(): Promise<void>;
    waitForRPCs(): Promise<void>;
    setAllConfig(values: Record<string, string>, secretKeys: string[]): void;
    deserializeInputs(
        inputs: structTypes.Struct,
        dependencies: { get(key: string): { getUrnsList(): string[] } | undefined },
    ): Promise<Record<string, unknown>>;
    deserializeProperty(value: unknown, keepUnknowns: boolean): unknown;
    serializeResourceProperties: typeof runtimeRpc.serializeResourceProperties;
    hookBindingFromProto(binding: unknown): pulumi.ResourceHookBinding | undefined;
}

/** It takes a second to load, which only programs in other languages spend. */
export function loadProgram(): ProgramSdk {
    const parts = ["./index.js", "./resource.js", "./provider/server.js"];
    const runtime = ["config", "resource", "rpc", "settings", "state"].map((name) => `./runtime/${name}.js`);
    return Object.assign({}, ...[...parts, ...runtime].map((part) => sdk(part))) as ProgramSdk;
}
