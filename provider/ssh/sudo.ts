import { RemoteError } from "../errors";
import type { SshTarget } from "./target";

/** The one command line of this project: the script comes on its stdin, so nothing of it is seen by ps(1). */
export function shellCommand(target: SshTarget): string {
    return needsSudo(target) ? "sudo -n /bin/sh -s" : "/bin/sh -s";
}

export function needsSudo(target: SshTarget): boolean {
    return target.sudo === true && (target.connection.user ?? "root") !== "root";
}

const faults: { pattern: RegExp; reason: string; hint: (user: string) => string }[] = [
    {
        // Also sudo-rs, and sudo before 1.8.
        pattern: /password is required|interactive authentication is required|no askpass program/i,
        reason: "sudo wants a password",
        hint: (user) => missingRule(user),
    },
    {
        pattern:
            /not in the sudoers|may not run sudo|is not allowed to (run|execute)|I'm afraid I can't do that/i,
        reason: "sudo refuses this user",
        hint: (user) => missingRule(user),
    },
    {
        pattern: /must have a tty/i,
        reason: "sudo wants a terminal",
        hint: (user) => `On that machine, in /etc/sudoers.d/: \`Defaults:${user} !requiretty\`.`,
    },
    {
        pattern:
            /sudo: (command )?not found|command not found: sudo|unknown command:? '?sudo|sudo: No such file/i,
        reason: "there is no sudo on this machine",
        hint: () => "Install sudo there, or log in as root and leave sudo out.",
    },
];

/** sudo says so and goes on. */
const warning = /^sudo: unable to resolve host/;

function missingRule(user: string): string {
    return (
        `On that machine write \`${user} ALL=(root) NOPASSWD: /bin/sh -s\` into a file of /etc/sudoers.d/, mode 0440 ` +
        "(`visudo -c` checks it). Or log in as root and leave sudo out."
    );
}

/** sudo refused before the script began; a script that ran and failed is none of this. */
export function sudoFault(
    label: string,
    step: string,
    user: string,
    result: { exitCode: number; stdout: string; stderr: string },
): RemoteError | undefined {
    // sudo exits 1 for its own errors (sudo(8)), a shell that does not find it 127; the script would have said something.
    if ((result.exitCode !== 1 && result.exitCode !== 127) || result.stdout !== "") return undefined;
    const lines = result.stderr.split("\n").filter((line) => line.trim() !== "" && !warning.test(line));
    const fault = faults.find(({ pattern }) => pattern.test(result.stderr));
    // sudo may speak the language of that machine, but it always signs its name.
    const sudoAlone = lines.length > 0 && lines.every((line) => line.startsWith("sudo: "));
    if (!fault && !sudoAlone) return undefined;
    return new RemoteError({
        host: label,
        step,
        kind: "sudo",
        reason: fault?.reason ?? "sudo failed",
        exitCode: result.exitCode,
        logLines: lines,
        hint:
            fault?.hint(user) ??
            `\`sudo -n /bin/sh -s\` must work for ${user} on that machine without a question.`,
    });
}
