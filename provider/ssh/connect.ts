import type { Duplex } from "node:stream";
import { RemoteError } from "../errors";
import { dial } from "./dial";
import { cancelled, DialFailure, unreachable } from "./failure";
import { forwardTo } from "./forward";
import { enterMachine, type Lane } from "./limits";
import { type RunOptions, type RunResult, runScript } from "./run";
import { maskFor } from "./secrets";
import { needsSudo, shellCommand, sudoFault } from "./sudo";
import { address, endpointOf, machineOf, type SshTarget } from "./target";

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
}

export interface HostOptions {
    /**
     * For connecting and logging in, all tries together, at the jump host and at the machine each. In the lane `pending`
     * for its answer: then it has a try's whole time for its login.
     *
     * @default 60, in the lane `pending` 10
     */
    deadlineSeconds?: number;
    /** Of all that a machine may send over one connection. @default 64 MiB */
    receiveLimitBytes?: number;
    /** Ends everything at once, whatever is going on. */
    signal?: AbortSignal;
    /** Told before each further try. */
    onRetry?: (text: string) => void;
    /** Told what nobody should overlook: an unchecked host key. Falls back to `onRetry`. */
    onWarning?: (text: string) => void;
    /** `pending` is for machines that may be asleep: only once they answer they wait for a slot to work. @default "normal" */
    lane?: Lane;
}

const forwardTimeoutMs = 15_000;
/** Nothing was done there yet. */
const fellAsleep = new DialFailure("it hung up before its turn came", "no");

/**
 * Connects once, lets `use` work with the machine, and hangs up. Operations on one machine come one after the
 * other; the deadline runs neither while waiting for them nor in line at a jump host that answers.
 */
export async function withHost<T>(
    target: SshTarget,
    options: HostOptions,
    use: (host: RemoteHost) => Promise<T>,
): Promise<T> {
    const machine = endpointOf(target.connection, "connection");
    const { user, label } = machine;
    const { signal } = options;
    const lane = options.lane ?? "normal";
    const cancel = () => {
        throw cancelled(label, "connect");
    };
    const stay = await enterMachine(machineOf(target), lane, signal).catch(cancel);
    try {
        const line = await dial(target, {
            deadlineSeconds: options.deadlineSeconds ?? (lane === "pending" ? 10 : 60),
            onceAnsweredSeconds: lane === "pending" ? 60 : undefined,
            receiveLimitBytes: options.receiveLimitBytes,
            signal,
            onRetry: options.onRetry,
            onWarning: options.onWarning ?? options.onRetry,
        });
        const mask = maskFor(target.connection);
        const session = { client: line.client, label, command: shellCommand(target), mask, signal };
        try {
            await stay.begin().catch(cancel);
            if (line.lost) throw unreachable(machine, fellAsleep, 1, 0);
            return await use({
                label,
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
        stay.leave();
    }
}
