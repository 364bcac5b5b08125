import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What a contender's own processes took, on the operator's side. */
export interface Usage {
    cpuSeconds: number;
    peakMiB: number;
    partsMiB: Record<string, number>;
}

const sampleMs = 100;
const version1 = "/sys/fs/cgroup/cpuacct";
const version2 = "/sys/fs/cgroup";

/**
 * A control group for all that a contender starts, also what outlives its parent (OpenSSH's masters). The kernel
 * counts its CPU time exactly, user and system, of processes that have ended too; memory is the sum of what its
 * processes have resident, looked at every 100 ms, so a peak between two looks is missed and shared pages count once
 * for each process. Hosts of the lab are not in it.
 */
export class ControlGroup {
    private constructor(
        private readonly folder: string,
        /** Where this process belongs. */
        private readonly home: string,
    ) {}

    /** Undefined where there are no control groups to be had: not root, or not Linux. */
    static make(): ControlGroup | undefined {
        const root = [version1, version2].find((folder) => existsSync(join(folder, "cgroup.procs")));
        if (root === undefined || process.getuid?.() !== 0) return undefined;
        const mine = root === version1 ? /^\d+:(?:.*,)?cpuacct(?:,.*)?:(.*)$/m : /^0::(.*)$/m;
        const home = join(root, mine.exec(readFileSync("/proc/self/cgroup", "utf8"))?.[1] ?? "");
        const folder = join(root, `pulumi-postfix-bench-${process.pid}`);
        mkdirSync(folder);
        return new ControlGroup(folder, home);
    }

    /** What this process starts from here to `leave` is in the group from its first moment on. */
    enter(): void {
        writeFileSync(join(this.folder, "cgroup.procs"), `${process.pid}`);
    }

    leave(): void {
        writeFileSync(join(this.home, "cgroup.procs"), `${process.pid}`);
    }

    pids(): number[] {
        return readFileSync(join(this.folder, "cgroup.procs"), "utf8")
            .split("\n")
            .filter(Boolean)
            .map(Number);
    }

    cpuSeconds(): number {
        const nanoseconds = join(this.folder, "cpuacct.usage");
        if (existsSync(nanoseconds)) return Number(readFileSync(nanoseconds, "utf8")) / 1e9;
        const stat = readFileSync(join(this.folder, "cpu.stat"), "utf8");
        return Number(/^usage_usec (\d+)$/m.exec(stat)?.[1]) / 1e6;
    }

    /** Watches until the function that it gives is called. */
    watch(): () => Usage {
        const began = this.cpuSeconds();
        const usage: Usage = { cpuSeconds: 0, peakMiB: 0, partsMiB: {} };
        const look = () => {
            const processes = this.pids().flatMap((pid) => residentOf(pid) ?? []);
            const sum = processes.reduce((total, { mebibytes }) => total + mebibytes, 0);
            usage.peakMiB = Math.max(usage.peakMiB, sum);
            for (const { part, mebibytes } of processes) {
                if (part === undefined) continue;
                usage.partsMiB[part] = Math.max(usage.partsMiB[part] ?? 0, mebibytes);
            }
        };
        const timer = setInterval(look, sampleMs);
        return () => {
            clearInterval(timer);
            return { ...usage, cpuSeconds: this.cpuSeconds() - began };
        };
    }

    /** Ends what is left in it, and the group. */
    async remove(): Promise<void> {
        for (let tries = 0; this.pids().length > 0; tries++) {
            for (const pid of this.pids()) {
                try {
                    process.kill(pid, tries < 20 ? "SIGTERM" : "SIGKILL");
                } catch {
                    // It has ended by itself.
                }
            }
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
        for (const below of readdirSync(this.folder, { withFileTypes: true }))
            if (below.isDirectory()) rmdirSync(join(this.folder, below.name));
        rmdirSync(this.folder);
    }
}

/** Undefined for a process that has ended since it was listed. */
function residentOf(pid: number): { part: string | undefined; mebibytes: number } | undefined {
    try {
        const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
        const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
        return { part: partOf(words), mebibytes: (pages * 4096) / 1048576 };
    } catch {
        return undefined;
    }
}

/** The processes that are shown by themselves. */
export function partOf(words: readonly string[]): string | undefined {
    if (words[1]?.endsWith("/dist/provider/main.js")) return "plugin";
    if (/(^|\/)pulumi$/.test(words[0] ?? "")) return "engine";
    return undefined;
}
