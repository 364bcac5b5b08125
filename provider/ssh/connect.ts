import type { Duplex } from "node:stream";
import { RemoteError } from "../errors";
import { dial } from "./dial";
import { cancelled, DialFailure } from "./failure";
import { forwardTo } from "./forward";
import { enterMachine, type Lane } from "./limits";
import { type RunOptions, type RunResult, runScript } from "./run";
import { maskFor } from "./secrets";
import { needsSudo, shellCommand, sudoFault } from "./sudo";
import { address, endpointOf, type SshTarget } from "./target";

export type { Connection } from "../../postfix/validate/connection";
export type { RunOptions, RunResult } from "./run";
export type { SshTarget } from "./target";

/** One machine while it is connected. */
export interface RemoteHost {
    /** `user@host:port` */
    readonly label: string;
    /** Runs a script as root where `sudo` says so, else as the user. Any exit code is an answer, not an error. */
    run(options: RunOptions): Promise<RunResult>;
    /** A TCP connection made from the machine. */
    forward(host: string, port: number): Promise<Duplex>;
    /** Takes the connection's secrets out of a text that is to be shown. */
    mask(text: string): string;
}

export interface HostOptions {
    /** For connecting and logging in, all tries together. @default 60, in the lane `pending` 10 */
    deadlineSeconds?: number;
    /** Of all that a machine may send over one connection. @default 64 MiB */
    receiveLimitBytes?: number;
    /** Ends everything at once, whatever is going on. */
    signal?: AbortSignal;
    /** Told before each further try. */
    onRetry?: (text: string) => void;
    /** Told what nobody should overlook: an unchecked host key. Falls back to `onRetry`. */
    onWarning?: (text: string) => void;
    /** `pending` is for machines that may be asleep. @default "normal" */
    lane?: Lane;
}

const forwardTimeoutMs = 15_000;

/**
 * Connects once, lets `use` work with the machine, and hangs up. Operations on one machine come one after the
 * other; the deadline does not run while waiting for them.
 */
export async function withHost<T>(
    target: SshTarget,
    options: HostOptions,
    use: (host: RemoteHost) => Promise<T>,
): Promise<T> {
    const { host, port, user, label } = endpointOf(target.connection, "connection");
    const { signal } = options;
    const lane = options.lane ?? "normal";
    const leave = await enterMachine(address(host, port), lane, signal).catch(() => {
        throw cancelled(label, "connect");
    });
    try {
        const line = await dial(target, {
            deadlineSeconds: options.deadlineSeconds ?? (lane === "pending" ? 10 : 60),
            receiveLimitBytes: options.receiveLimitBytes,
            signal,
            onRetry: options.onRetry,
            onWarning: options.onWarning ?? options.onRetry,
        });
        const mask = maskFor(target.connection);
        const session = { client: line.client, label, command: shellCommand(target), mask, signal };
        try {
            return await use({
                label,
                mask,
                run: async (run) => {
                    const result = await runScript(session, run);
                    const fault = needsSudo(target) ? sudoFault(label, run.step, user, result) : undefined;
                    if (fault) throw fault;
                    return result;
                },
                forward: (toHost, toPort) =>
                    forwardTo(line.client, toHost, toPort, forwardTimeoutMs, signal).catch(
                        (error: unknown) => {
                            const step = `connect from there to ${address(toHost, toPort)}`;
                            if (signal?.aborted) throw cancelled(label, step);
                            if (!(error instanceof DialFailure)) throw error;
                            const { reason, hint } = error;
                            throw new RemoteError({
                                host: label,
                                step,
                                kind: "step",
                                reason: `${step}: ${reason}`,
                                hint,
                            });
                        },
                    ),
            });
        } finally {
            line.close();
        }
    } finally {
        leave();
    }
}
