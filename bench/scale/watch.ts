import { readdirSync, readFileSync } from "node:fs";

/** The processes of a run that are looked at, by what their command line holds. */
const roles = {
    plugin: /dist\/provider\/main\.js|bench\/scale\/bounded\//,
    engine: /(^|\/)pulumi\0/,
    program: /pulumi\/cmd\/run/,
} as const;
export type Role = keyof typeof roles;

export interface Usage {
    /** The kernel's own high-water mark, in MiB. */
    peakMiB: number;
    /** Resident MiB, one sample a second. */
    overTime: number[];
    /** Processor seconds, user and system; of the last sample, so up to a quarter of a second less than it was. */
    cpuSeconds: number;
}

const ticksPerSecond = 100;
const intervalMs = 250;

/** Looks at a run of the CLI and what it starts until told to stop. */
export class Watch {
    readonly usage: Record<Role, Usage> = { plugin: unused(), engine: unused(), program: unused() };
    private readonly known = new Map<string, Role | undefined>();
    private readonly timer: NodeJS.Timeout;
    private rounds = 0;

    constructor(private readonly root: number) {
        this.timer = setInterval(() => this.look(), intervalMs);
    }

    stop(): void {
        clearInterval(this.timer);
    }

    private look(): void {
        const whole = this.rounds++ % (1000 / intervalMs) === 0;
        for (const pid of descendants(String(this.root))) {
            if (!this.known.has(pid)) this.known.set(pid, roleOf(pid));
            const role = this.known.get(pid);
            // Between fork and exec a child still bears its parent's name.
            if (!role) this.known.delete(pid);
            else this.sample(pid, this.usage[role], whole);
        }
    }

    private sample(pid: string, usage: Usage, whole: boolean): void {
        try {
            const status = readFileSync(`/proc/${pid}/status`, "utf8");
            const mib = (name: string) =>
                Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0) / 1024;
            const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
                .replace(/^.*\) /s, "")
                .split(" ");
            // Fields 14 and 15 of proc(5); the first two are gone.
            const ticks = Number(stat[11]) + Number(stat[12]);
            usage.peakMiB = Math.max(usage.peakMiB, mib("VmHWM"));
            usage.cpuSeconds = Math.max(usage.cpuSeconds, ticks / ticksPerSecond);
            // One that has just ended has none.
            if (whole && mib("VmRSS") > 0) usage.overTime.push(mib("VmRSS"));
        } catch {
            // It has ended meanwhile.
        }
    }
}

function unused(): Usage {
    return { peakMiB: 0, overTime: [], cpuSeconds: 0 };
}

function roleOf(pid: string): Role | undefined {
    try {
        const command = readFileSync(`/proc/${pid}/cmdline`, "latin1");
        return (Object.keys(roles) as Role[]).find((role) => roles[role].test(command));
    } catch {
        return undefined;
    }
}

function descendants(pid: string): string[] {
    const found = [pid];
    for (const parent of found) {
        try {
            for (const thread of readdirSync(`/proc/${parent}/task`)) {
                const children = readFileSync(`/proc/${parent}/task/${thread}/children`, "latin1");
                found.push(...children.split(" ").filter(Boolean));
            }
        } catch {
            // It has ended meanwhile.
        }
    }
    return found;
}

/** How memory went on: what it was at the end of each quarter. */
export function quarters({ overTime }: Usage): number[] {
    return [0.25, 0.5, 0.75, 1].map((part) => overTime[Math.ceil(overTime.length * part) - 1] ?? 0);
}
