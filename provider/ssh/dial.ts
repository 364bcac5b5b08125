import { connect as connectSocket } from "node:net";
import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import { Authentication } from "./authentication";
import { Deadline } from "./deadline";
import { cancelled, DialFailure, roundSeconds, unreachable } from "./failure";
import { forwardTo } from "./forward";
import { type ExpectedKeys, expectedKeys } from "./host-keys";
import { hangUp, logIn } from "./login";
import { enterLogin } from "./login-line";
import { address, type Endpoint, endpointOf, machineOf, type SshTarget } from "./target";

export interface DialOptions {
    /** For each hop. */
    deadlineSeconds: number;
    /** What a machine gets for its login once it has answered, if that is more than is left. */
    onceAnsweredSeconds?: number;
    receiveLimitBytes?: number;
    signal?: AbortSignal;
    onRetry?: (text: string) => void;
    onWarning?: (text: string) => void;
}

/** A connection that is logged in, and the way back from it. */
export interface Line {
    client: Client;
    /** It broke by itself. */
    readonly lost: boolean;
    close(): void;
}

interface Hop {
    endpoint: Endpoint;
    /** The server in whose line of logins it stands. */
    server: string;
    expected: ExpectedKeys;
}

const defaultPerDialSeconds = 15;
const firstDelayMs = 250;
const longestDelayMs = 8_000;
/** A name that was not found three times in a row is misspelt. */
const nameTries = 3;

/** Connects and logs in, through the jump host if there is one, and tries again while that can help. */
export async function dial(target: SshTarget, options: DialOptions): Promise<Line> {
    let deadline = new Deadline(options.deadlineSeconds * 1000);
    const { proxy } = target.connection;
    // Both hops are settled before the first packet: a missing host key of the second must not cost a login at the first.
    const jump = proxy && prepare(endpointOf(proxy, "connection.proxy"), target);
    const last = prepare(endpointOf(target.connection, "connection"), target);
    let via: Client | undefined;

    const persist = async (hop: Hop, once: () => Promise<Client>): Promise<Client> => {
        const { label, settings } = hop.endpoint;
        for (let tries = 1; ; tries++) {
            try {
                return await once();
            } catch (error) {
                if (options.signal?.aborted) throw cancelled(label, "connect");
                if (!(error instanceof DialFailure)) throw error;
                const delay = backoff(tries);
                const limit = settings.dialErrorLimit ?? -1;
                const over = delay >= deadline.left || (limit >= 0 && tries > limit);
                if (error.passing === "no" || over || (error.passing === "soon" && tries >= nameTries)) {
                    throw unreachable(hop.endpoint, error, tries, deadline.spent / 1000);
                }
                options.onRetry?.(
                    `${label}: ${error.reason}; try ${tries + 1} in ${roundSeconds(delay / 1000)} s`,
                );
                await sleep(delay, label, options.signal);
            }
        }
    };

    const direct = (hop: Hop) => () => attempt(hop, async () => openSocket(hop.endpoint), deadline, options);
    const throughJump = (first: Hop) => async () => {
        // Before the try at the machine behind it, which the line at the jump host must not shorten.
        const client = via ?? watch(await direct(first)());
        via = client;
        return attempt(last, (timeoutMs) => forward(first, client, timeoutMs), deadline, options);
    };
    const forward = async (first: Hop, client: Client, timeoutMs: number): Promise<Duplex> => {
        try {
            return await forwardTo(client, last.endpoint.host, last.endpoint.port, timeoutMs, options.signal);
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
        if (jump) {
            via = watch(await persist(jump, direct(jump)));
            // A jump host that takes its time says nothing about the machine behind it.
            deadline = new Deadline(options.deadlineSeconds * 1000);
        }
        const client = await persist(last, jump ? throughJump(jump) : direct(last));
        let lost = false;
        client.once("close", () => {
            lost = true;
        });
        return {
            client,
            get lost() {
                return lost;
            },
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
    const server = endpoint.path === "connection" ? machineOf(target) : address(endpoint.host, endpoint.port);
    return { endpoint, server, expected: expectedKeys(endpoint, target) };
}

/** One try, which ends after `perDialTimeout` or at the deadline. */
async function attempt(
    hop: Hop,
    open: (timeoutMs: number) => Promise<Duplex>,
    deadline: Deadline,
    options: DialOptions,
): Promise<Client> {
    const { endpoint, server, expected } = hop;
    const { signal, onWarning, receiveLimitBytes } = options;
    // First, because it finds a key that cannot be read before anything is sent.
    const authentication = new Authentication(endpoint);
    const leave = await enterLogin(server, deadline, signal);
    let answered = false;
    try {
        const seconds = endpoint.settings.perDialTimeout ?? defaultPerDialSeconds;
        const limit = Math.min(deadline.left, seconds === 0 ? deadline.left : seconds * 1000);
        const end = Date.now() + limit;
        const left = () => Math.max(1, end - Date.now());
        const onceAnsweredMs = Math.min(options.onceAnsweredSeconds ?? 0, seconds || Infinity) * 1000;
        const socket = await open(left());
        const client = await logIn(
            {
                hop: endpoint,
                expected,
                timeoutMs: left(),
                onceAnsweredMs,
                receiveLimitBytes,
                signal,
                onWarning,
            },
            socket,
            authentication,
        );
        answered = true;
        return client;
    } catch (error) {
        answered = !(error instanceof DialFailure);
        throw error;
    } finally {
        leave(answered);
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
