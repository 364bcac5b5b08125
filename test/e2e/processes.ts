/**
 * Looks at every process that begins, again and again without a pause, until stdin ends; then prints what it saw, one
 * JSON array of command line and environment a line. The hosts' processes are in the machine's /proc as well.
 */
import { readdirSync, readFileSync } from "node:fs";

const there = () => readdirSync("/proc").filter((name) => /^\d+$/.test(name));
// What ran before is not ours; and fewer to read make more rounds a second.
const old = new Set(there());
const seen = new Set<string>();
let over = false;

function look(): void {
    for (const pid of there()) {
        if (old.has(pid)) continue;
        try {
            const cmdline = readFileSync(`/proc/${pid}/cmdline`, "latin1");
            const environ = readFileSync(`/proc/${pid}/environ`, "latin1");
            seen.add(JSON.stringify([cmdline.replaceAll("\0", " "), environ.replaceAll("\0", "\n")]));
        } catch {
            // It has ended meanwhile.
        }
    }
    if (!over) setImmediate(look);
    else process.stdout.write([...seen].join("\n"));
}

process.stdin.on("end", () => (over = true)).resume();
process.stdout.write("looking\n");
look();
