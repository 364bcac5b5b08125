import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { peak, type Ran } from "./fleets";
import { quarters } from "./watch";

const page = join(__dirname, "..", "..", "docs", "scale.md");

/** What was measured, as it goes to the terminal and, where it is asked for, into docs/scale.md. */
export class Report {
    private readonly lines: string[] = [];
    private headed = "";

    constructor(private readonly section: "fleets" | "bounds") {}

    say(line: string): void {
        this.headed = "";
        this.add("", line);
    }

    row(what: string, how: string, seconds: number, ran: Ran[]): void {
        const [plugin, engine, program] = (["plugin", "engine", "program"] as const).map((role) =>
            peak(ran, role),
        ) as [ReturnType<typeof peak>, ReturnType<typeof peak>, ReturnType<typeof peak>];
        const sum = (pick: (ran: Ran) => number) => ran.reduce((all, one) => all + pick(one), 0);
        const each = ran.map(({ seconds }) => seconds.toFixed(1)).join(", ");
        this.table(
            "run | how | s | each | plugin MiB: peak; quarters | engine MiB | program MiB | CPU s: plugin, engine, program | logins: laptops, hub | most at once: a stack's laptops, hub",
            [
                what,
                how,
                seconds.toFixed(1),
                each,
                `${plugin.peakMiB.toFixed(0)}; ${quarters(plugin)
                    .map((mib) => mib.toFixed(0))
                    .join(" ")}`,
                engine.peakMiB.toFixed(0),
                program.peakMiB.toFixed(0),
                (["plugin", "engine", "program"] as const)
                    .map((role) => sum(({ usage }) => usage[role].cpuSeconds).toFixed(1))
                    .join(", "),
                // Of the hub each run counts what all of them do.
                `${sum(({ laptops }) => laptops.logins)}, ${Math.max(...ran.map(({ hub }) => hub.logins))}`,
                `${Math.max(...ran.map(({ laptops }) => laptops.most))}, ${Math.max(...ran.map(({ hub }) => hub.most))}`,
            ],
        );
    }

    table(head: string, cells: string[]): void {
        if (this.headed !== head) {
            this.headed = head;
            this.add(
                "",
                `| ${head} |`,
                `|${head
                    .split("|")
                    .map(() => "---")
                    .join("|")}|`,
            );
        }
        this.add(`| ${cells.join(" | ")} |`);
    }

    write(): void {
        const [begin, end] = [`<!-- bench:scale ${this.section} -->`, "<!-- end -->"];
        const text = readFileSync(page, "utf8");
        const from = text.indexOf(begin);
        const to = text.indexOf(end, from);
        if (from < 0 || to < 0) throw new Error(`docs/scale.md has no section between ${begin} and ${end}`);
        const section = `${begin}\n${this.lines.join("\n").trim()}\n\n`;
        writeFileSync(page, text.slice(0, from) + section + text.slice(to));
    }

    private add(...lines: string[]): void {
        this.lines.push(...lines);
        console.log(lines.join("\n"));
    }
}

export function circumstances(when?: string): string {
    const load = loadavg().map((value) => value.toFixed(1));
    if (when) return `Load of the machine ${when}: ${load.join(", ")} (1, 5 and 15 minutes).`;
    const pulumi = execFileSync("pulumi", ["version"], { encoding: "utf8" }).trim();
    const [cpu] = cpus();
    return [
        `Machine: ${cpus().length} × ${cpu?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux, Node ${process.versions.node}, Pulumi ${pulumi};`,
        `operator, hub and laptops share it. Load before: ${load.join(", ")} (1, 5 and 15 minutes).`,
    ].join("\n");
}
