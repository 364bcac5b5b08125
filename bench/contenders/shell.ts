import assert from "node:assert/strict";
import { join } from "node:path";
import { labInfo } from "../../test/e2e/lab";
import type { Wanted } from "../fleet";
import { type Measured, program, type Start } from "../measure";
import type { Work } from "../works";
import type { Contender } from "./contender";
import { WorkFolder } from "./folder";

const script = join(__dirname, "shell", "apply.sh");

/** The practical floor: a script by hand that checks with `postfix check` and nothing else. */
export class Shell implements Contender {
    readonly works = ["first", "none", "setting", "refresh", "added"] as const;
    readonly changesHosts = true;
    private readonly folder = new WorkFolder();

    prepare(work: Work, wanted: Wanted): Start {
        const laptops = wanted.laptops.map(({ name }) => name);
        const list = this.folder.write("laptops", `${laptops.join("\n")}\n`);
        const mode = work === "refresh" ? "compare" : "apply";
        const settings = [
            join(this.folder.path, "keys"),
            labInfo().sshConfig,
            list,
            wanted.mailTimeout ?? "",
        ];
        return program(["sh", script, mode, ...settings, ...contacted(work, laptops)]);
    }

    check(work: Work, { laptops }: Wanted, { out }: Measured): void {
        const said = new Map(
            out
                .trim()
                .split("\n")
                .map((line) => line.split(" ") as [string, string]),
        );
        const names = laptops.map(({ name }) => name);
        const machines = contacted(work, names);
        assert.deepEqual([...said.keys()].sort(), [...machines].sort());
        for (const name of machines) {
            const untouched = work === "none" || work === "refresh" || (work === "setting" && name === "hub");
            assert.equal(said.get(name), untouched ? "same" : "changed", name);
        }
    }

    forget(): void {}

    remove(): void {
        this.folder.remove();
    }
}

/** Who adds a laptop by hand knows which two machines that concerns. */
function contacted(work: Work, laptops: readonly string[]): string[] {
    return ["hub", ...(work === "added" ? laptops.slice(-1) : laptops)];
}
