import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { lab, repo } from "../test/e2e/lab";
import { keepStock, restoreStock } from "./fleet";
import type { Measurement } from "./measurement";
import type { Round } from "./plan";
import type { ContenderName } from "./works";

/** Ansible needs Python on the hosts; nobody else minds. */
const release = "bookworm-python";

/** The lab between rounds: which hosts are on, and who has been there. */
export class LabState {
    private up = false;
    private stock = true;
    private readonly warmed = new Set<ContenderName>();

    constructor(
        readonly hosts: number,
        /** Where a round leaves its measurements. */
        private readonly file: string,
    ) {}

    /** Cold: all hosts booted anew. Warm: the hosts are on, and this contender has done its first work there before. */
    async readyFor(round: Round): Promise<void> {
        if (!this.up || round.temperature === "cold") this.boot();
        if (!this.stock) this.restore();
        if (round.temperature === "cold" || this.warmed.has(round.contender)) return;
        await this.round({ ...round, hosts: 1, works: round.works.slice(0, 1) });
        this.restore();
    }

    async round(round: Round): Promise<Measurement[]> {
        this.stock = false;
        const script = join(repo, "bench", "round.ts");
        const words = [
            "ctl",
            "node",
            "--import",
            "tsx",
            script,
            JSON.stringify({ ...round, file: this.file }),
        ];
        const child = spawn("bash", [join(repo, "lab", "lab.sh"), ...words], {
            stdio: ["ignore", "inherit", "pipe"],
        });
        const end = () => {
            child.kill();
            process.exitCode = 130;
        };
        process.on("SIGTERM", end);
        let said = "";
        child.stderr.on("data", (chunk) => (said += chunk));
        const [code] = (await once(child, "close")) as [number | null];
        process.off("SIGTERM", end);
        if (process.exitCode === 130) process.exit();
        if (code !== 0) throw new Error(said.trim() || `the round ended with ${code}`);
        this.warmed.add(round.contender);
        return JSON.parse(readFileSync(this.file, "utf8")) as Measurement[];
    }

    private boot(): void {
        lab("down");
        // One more than are configured at first: the one that is added.
        lab("up", `${this.hosts + 1}`, "--release", release);
        keepStock();
        this.up = true;
        this.stock = true;
        this.warmed.clear();
    }

    private restore(): void {
        restoreStock();
        this.stock = true;
    }
}
