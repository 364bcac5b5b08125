import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { labInfo } from "../../test/e2e/lab";
import type { Wanted } from "../fleet";
import { type Measured, program, type Start } from "../measure";
import type { Work } from "../works";
import type { Contender } from "./contender";
import { WorkFolder } from "./folder";

const folder = join(__dirname, "ansible");

/** The playbook by Ansible as it comes, or by Ansible as somebody sets it who wants it fast. */
export class Ansible implements Contender {
    readonly works = ["first", "none", "setting", "refresh", "added"] as const;
    readonly changesHosts = true;
    private readonly folder = new WorkFolder();
    private readonly sockets = join(this.folder.path, "cp");

    constructor(private readonly kind: "default" | "tuned") {}

    prepare(work: Work, { laptops, mailTimeout }: Wanted): Start {
        const names = laptops.map(({ name }) => name);
        const list = this.folder.write("laptops", `${names.join("\n")}\n`);
        const inventory = this.folder.write("inventory", `[hubs]\nhub\n[laptops]\n${names.join("\n")}\n`);
        const tuned = this.kind === "tuned";
        const words = [
            ...["-i", inventory],
            ...(mailTimeout ? ["-e", `mail_timeout=${mailTimeout}`] : []),
            ...(tuned ? ["-e", '{"cold_mtime": true}'] : []),
            ...(work === "refresh" ? ["--check"] : []),
            // Who adds a laptop, and knows that it takes long, knows which two machines that concerns.
            ...(tuned && work === "added" ? ["--limit", `hub,${names.at(-1)}`] : []),
        ];
        const keys = join(this.folder.path, "keys");
        return program(["sh", join(folder, "run.sh"), keys, list, ...words], {
            ANSIBLE_CONFIG: join(folder, `${this.kind}.cfg`),
            ANSIBLE_HOME: join(this.folder.path, "home"),
            ANSIBLE_SSH_COMMON_ARGS: `-F ${labInfo().sshConfig}`,
            ANSIBLE_SSH_CONTROL_PATH_DIR: this.sockets,
            ANSIBLE_NOCOLOR: "1",
            // Its own choice of locale may be missing on the operator's machine, and then it refuses to run.
            LC_ALL: "C.UTF-8",
        });
    }

    check(work: Work, { laptops }: Wanted, { out }: Measured): void {
        const counts = changedCounts(out);
        const names = laptops.map(({ name }) => name);
        const limited = this.kind === "tuned" && work === "added";
        const machines = ["hub", ...(limited ? names.slice(-1) : names)];
        assert.deepEqual([...counts.keys()].sort(), [...machines].sort(), out);
        for (const name of machines) {
            const changes =
                work === "first" ||
                (work === "setting" && name !== "hub") ||
                (work === "added" && (name === "hub" || name === names.at(-1)));
            assert.equal((counts.get(name) ?? 0) > 0, changes, `${name} has changed\n${out}`);
        }
    }

    /** Its masters, which keep the connections of the last run. */
    forget(): void {
        if (!existsSync(this.sockets)) return;
        for (const name of readdirSync(this.sockets))
            spawnSync("ssh", ["-O", "exit", "-S", join(this.sockets, name), "any"], { stdio: "ignore" });
    }

    remove(): void {
        this.forget();
        this.folder.remove();
    }
}

/** `changed` of each host in the recap that ends every run; a host with failures is an error. */
export function changedCounts(out: string): Map<string, number> {
    const rows = [...out.matchAll(/^(\S+)\s+: ok=\d+\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)/gm)];
    return new Map(
        rows.map(([row, name = "", changed, unreachable, failed]) => {
            if (unreachable !== "0" || failed !== "0") throw new Error(row);
            return [name, Number(changed)];
        }),
    );
}
