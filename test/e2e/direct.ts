import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import {
    CheckRequest,
    ConfigureRequest,
    CreateRequest,
    DeleteRequest,
    DiffRequest,
    DiffResponse,
    ReadRequest,
    UpdateRequest,
} from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import {
    type Connected,
    connect,
    type FakeEngine,
    secretOf,
    startEngine,
    struct,
} from "../provider/grpc/harness";
import { connection, operatorKey, repo } from "./lab";

export type Values = Record<string, JavaScriptValue>;

/** A resource as the engine would keep it in its state. */
export interface Kept {
    id: string;
    inputs: Values;
    outputs: Values;
}

const valuesOf = (answer?: Struct): Values => answer?.toJavaScript() ?? {};

const urn = "urn:pulumi:direct::mail::postfix:index:Host::direct";

/**
 * The provider as the engine starts it, asked by the engine's own protocol but without an engine: what costs an `up`
 * some seconds costs this a fraction of one, so that a test can do it hundreds of times. A call that fails rejects with
 * the words that the engine would print as `details`.
 */
export class DirectProvider {
    private constructor(
        readonly process: ChildProcess,
        private readonly client: Connected,
        private readonly engine: FakeEngine,
    ) {}

    /** What it writes to its stderr goes to ours, or to `onError`. */
    static async start(
        environment: NodeJS.ProcessEnv = {},
        onError?: (text: string) => void,
    ): Promise<DirectProvider> {
        const engine = await startEngine(0);
        const child = spawn(join(repo, "bin", "pulumi-resource-postfix"), [engine.address], {
            stdio: ["ignore", "pipe", onError ? "pipe" : "inherit"],
            env: { ...process.env, ...environment },
        });
        child.stderr?.setEncoding("utf8").on("data", (text: string) => onError?.(text));
        const port = await new Promise<number>((resolve, reject) => {
            child.stdout?.once("data", (line: Buffer) => resolve(Number(line.toString().trim())));
            child.once("exit", (code) => reject(new Error(`the provider ended with ${code}`)));
        });
        const client = connect(port);
        await client.call("configure", new ConfigureRequest().setAcceptsecrets(true));
        return new DirectProvider(child, client, engine);
    }

    /** What the engine would show on the resource's row, warnings and all, so far. */
    get said(): string[] {
        return this.engine.lines.map(({ message }) => message);
    }

    /** The warnings among it. */
    get warned(): string[] {
        return this.engine.lines
            .filter(({ severity }) => severity === LogSeverity.WARNING)
            .map(({ message }) => message);
    }

    /** What is wrong with inputs before a host is asked: each as `path: reason`. */
    async check(inputs: Values): Promise<string[]> {
        const request = new CheckRequest().setUrn(urn).setOlds(struct({})).setNews(struct(inputs));
        const checked = await this.client.call("check", request);
        return checked.getFailuresList().map((failure) => failure.getReason());
    }

    /** The paths that an `up` would change, with no look at the host. */
    async diff(kept: Kept, inputs: Values): Promise<string[]> {
        const request = new DiffRequest()
            .setUrn(urn)
            .setId(kept.id)
            .setOlds(struct(kept.outputs))
            .setOldInputs(struct(kept.inputs))
            .setNews(struct(inputs));
        const diff = await this.client.call("diff", request);
        if (diff.getChanges() !== DiffResponse.DiffChanges.DIFF_SOME) return [];
        const paths: string[] = [];
        diff.getDetaileddiffMap().forEach((_, path) => {
            paths.push(path);
        });
        return paths.sort();
    }

    /** A dry run against the real host, as `pulumi preview` makes it. */
    async preview(inputs: Values, kept?: Kept): Promise<void> {
        await (kept ? this.update(kept, inputs, true) : this.create(inputs, true));
    }

    async create(inputs: Values, preview = false): Promise<Kept> {
        const request = new CreateRequest().setUrn(urn).setProperties(struct(inputs)).setPreview(preview);
        const created = await this.client.call("create", request);
        return { id: created.getId(), inputs, outputs: valuesOf(created.getProperties()) };
    }

    async update(kept: Kept, inputs: Values, preview = false): Promise<Kept> {
        const request = new UpdateRequest()
            .setUrn(urn)
            .setId(kept.id)
            .setOlds(struct(kept.outputs))
            .setOldInputs(struct(kept.inputs))
            .setNews(struct(inputs))
            .setPreview(preview);
        const updated = await this.client.call("update", request);
        return { id: kept.id, inputs, outputs: valuesOf(updated.getProperties()) };
    }

    /** What a refresh makes of it; `undefined` when the fragment is gone from the host. */
    async read(kept: Kept): Promise<Kept | undefined> {
        const request = new ReadRequest()
            .setUrn(urn)
            .setId(kept.id)
            .setProperties(struct(kept.outputs))
            .setInputs(struct(kept.inputs));
        const read = await this.client.call("read", request);
        if (read.getId() === "") return undefined;
        return {
            id: read.getId(),
            inputs: valuesOf(read.getInputs()),
            outputs: valuesOf(read.getProperties()),
        };
    }

    async delete(kept: Kept): Promise<void> {
        const request = new DeleteRequest().setUrn(urn).setId(kept.id).setProperties(struct(kept.outputs));
        await this.client.call("delete", request);
    }

    /** As the engine does it at Ctrl-C, and at every normal end. */
    async cancel(): Promise<void> {
        await this.client.call("cancel", new Empty());
    }

    stop(): void {
        this.client.close();
        this.engine.close();
        this.process.kill("SIGKILL");
    }
}

/** What any machine of the lab needs to be reached, with the operator's key as a secret. */
export const reached = (host: string): Values => ({
    connection: { ...connection(host), privateKey: secretOf(operatorKey()) },
});
