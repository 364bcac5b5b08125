import { fstatSync } from "node:fs";
import type { Serving } from "./grpc/server";

/** The engine kills 5 s after it has interrupted us; what is answered before that is kept in the state. */
const patienceMilliseconds = 4_000;
const parentCheckMilliseconds = 1_000;

/** Ends the process when it is told to, when nobody is left to work for, and behind an error that nobody has caught. */
export function untilTold(serving: Serving, startedByEngine: boolean): void {
    let leaving = false;
    const leave = (code: number): void => {
        // The engine waits for our end at every run: an idle provider must not spend a millisecond on it.
        if (serving.idle) process.exit(code);
        if (leaving) return;
        leaving = true;
        setTimeout(() => process.exit(code), patienceMilliseconds);
        void serving.stop().then(() => process.exit(code));
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => leave(0));

    // Node opens its debugger on it, to everybody on this machine, and we hold keys.
    process.on("SIGUSR1", () => {});

    // What cannot be written (the engine's log viewer is gone) must not break off a change in the middle.
    process.stdout.on("error", () => {});
    process.stderr.on("error", () => {});

    const tell = (error: unknown): void => {
        const text = serving.fault(error);
        if (text !== undefined) process.stderr.write(`${text}\n`);
    };
    process.on("unhandledRejection", tell);
    process.on("uncaughtException", (error) => {
        tell(error);
        leave(1);
    });

    if (startedByEngine) whenOrphaned(() => leave(0));
}

/** A killed engine sends no signal, but its end of our stdin closes, and somebody else becomes our parent. */
function whenOrphaned(act: () => void): void {
    const parent = process.ppid;
    setInterval(() => process.ppid !== parent && act(), parentCheckMilliseconds).unref();
    if (!isPipe(0)) return;
    process.stdin.on("end", act).on("error", act).resume();
}

function isPipe(descriptor: number): boolean {
    try {
        const status = fstatSync(descriptor);
        return status.isFIFO() || status.isSocket();
    } catch {
        return false;
    }
}
