import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { encodeBytes } from "./bytes";

/** The agent's files, in the order in which they become one script. */
const agentParts = ["places", "log", "postfix", "probe", "apply", "stage", "edits", "commit", "proof"];

let agent: string | undefined;

export function agentText(): string {
    agent ??= agentParts
        .map((part) => readFileSync(join(__dirname, "agent", `${part}.sh`), "utf8"))
        .join("\n");
    return agent;
}

/** One operation of the agent: the shell variables it reads and, for a change, the files it writes. */
export interface Operation {
    variables: Record<string, string>;
    payload?: Record<string, string>;
}

/** A value as one shell word. */
export function quote(value: string): string {
    return `'${value.replaceAll("'", "'\\''")}'`;
}

/** A script that only reads: all that the planner needs to know, or what `main` of `more` functions asks for. */
export function probeScript(operation: Operation, main = "probe_main", more = ""): string {
    return [agentText(), ...assignments(operation.variables), more, main, ""].join("\n");
}

/**
 * The script that makes one change. What does the work is written down on the host first and runs apart from the
 * SSH session (see `apply_main`), so the agent stands in it twice: once to start the job, once as the job.
 */
export function applyScript(operation: Operation): string {
    const job = [agentText(), ...assignments(operation.variables), payloadFunction(operation.payload ?? {})];
    job.push('job_main "$@"', "");
    const end = `END_${randomBytes(12).toString("hex")}`;
    return [
        agentText(),
        ...assignments({ job: operation.variables.job ?? "" }),
        `job_text() { cat <<'${end}'`,
        job.join("\n"),
        end,
        "}",
        "apply_main",
        "",
    ].join("\n");
}

export function assignments(variables: Record<string, string>): string[] {
    return Object.entries(variables).map(([name, value]) => `${name}=${quote(value)}`);
}

/** `payload NAME` prints a file. Base64, so that no byte of it can end the here-document or be changed by a shell. */
export function payloadFunction(files: Record<string, string>): string {
    const cases = Object.entries(files).map(([name, content]) => {
        const lines =
            encodeBytes(content)
                .toString("base64")
                .match(/.{1,76}/g) ?? [];
        return `${quote(name)}) base64 -d <<'B64'\n${lines.map((line) => `${line}\n`).join("")}B64\n;;`;
    });
    return `payload() { case $1 in\n${cases.join("\n")}\n*) return 1 ;;\nesac\n}`;
}
