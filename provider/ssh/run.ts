import { constants } from "node:os";
import { StringDecoder } from "node:string_decoder";
import type { Client, ClientChannel } from "ssh2";
import { RemoteError, type RemoteErrorKind } from "../errors";
import type { Mask } from "../mask";
import { endingOf } from "./ending";

export interface RunOptions {
    /** What is being done, for messages: `read the configuration`. */
    step: string;
    /** The whole script, with everything secret it needs. */
    stdin: string;
    /** Ends the waiting, not the process on the machine: sshd kills nothing when a channel without terminal closes. */
    timeoutSeconds: number;
    /** Each line of stdout as soon as it is there, for progress: without line end, secrets masked. */
    onLine?: (line: string) => void;
    /** Of stdout and stderr together. @default 4 MiB */
    outputLimitBytes?: number;
    /**
     * A process left behind may hold the output open for ever: after this long a silence the command counts as over.
     * Generous, because output may still be on its way over a slow line when the exit code is there. @default 10
     */
    graceSeconds?: number;
}

export interface RunResult {
    /** As a shell counts: 128 and the signal's number when the command was killed. */
    exitCode: number;
    /** As it came: it is data (a file to be edited), so nothing in it is masked. Never show it. */
    stdout: string;
    /** Secrets masked. */
    stderr: string;
}

const defaultOutputLimit = 4 * 1024 * 1024;
const defaultGraceSeconds = 10;
/** Of a packet against the limit: a host that sends single bytes costs time, not memory. */
const leastCharge = 64;
const longestLine = 4_096;
const sessionRetries = 5;
const sessionRetryMs = 200;
const sessionsAllowed = "MaxSessions in its sshd_config(5) must be at least 1.";
const begun = "What was begun there may still come to its end; the next run finds out.";

interface Session {
    client: Client;
    label: string;
    command: string;
    mask: Mask;
    signal?: AbortSignal;
}

/** Runs one script to its end, its time limit, its output limit or the caller's abort, whichever is first. */
export function runScript(session: Session, options: RunOptions): Promise<RunResult> {
    const { client, label, command, mask, signal } = session;
    const { step } = options;
    return new Promise((resolve, reject) => {
        let channel: ClientChannel | undefined;
        let settled = false;
        let exitCode: number | undefined;
        let afterExit: NodeJS.Timeout | undefined;
        let charged = 0;
        const output = new Collected();
        const errors = new Collected();
        const lines = new LineSplitter((line) => options.onLine?.(mask(line)));
        const stderr = () => mask(errors.toString());

        const settle = (end: () => void) => {
            if (settled) return;
            settled = true;
            clearTimeout(timer);
            clearTimeout(afterExit);
            client.removeListener("close", gone);
            signal?.removeEventListener("abort", abort);
            channel?.close();
            end();
        };
        const fail = (kind: RemoteErrorKind, what: string, hint?: string) =>
            settle(() => {
                const logLines = stderr().split("\n").filter(Boolean);
                reject(
                    new RemoteError({ host: label, step, kind, reason: `${step}: ${what}`, logLines, hint }),
                );
            });
        const finish = () => {
            if (exitCode === undefined) return lost("the connection ended before the command did");
            const code = exitCode;
            guard(() => lines.end());
            settle(() => resolve({ exitCode: code, stdout: output.toString(), stderr: stderr() }));
        };
        const guard = (work: () => void) => {
            try {
                work();
            } catch (error) {
                settle(() => reject(error));
            }
        };
        const take = (into: Collected, data: Buffer) => {
            if (settled) return;
            charged += Math.max(data.length, leastCharge);
            const limit = options.outputLimitBytes ?? defaultOutputLimit;
            if (charged > limit)
                return fail(
                    "step",
                    `it wrote more than ${showBytes(limit)}`,
                    "Is this the right machine? Look at what `/bin/sh -s` writes there without an end.",
                );
            into.add(data);
            if (into === output) guard(() => lines.add(data));
            afterExit?.refresh();
        };
        const lost = (what = "the connection was lost") => {
            const ours = endingOf(client);
            if (ours) settle(() => reject(ours));
            else fail("unreachable", what, begun);
        };
        // The connection is told of before its channels: what has ended by then has said all that it will say.
        const gone = () => (exitCode === undefined || endingOf(client) ? lost() : finish());
        const abort = () => fail("cancelled", "cancelled");
        const timer = setTimeout(
            () =>
                fail(
                    "timeout",
                    `not finished after ${options.timeoutSeconds} s`,
                    `Look on that machine for what hangs. ${begun}`,
                ),
            options.timeoutSeconds * 1000,
        );
        client.once("close", gone);
        signal?.addEventListener("abort", abort, { once: true });
        if (signal?.aborted) return abort();

        const opened = (stream: ClientChannel) => {
            if (settled) return stream.close();
            channel = stream;
            stream.on("data", (data: Buffer) => take(output, data));
            stream.stderr.on("data", (data: Buffer) => take(errors, data));
            stream.on("error", () => {});
            stream.on("exit", (code: number | null, signalName?: string) => {
                if (exitCode !== undefined) return;
                exitCode = code ?? 128 + (constants.signals[signalName as NodeJS.Signals] ?? 0);
                afterExit = setTimeout(finish, (options.graceSeconds ?? defaultGraceSeconds) * 1000);
            });
            stream.on("close", finish);
            stream.end(options.stdin);
        };
        const open = (triesLeft: number): void => {
            if (settled) return;
            try {
                client.exec(command, (error, stream) => {
                    if (!error) return opened(stream);
                    // With MaxSessions 1 sshd may not have done with the session before.
                    if (triesLeft > 0 && "reason" in error)
                        return void setTimeout(open, sessionRetryMs, triesLeft - 1);
                    fail("step", `the machine does not run commands: ${error.message}`, sessionsAllowed);
                });
            } catch {
                lost();
            }
        };
        open(sessionRetries);
    });
}

/** Bytes in one piece: of a million packets of one byte each the packets would take a hundred times the memory. */
class Collected {
    private bytes = Buffer.alloc(0);
    private size = 0;

    add(data: Buffer): void {
        if (this.size + data.length > this.bytes.length) {
            const larger = Buffer.alloc(Math.max(4_096, 2 * (this.size + data.length)));
            this.bytes.copy(larger, 0, 0, this.size);
            this.bytes = larger;
        }
        data.copy(this.bytes, this.size);
        this.size += data.length;
    }

    toString(): string {
        return this.bytes.toString("utf8", 0, this.size);
    }
}

/**
 * Cuts a stream into lines; a character of several bytes may come in two pieces. They are there to be shown: of a line
 * without an end only the beginning is kept, else each further packet would cost the whole of it again.
 */
class LineSplitter {
    private readonly decoder = new StringDecoder("utf8");
    private rest = "";

    constructor(private readonly onLine: (line: string) => void) {}

    add(data: Buffer): void {
        const parts = (this.rest + this.decoder.write(data)).split("\n");
        this.rest = (parts.pop() ?? "").slice(0, longestLine);
        for (const line of parts) this.onLine(line.replace(/\r$/, "").slice(0, longestLine));
    }

    end(): void {
        if (this.rest !== "") this.onLine(this.rest);
        this.rest = "";
    }
}

function showBytes(bytes: number): string {
    return bytes >= 1024 * 1024 ? `${bytes / (1024 * 1024)} MiB` : `${bytes} bytes`;
}
