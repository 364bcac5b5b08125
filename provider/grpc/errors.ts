import type { StatusObject } from "@grpc/grpc-js";
import { UserError } from "../errors";
import type { Mask } from "../mask";
import { PartialFailure } from "../resource";
import { toStruct } from "./marshal";
import { grpc, loadStatus, messages } from "./sdk";

/** A mistake in this program, and not the user's or the host's: worth a report. */
export function isInternal(error: unknown): boolean {
    return (
        !(error instanceof Error) ||
        error instanceof TypeError ||
        error instanceof RangeError ||
        error instanceof ReferenceError ||
        error instanceof SyntaxError
    );
}

/** What a person reads: never a stack. */
export function describe(error: unknown): string {
    const message = error instanceof Error ? error.message : String(error);
    return isInternal(error) ? `${internal}: ${message.replace(cutQuotes, "…")}` : message;
}

/**
 * What is told of an error that no call waits for. Nobody knows whose it is, so nobody could mask its message: only
 * its name and where it came from.
 */
export function describeStray(error: unknown): { text: string; stack: string } {
    const { name = typeof error, code, stack = "" } = (error ?? {}) as NodeJS.ErrnoException;
    const frames = stack.split("\n").filter((line) => /^ {4}at /.test(line));
    const text = `${internal}: ${[name, code].filter(Boolean).join(" ")}${(frames[0] ?? "").replace(/^ +/, " ")}`;
    return { text, stack: [text, ...frames].join("\n") };
}

const internal = "internal error of pulumi-postfix, please report it";

/** Node and V8 quote the beginning of a value, or the middle of a text: a mask knows only the whole. */
const cutQuotes = /'[^']*\.\.\.'?|"[^"]*\.\.\."?|\.\.\."[^"]*"(?:\.\.\.)?|"[^"]*"\.\.\./g;

/** The answer to a call that failed. `id` is the resource's where the engine gave us one. */
export function toStatus(error: unknown, mask: Mask, id?: string): Partial<StatusObject> {
    if (error instanceof PartialFailure) return partialFailure(error, mask, error.id ?? id);
    const code = error instanceof UserError ? grpc.status.INVALID_ARGUMENT : grpc.status.UNKNOWN;
    return { code, details: mask(describe(error)) };
}

export function unimplemented(details: string): Partial<StatusObject> {
    return { code: grpc.status.UNIMPLEMENTED, details };
}

/**
 * The engine keeps what such a failure carries: it looks for the details in the trailer in which gRPC sends a
 * google.rpc.Status, whose code and message must be those of the call.
 */
function partialFailure(failure: PartialFailure, mask: Mask, id: string | undefined): Partial<StatusObject> {
    const code = grpc.status.UNKNOWN;
    const details = mask(failure.message);
    // The engine would store a resource that nobody can address again.
    if (!id) return { code, details };
    const { Status, Any } = loadStatus();
    const initFailed = new messages.ErrorResourceInitFailed()
        .setId(id)
        .setProperties(toStruct(failure.outputs))
        .setReasonsList(failure.reasons.map(mask));
    if (failure.inputs) initFailed.setInputs(toStruct(failure.inputs));
    const any = new Any();
    any.pack(initFailed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const status = new Status().setCode(code).setMessage(details);
    status.setDetailsList([any]);
    const metadata = new grpc.Metadata();
    metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
    return { code, details, metadata };
}
