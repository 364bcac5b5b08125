import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { lab, repo } from "../test/e2e/lab";
import type { ContenderName } from "./works";

/** What was measured with what. Asked while a lab is up. */
export function versionsOf(only: readonly ContenderName[]): Record<string, string> {
    const said = (command: string, ...words: string[]): string =>
        execFileSync(command, words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
    const sdk = JSON.parse(
        readFileSync(join(repo, "node_modules", "@pulumi", "pulumi", "package.json"), "utf8"),
    ) as { version: string };
    const ansible: Record<string, string> = only.some((name) => name.startsWith("ansible"))
        ? { Ansible: said("ansible-playbook", "--version").split("\n")[0] ?? "" }
        : {};
    return {
        "this repository": `${said("git", "-C", repo, "rev-parse", "--short", "HEAD")}${changed(said)}`,
        Pulumi: `${said("pulumi", "version")}, SDK ${sdk.version}, Node ${process.version}`,
        ...ansible,
        OpenSSH: lab("exec", "hub", "sh", "-c", "ssh -V 2>&1").trim(),
        Postfix: lab("exec", "hub", "postconf", "-h", "mail_version").trim(),
        machine: `${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`,
    };
}

const changed = (said: (command: string, ...words: string[]) => string): string =>
    said("git", "-C", repo, "status", "--porcelain", "--untracked-files=no") === "" ? "" : ", with changes";
