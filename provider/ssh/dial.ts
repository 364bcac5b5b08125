import { connect as connectSocket } from "node:net";
import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import { Authentication } from "./authentication";
import { cancelled, DialFailure, roundSeconds, unreachable } from "./failure";
import { forwardTo } from "./forward";
import { type ExpectedKeys, expectedKeys } from "./hostKeys";
import { enterLogin } from "./limits";
import { hangUp, logIn } from "./login";
import { address, type Endpoint, endpointOf, type SshTarget } from "./target";

export interface DialOptions {
    deadlineSeconds: number;
    receiveLimitBytes?: number;
    signal?: AbortSignal;
    onRetry?: (text: string) => void;
    onWarning?: (text: string) => void;
}

/** A connection that is logged in, and the way back from it. */
export interface Line {
    client: Client;
    close(): void;
}

interface Hop {
    endpoint: Endpoint;
    expected: ExpectedKeys;
}

const defaultPerDialSeconds = 15;
const firstDelayMs = 250;
const longestDelayMs = 8_000;
/** A name that was not found three times in a row is misspelt. */
const nameTries = 3;

/** Connects and logs in, through the jump host if there is one, and tries again while that can help. */
export async function dial(target: SshTarget, options: DialOptions): Promise<Line> {
    const started = Date.now();
    const deadline = started + options.deadlineSeconds * 1000;
    const { proxy } = target.connection;
    // Both hops are settled before the first packet: a missing host key of the second must not cost a login at the first.
    const jump = proxy && prepare(endpointOf(proxy, "connection.proxy"), target);
    const last = prepare(endpointOf(target.connection, "connection"), target);
    let via: Client | undefined;

    const persist = async (hop: Hop, open: (timeoutMs: number) => Promise<Duplex>): Promise<Client> => {
        const { label, settings } = hop.endpoint;
        for (let tries = 1; ; tries++) {
            try {
                return await attempt(hop, open, deadline, options);
            } catch (error) {
                if (options.signal?.aborted) throw cancelled(label, "connect");
                if (!(error instanceof DialFailure)) throw error;
                const delay = backoff(tries);
                const limit = settings.dialErrorLimit ?? -1;
                const over = Date.now() + delay >= deadline || (limit >= 0 && tries > limit);
                if (error.passing === "no" || over || (error.passing === "soon" && tries >= nameTries)) {
                    throw unreachable(hop.endpoint, error, tries, (Date.now() - started) / 1000);
                }
                options.onRetry?.(
                    `${label}: ${error.reason}; try ${tries + 1} in ${roundSeconds(delay / 1000)} s`,
                );
                await sleep(delay, label, options.signal);
            }
        }
    };

    const openJump = async () => openSocket(jump?.endpoint ?? last.endpoint);
    const openThroughJump = (first: Hop) => async (timeoutMs: number) => {
        via ??= watch(await attempt(first, openJump, deadline, options));
        try {
            return await forwardTo(via, last.endpoint.host, last.endpoint.port, timeoutMs, options.signal);
        } catch (error) {
            if (!(error instanceof DialFailure)) throw error;
            throw new DialFailure(
                `the jump host ${first.endpoint.label} says: ${error.reason}`,
                error.passing,
                error.hint,
            );
        }
    };
    /** Forgets a jump host whose connection broke, so that the next try dials it again. */
    const watch = (client: Client): Client => {
        client.once("close", () => {
            if (via === client) via = undefined;
        });
        return client;
    };

    try {
        if (jump) via = watch(await persist(jump, openJump));
        const client = await persist(last, jump ? openThroughJump(jump) : openJump);
        return {
            client,
            close: () => {
                hangUp(client);
                if (via) hangUp(via);
            },
        };
    } catch (error) {
        if (via) hangUp(via);
        throw error;
    }
}

function prepare(endpoint: Endpoint, target: SshTarget): Hop {
    return { endpoint, expected: expectedKeys(endpoint, target) };
}

/** One try, which ends after `perDialTimeout` or at the deadline. */
async function attempt(
    hop: Hop,
    open: (timeoutMs: number) => Promise<Duplex>,
    deadline: number,
    options: DialOptions,
): Promise<Client> {
    const { endpoint, expected } = hop;
    const { signal, onWarning, receiveLimitBytes } = options;
    // First, because it finds a key that cannot be read before anything is sent.
    const authentication = new Authentication(endpoint);
    const leave = await enterLogin(address(endpoint.host, endpoint.port), signal);
    try {
        const seconds = endpoint.settings.perDialTimeout ?? defaultPerDialSeconds;
        const end = Math.min(deadline, seconds === 0 ? deadline : Date.now() + seconds * 1000);
        const left = () => Math.max(1, end - Date.now());
        const socket = await open(left());
        return await logIn(
            { hop: endpoint, expected, timeoutMs: left(), receiveLimitBytes, signal, onWarning },
            socket,
            authentication,
        );
    } finally {
        leave();
    }
}

function openSocket({ host, port }: Endpoint): Duplex {
    return connectSocket({
        host,
        port,
        noDelay: true,
        // Node gives each address of a name 250 ms by default, less than a slow line needs.
        autoSelectFamilyAttemptTimeout: 2_500,
    });
}

/** Doubles up to a limit; jitter, so that a hundred operations that failed together do not come back together. */
function backoff(tries: number): number {
    return Math.min(longestDelayMs, firstDelayMs * 2 ** (tries - 1)) * (0.5 + Math.random() / 2);
}

function sleep(ms: number, label: string, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
        const abort = () => {
            clearTimeout(timer);
            reject(cancelled(label, "connect"));
        };
        const timer = setTimeout(() => {
            signal?.removeEventListener("abort", abort);
            resolve();
        }, ms);
        signal?.addEventListener("abort", abort, { once: true });
        if (signal?.aborted) abort();
    });
}
