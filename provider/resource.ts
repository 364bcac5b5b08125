import type { Problem } from "../postfix/problems";
import type { PropertyMap } from "./values";

/**
 * What the provider does with one kind of resource, free of the protocol. All properties come and go with their
 * secrets wrapped: what came as a `Secret` must leave as one, also under another name.
 */
export interface ResourceLogic {
    /** No host is touched. The inputs returned are what later calls get as `news`. */
    check(request: CheckRequest): Promise<CheckResult>;
    /** No host is touched: compares what was last proved with what is wanted. */
    diff(request: DiffRequest): Promise<DiffResult>;
    /** In a preview nothing may be changed on the host, and values may be unknown. */
    create(request: CreateRequest): Promise<CreateResult>;
    /** Refresh; and import, where only `id` is there. */
    read(request: ReadRequest): Promise<ReadResult>;
    /** In a preview nothing may be changed on the host, and values may be unknown. */
    update(request: UpdateRequest): Promise<UpdateResult>;
    delete(request: DeleteRequest): Promise<void>;
}

interface Subject {
    urn: string;
    /** The resource's name in the program: the last part of the URN. */
    name: string;
}

/** What an operation that may take long gets to speak with the person in front of the terminal, and to be stopped. */
export interface Operation extends Subject {
    /** From `customTimeouts`; absent if the program sets none. */
    timeoutSeconds?: number;
    /** Aborted on Ctrl-C: stop before the commit point, finish behind it, log nothing about it. */
    signal: AbortSignal;
    /** A line at the resource's row, replaced by the next one. */
    progress(text: string): void;
    /** Stays, under the resource's Diagnostics. */
    info(text: string): void;
    warn(text: string): void;
}

export interface CheckRequest extends Subject {
    /** Inputs of the last time; empty at the first. */
    oldInputs: PropertyMap;
    news: PropertyMap;
}

export interface CheckResult {
    inputs: PropertyMap;
    failures: Problem[];
}

export interface DiffRequest extends Subject {
    id: string;
    /** Outputs of the last time: what the host last proved. */
    olds: PropertyMap;
    oldInputs: PropertyMap;
    news: PropertyMap;
}

export type DiffKind = "add" | "update" | "delete" | "addReplace" | "updateReplace" | "deleteReplace";

export interface DiffResult {
    changes: boolean;
    /** By property path, as `joinPath` and `pathStep` write it. */
    detailed: Record<string, DiffKind>;
    /** Properties that make the change a replacement. */
    replaces: string[];
    deleteBeforeReplace: boolean;
}

export interface CreateRequest extends Operation {
    news: PropertyMap;
    preview: boolean;
}

export interface CreateResult {
    /** Empty in a preview, where no id is given out yet. */
    id: string;
    outputs: PropertyMap;
}

export interface ReadRequest extends Operation {
    id: string;
    /** Outputs in the state; empty at an import. */
    olds: PropertyMap;
    /** Inputs in the state; empty at an import. */
    oldInputs: PropertyMap;
}

export interface ReadResult {
    /** Empty: the resource is gone. */
    id: string;
    outputs: PropertyMap;
    /** What the program would have to say to get what is there: makes drift visible in the next preview. */
    inputs: PropertyMap;
}

export interface UpdateRequest extends Operation {
    id: string;
    olds: PropertyMap;
    oldInputs: PropertyMap;
    news: PropertyMap;
    preview: boolean;
}

export interface UpdateResult {
    outputs: PropertyMap;
}

export interface DeleteRequest extends Operation {
    id: string;
    olds: PropertyMap;
    oldInputs: PropertyMap;
}

/**
 * The host has the new configuration, but something behind it failed. The state keeps `outputs` together with
 * the reasons, and the next `up` is an update. If the host has its old configuration again, throw a plain error.
 */
export class PartialFailure extends Error {
    override readonly name = "PartialFailure";
    /** Needed from `create` only. */
    readonly id?: string;
    readonly outputs: PropertyMap;
    readonly inputs?: PropertyMap;
    readonly reasons: string[];

    constructor(failure: { id?: string; outputs: PropertyMap; inputs?: PropertyMap; reasons: string[] }) {
        super(failure.reasons.join("\n"));
        this.id = failure.id;
        this.outputs = failure.outputs;
        this.inputs = failure.inputs;
        this.reasons = failure.reasons;
    }
}
