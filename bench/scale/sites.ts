import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";

export interface SiteOrder {
    kind: "laptop" | "hub";
    machines: { name: string; address: string }[];
    publicKey: string;
    /** Length of the line to each machine. @default 0 */
    roundTripMs?: number;
    /** What every command takes, instead of being run. */
    answerAfterMs?: number;
}

export interface Counted {
    now: number;
    /** Connections at one time, since the last reset. */
    most: number;
    logins: number;
    commands: number;
}

export interface Machine {
    name: string;
    address: string;
    hostKey: string;
    /** Of its PID 1, for nsenter(1). */
    pid: string;
}

export type Ask = { reset: boolean };
export type Tell = ({ kind: "machine" } & Machine) | { kind: "ready" } | ({ kind: "counted" } & Counted);

/** A process of simulated machines, seen from outside. */
export class Site {
    readonly machines: Machine[] = [];
    private asked: ((counted: Counted) => void)[] = [];

    private constructor(private readonly process: ChildProcess) {}

    static start(order: SiteOrder): Promise<Site> {
        const child = fork(join(__dirname, "site.ts"), [JSON.stringify(order)], {
            execArgv: ["--import", "tsx"],
        });
        const site = new Site(child);
        return new Promise((resolve, reject) => {
            child.on("message", (message: Tell) => {
                if (message.kind === "machine") site.machines.push(message);
                else if (message.kind === "counted") site.asked.shift()?.(message);
                else resolve(site);
            });
            child.once("exit", () => reject(new Error("a process of simulated machines has ended")));
        });
    }

    /** What has been counted since the last time, for the next one from zero. */
    counted(): Promise<Counted> {
        return new Promise((resolve) => {
            this.asked.push(resolve);
            this.process.send({ reset: true } satisfies Ask);
        });
    }

    stop(): void {
        this.process.kill();
    }
}

/** Addresses of loopback, so that no two machines share a port or a limit. */
export function machinesOf(site: number, count: number, prefix: string): SiteOrder["machines"] {
    return Array.from({ length: count }, (_, index) => ({
        name: `${prefix}-${index + 1}`,
        address: `127.${10 + site}.${index >> 7}.${(index & 127) + 1}`,
    }));
}
