import { constants } from "node:os";
import { StringDecoder } from "node:string_decoder";
import type { Client, ClientChannel } from "ssh2";
import { RemoteError, type RemoteErrorKind } from "../errors";
import type { Mask } from "../mask";

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
        let size = 0;
        const output: Buffer[] = [];
        const errors: Buffer[] = [];
        const lines = new LineSplitter((line) => options.onLine?.(mask(line)));
        const stderr = () => mask(Buffer.concat(errors).toString("utf8"));

        const settle = (end: () => void) => {
            if (settled) return;
            settled = true;
            clearTimeout(timer);
            clearTimeout(afterExit);
            client.removeListener("close", lost);
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
            if (exitCode === undefined)
                return fail("unreachable", "the connection ended before the command did");
            const code = exitCode;
            guard(() => lines.end());
            settle(() =>
                resolve({ exitCode: code, stdout: Buffer.concat(output).toString("utf8"), stderr: stderr() }),
            );
        };
        const guard = (work: () => void) => {
            try {
                work();
            } catch (error) {
                settle(() => reject(error));
            }
        };
        const take = (into: Buffer[], data: Buffer) => {
            if (settled) return;
            size += data.length;
            const limit = options.outputLimitBytes ?? defaultOutputLimit;
            if (size > limit) return fail("step", `it wrote more than ${showBytes(limit)}`);
            into.push(data);
            if (into === output) guard(() => lines.add(data));
            afterExit?.refresh();
        };
        const lost = () => fail("unreachable", "the connection was lost");
        const abort = () => fail("cancelled", "cancelled");
        const timer = setTimeout(
            () => fail("timeout", `not finished after ${options.timeoutSeconds} s`),
            options.timeoutSeconds * 1000,
        );
        client.once("close", lost);
        signal?.addEventListener("abort", abort, { once: true });
        if (signal?.aborted) return abort();

        try {
            client.exec(command, (error, opened) => {
                if (error) return fail("step", `the machine does not run commands: ${error.message}`);
                if (settled) return opened.close();
                channel = opened;
                opened.on("data", (data: Buffer) => take(output, data));
                opened.stderr.on("data", (data: Buffer) => take(errors, data));
                opened.on("error", () => {});
                opened.on("exit", (code: number | null, signalName?: string) => {
                    exitCode = code ?? 128 + (constants.signals[signalName as NodeJS.Signals] ?? 0);
                    afterExit = setTimeout(finish, (options.graceSeconds ?? defaultGraceSeconds) * 1000);
                });
                opened.on("close", finish);
                opened.end(options.stdin);
            });
        } catch {
            lost();
        }
    });
}

/** Cuts a stream into lines; a character of several bytes may come in two pieces. */
class LineSplitter {
    private readonly decoder = new StringDecoder("utf8");
    private rest = "";

    constructor(private readonly onLine: (line: string) => void) {}

    add(data: Buffer): void {
        const parts = (this.rest + this.decoder.write(data)).split("\n");
        this.rest = parts.pop() ?? "";
        for (const line of parts) this.onLine(line.replace(/\r$/, ""));
    }

    end(): void {
        if (this.rest !== "") this.onLine(this.rest);
        this.rest = "";
    }
}

function showBytes(bytes: number): string {
    return bytes >= 1024 * 1024 ? `${bytes / (1024 * 1024)} MiB` : `${bytes} bytes`;
}
