import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { knowledge, rangeRows } from "../../../provider/host/bundle/knowledge";
import { comparable, type Range } from "../../../provider/host/bundle/ranges";
import { placeholderOf } from "../../../provider/host/bundle/unseen-host";
import { decodeBytes, encodeBytes } from "../../../provider/host/bytes";
import type { HostFacts } from "../../../provider/host/facts";
import type { HostInputs } from "../../../provider/host/inputs";
import { generationFolder, type Target } from "../../../provider/host/plan";

/** What a bundle's awk program made of a machine's two files. */
export interface AwkPlan {
    mainCf: string;
    masterCf: string;
    problems: string[];
    /** The first word of each line, and the others. */
    said: [string, string][];
}

const agent = join(__dirname, "..", "..", "..", "provider", "host", "agent");
export const awkProgram = ["fragment", "master", "plan"]
    .map((part) => readFileSync(join(agent, `${part}.awk`), "utf8"))
    .join("\n");

/** Those of this machine: mawk is Debian's, gawk Fedora's, busybox Alpine's. */
export const awks: string[][] = [["mawk"], ["gawk"], ["busybox", "awk"], ["original-awk"]].filter(
    ([command = "", ...words]) => spawnSync(command, [...words, "BEGIN {}"]).status === 0,
);

/** The range in force on a version, as the script chooses it. */
export const rangeFor = (ranges: Range[], version: string): Range | undefined =>
    ranges.findLast(({ from }) => comparable(from) <= comparable(version));

export class AwkPlanner {
    private readonly folder = mkdtempSync(join(tmpdir(), "pulumi-postfix-awk-"));

    constructor() {
        writeFileSync(this.file("plan.awk"), awkProgram);
    }

    private file = (name: string): string => join(this.folder, name);

    /** As `plan` of bundle-look.sh does it. */
    run(
        awk: string[],
        mode: "apply" | "remove",
        facts: HostFacts,
        { id, generation }: Target,
        inputs?: HostInputs,
        range?: Range,
    ): AwkPlan {
        const isNew = comparable(facts.version) >= comparable("3.11");
        const ends = (text: string) => (text === "" || text.endsWith("\n") ? "yes" : "no");
        const rows = [
            ["mode", mode],
            ["owner", id.owner],
            ["label", id.owner.replace(/-[0-9a-f]{8}$/, "")],
            ["instance", id.instance],
            ["folder", generationFolder(facts, id.owner, generation)],
            ["running", facts.running ? "yes" : "no"],
            ["ipv6", facts.ipv6 ? "yes" : "no"],
            ["hostname", facts.hostname],
            ["fqdn", facts.fqdn],
            ...facts.mapTypes.map((type) => ["maptype", type]),
            ["maptypes-since-3.11", isNew ? "yes" : "no"],
            ["final", "main.cf", ends(facts.mainCf)],
            ["final", "master.cf", ends(facts.masterCf)],
        ].map((row) => row.join("\t"));
        const known = inputs ? knowledge(inputs) : [];
        const wanted = range ? rangeRows(range) : [];
        writeFileSync(this.file("data"), [...rows, ...known, ...wanted, ""].join("\n"));
        writeFileSync(this.file("old-main"), encodeBytes(facts.mainCf));
        writeFileSync(this.file("old-master"), encodeBytes(facts.masterCf));
        const [command = "", ...words] = awk;
        const variables = {
            data: "data",
            placeholder: placeholderOf(id.owner),
            old_main: "old-main",
            old_master: "old-master",
            new_main: "new-main",
            new_master: "new-master",
        };
        const options = Object.entries(variables).flatMap(([name, value]) => ["-v", `${name}=${value}`]);
        const out = execFileSync(command, [...words, ...options, "-f", "plan.awk"], {
            cwd: this.folder,
            env: { PATH: process.env.PATH, LC_ALL: "C" },
            maxBuffer: 1 << 26,
            stdio: ["ignore", "pipe", "pipe"],
        });
        const lines = decodeBytes(out).split("\n").slice(0, -1);
        if (lines.at(-1) !== "done") throw new Error(`${awk.join(" ")} did not end its work`);
        const said = lines.map((line): [string, string] => {
            const at = line.indexOf(" ");
            return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
        });
        return {
            mainCf: decodeBytes(readFileSync(this.file("new-main"))),
            masterCf: decodeBytes(readFileSync(this.file("new-master"))),
            problems: said.filter(([kind]) => kind === "problem").map(([, text]) => text),
            said,
        };
    }

    remove(): void {
        rmSync(this.folder, { recursive: true, force: true });
    }
}
