import type { handleUnaryCall, ServerUnaryCall } from "@grpc/grpc-js";
import type { Mask } from "../mask";
import type { EngineLog } from "./engine";
import { describeStray, isInternal, toStatus } from "./errors";
import { maskOfRequest } from "./mask";

/** The calls that are being answered right now, so that they can be asked to stop. */
export class Calls {
    readonly #running = new Set<AbortController>();

    constructor(private readonly log: EngineLog) {}

    get idle(): boolean {
        return this.#running.size === 0;
    }

    /** Only what runs now. The engine says Cancel at every normal end, and an attached process serves on. */
    abort(): void {
        for (const controller of this.#running) controller.abort(new Error("interrupted"));
    }

    /** Answers a call by `work`, and by a status that a person can read if that throws. */
    unary<Request, Response>(
        work: (request: Request, signal: AbortSignal) => Promise<Response>,
    ): handleUnaryCall<Request, Response> {
        return (call, callback) => {
            this.#run(call, work).then(
                (response) => callback(null, response),
                (error: unknown) => {
                    const mask = maskOfRequest(call.request);
                    this.#report(error, call.request, mask);
                    callback(toStatus(error, mask, idOf(call.request)));
                },
            );
        };
    }

    async #run<Request, Response>(
        call: ServerUnaryCall<Request, Response>,
        work: (request: Request, signal: AbortSignal) => Promise<Response>,
    ): Promise<Response> {
        const controller = new AbortController();
        // The engine is gone, or no longer waits for the answer.
        call.on("cancelled", () => controller.abort(new Error("interrupted")));
        this.#running.add(controller);
        try {
            return await work(call.request, controller.signal);
        } finally {
            this.#running.delete(controller);
        }
    }

    /** The stack of a mistake of ours goes where only `--debug` shows it. */
    #report(error: unknown, request: unknown, mask: Mask): void {
        if (!isInternal(error) || !(error instanceof Error)) return;
        const text = mask(describeStray(error).stack);
        void this.log.log({ severity: "DEBUG", urn: urnOf(request), text });
    }
}

function idOf(request: unknown): string | undefined {
    return (request as { getId?: () => string }).getId?.();
}

function urnOf(request: unknown): string {
    return (request as { getUrn?: () => string }).getUrn?.() ?? "";
}
