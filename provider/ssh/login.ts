import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import { RemoteError } from "../errors";
import { type Authentication, closed } from "./authentication";
import { noteEnding } from "./ending";
import { cancelled, closedEarly, DialFailure, dialFailure, roundSeconds } from "./failure";
import { type ExpectedKeys, insecureWarning, noSuchKey, refusal, signatureAlgorithms } from "./host-keys";
import { loadSsh2 } from "./ssh2";
import type { Endpoint } from "./target";

export interface Login {
    hop: Endpoint;
    expected: ExpectedKeys;
    timeoutMs: number;
    /** From its first word on, if that is longer: who speaks is no longer waited for as one that may be asleep. */
    onceAnsweredMs?: number;
    /** @default 64 MiB */
    receiveLimitBytes?: number;
    signal?: AbortSignal;
    onWarning?: (text: string) => void;
}

/** Of errors of ssh2: which part of it speaks, and the reason number of a DISCONNECT message. */
type Ssh2Error = Error & { level?: string; code?: unknown };

/** Three lost answers in a row, half a minute, and a dead connection is noticed. */
const keepalive = { keepaliveInterval: 10_000, keepaliveCountMax: 3 };
/** RFC 4253 section 11.1 */
const tooManyConnections = 12;
/**
 * Of all that a machine may send over one connection, whatever it is: questions, banners, padding. Five plans one after
 * the other, each with all the output that a script may have, are less.
 */
const defaultReceiveLimit = 64 * 1024 * 1024;

/** One login over a socket that is connected or is about to be. The socket is gone when it fails. */
export function logIn(login: Login, socket: Duplex, authentication: Authentication): Promise<Client> {
    const { hop, expected, signal } = login;
    const { Client: Ssh2Client } = loadSsh2();
    const client = new Ssh2Client();
    return new Promise((resolve, reject) => {
        let settled = false;
        let refused: RemoteError | undefined;
        let warned = false;
        let offered = "";
        let said: string | undefined;

        const settle = (end: () => void) => {
            if (settled) return;
            settled = true;
            clearTimeout(timer);
            signal?.removeEventListener("abort", abort);
            end();
        };
        const fail = (error: Error) =>
            settle(() => {
                hangUp(client, socket);
                reject(error);
            });
        const abort = () => fail(cancelled(hop.label, "connect"));
        let timer: NodeJS.Timeout | undefined;
        const endAfter = (milliseconds: number) => {
            clearTimeout(timer);
            const mine = setTimeout(() => {
                // Behind a look at what has come: a process that was kept waiting itself finds both at once.
                setImmediate(() => {
                    if (timer !== mine) return;
                    const waited = `within ${roundSeconds(milliseconds / 1000)} s`;
                    const phase = authentication.begun ? "login not finished" : "no answer";
                    fail(new DialFailure(`${phase} ${waited}`, "yes"));
                });
            }, milliseconds);
            timer = mine;
        };
        endAfter(login.timeoutMs);
        signal?.addEventListener("abort", abort, { once: true });

        client.on("ready", () => settle(() => resolve(client)));
        // Stays when the login is over: an error event nobody listens to would end the process.
        client.on("error", (error: Ssh2Error) => {
            const last = error.message === "All configured authentication methods failed";
            if (error.level === "agent") return authentication.note(agentTrouble(error));
            if (error.level === "client-authentication" && !last)
                return authentication.note("it cannot sign");
            if (refused) return fail(refused);
            if (last) return fail(authentication.error());
            if (/no matching host key format/.test(error.message))
                return fail(noSuchKey(hop, expected, offered));
            if (authentication.begun) return fail(authentication.error(`it said: ${error.message}`));
            if (error.code === tooManyConnections) return fail(closedEarly(error.message));
            if (/Connection lost before handshake/.test(error.message)) return fail(closedEarly(said));
            fail(dialFailure(error));
        });
        client.on("close", () =>
            // A server may count what it was shown (fail2ban): after that nothing is tried again.
            fail(authentication.begun ? authentication.error(closed) : closedEarly(said)),
        );
        client.on("change password", () =>
            fail(authentication.error("the server wants the password changed first")),
        );

        client.connect({
            sock: socket as Socket,
            username: hop.user,
            readyTimeout: 0,
            ...keepalive,
            algorithms: { serverHostKey: signatureAlgorithms(expected) as never[] },
            hostVerifier: (shown: Buffer) => {
                refused = refusal(hop, expected, shown);
                // It may come later too: keys are exchanged anew from time to time (RFC 4253 section 9).
                if (refused) noteEnding(client, refused);
                if (!refused && expected.any && !warned) {
                    warned = true;
                    login.onWarning?.(insecureWarning(hop, shown));
                }
                return refused === undefined;
            },
            authHandler: authentication.handler,
            debug: (text) => {
                const prefix = "Handshake: (remote) Host key format: ";
                if (text.startsWith(prefix)) offered = text.slice(prefix.length).replaceAll(",", ", ");
            },
        });
        // After connect(), which pauses the socket: a listener alone must not make it flow.
        const limit = login.receiveLimitBytes ?? defaultReceiveLimit;
        let received = 0;
        socket.on("data", (data: Buffer) => {
            received += data.length;
            if (received <= limit) return;
            const flood = floods(hop, limit);
            noteEnding(client, flood);
            fail(flood);
            client.destroy();
        });
        socket.once("data", (data: Buffer) => {
            if (data.subarray(0, 4).toString("latin1") === "SSH-") {
                const { onceAnsweredMs = 0 } = login;
                if (!settled && onceAnsweredMs > login.timeoutMs) endAfter(onceAnsweredMs);
                return;
            }
            said = printable(data);
            if (/^(HTTP\/|220[ -]|\+OK |\* OK |RFB )/.test(said)) {
                fail(
                    new DialFailure(
                        `what answers there is not SSH, it said: ${said}`,
                        "no",
                        `Is ${hop.path}.port right?`,
                    ),
                );
            }
        });
        if (signal?.aborted) abort();
    });
}

function floods({ label, path }: Endpoint, limit: number): RemoteError {
    return new RemoteError({
        host: label,
        step: "connect",
        kind: "step",
        reason: `it sends without an end: more than ${limit / (1024 * 1024)} MiB over one connection`,
        hint: `Are ${path}.host and ${path}.port right?`,
    });
}

/** Says goodbye, and does not wait for an answer that may never come. */
export function hangUp(client: Client, socket?: Duplex): void {
    client.end();
    if (socket && "connecting" in socket && socket.connecting) socket.destroy();
    const timer = setTimeout(() => client.destroy(), 500);
    timer.unref();
    client.once("close", () => clearTimeout(timer));
}

function agentTrouble(error: Ssh2Error): string {
    if (/connect to agent/.test(error.message)) return "nobody answers at its socket";
    return error.message.split("\n")[0] ?? "";
}

function printable(data: Buffer): string {
    return (data.toString("latin1").split(/[\r\n]/)[0] ?? "").replace(/[^\x20-\x7e]/g, "?").slice(0, 100);
}
