import { type ChildProcess, spawn } from "node:child_process";
import type { CliResult } from "../test/e2e/stack";
import type { ControlGroup, Usage } from "./usage";

/** Starts a contender's one process; `started` is called as soon as it is there. */
export type Start = (started: (child: ChildProcess) => void) => Promise<CliResult>;

export interface Measured extends CliResult {
    seconds: number;
    usage: Usage | undefined;
}

/** From the start of the process to its end. It has to end well. */
export async function measure(group: ControlGroup | undefined, start: Start): Promise<Measured> {
    const stop = group?.watch();
    const began = process.hrtime.bigint();
    group?.enter();
    const result = await start(() => group?.leave());
    const seconds = Number(process.hrtime.bigint() - began) / 1e9;
    const usage = stop?.();
    if (result.code !== 0) throw new Error(`it ended with ${result.code}:\n${result.out}`);
    return { ...result, seconds, usage };
}

/** A program as a contender's one process. */
export const program =
    (words: readonly [string, ...string[]], environment: Record<string, string> = {}): Start =>
    (started) =>
        new Promise((resolve, reject) => {
            const [command, ...rest] = words;
            const child = spawn(command, rest, {
                env: { ...process.env, SSH_AUTH_SOCK: "", ...environment },
                stdio: ["ignore", "pipe", "pipe"],
            });
            started(child);
            let out = "";
            child.stdout.on("data", (chunk) => (out += chunk));
            child.stderr.on("data", (chunk) => (out += chunk));
            child.on("error", reject);
            child.on("close", (code) => resolve({ code: code ?? 1, out }));
        });
