import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export const repo = join(__dirname, "..", "..");
const script = join(repo, "lab", "lab.sh");

export interface LabHost {
    name: string;
    fqdn: string;
    ip: string;
    hostKey: string;
}

/** Runs a lab command and gives its output. */
export function lab(...words: string[]): string {
    return execFileSync("bash", [script, ...words], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
        maxBuffer: 1 << 26,
    });
}

/** Runs a shell line as root on a host, not over SSH, so that no test depends on what it tests. */
export function on(host: string, line: string): string {
    return lab("exec", host, "sh", "-c", line);
}

/** The same where failing is an answer. */
export function tryOn(host: string, line: string): { code: number; out: string } {
    const result = spawnSync("bash", [script, "exec", host, "sh", "-c", line], {
        encoding: "utf8",
        maxBuffer: 1 << 26,
    });
    return { code: result.status ?? 1, out: result.stdout + result.stderr };
}

export const readOn = (host: string, file: string): string => on(host, `cat ${file}`);

interface LabInfo {
    key: string;
    password: string;
    knownHosts: string;
    sshConfig: string;
    hosts: LabHost[];
}

export function labInfo(): LabInfo {
    return JSON.parse(lab("info", "--json")) as LabInfo;
}

export function labHost(name: string): LabHost {
    const host = labInfo().hosts.find((candidate) => candidate.name === name);
    if (!host) throw new Error(`the lab has no host ${name}`);
    return host;
}

/** How the operator reaches a host over SSH; who it is comes from the stack's secrets. */
export function connection(name: string): { host: string; user: string; hostKey: string } {
    const { ip, hostKey } = labHost(name);
    return { host: ip, user: "root", hostKey };
}

export const operatorKey = (): string => readFileSync(labInfo().key, "utf8");
export const operatorPassword = (): string => readFileSync(labInfo().password, "utf8").trim();

/** Both files of a host's Postfix, byte for byte, and the names beside them. */
export const configuration = (host: string): string =>
    on(
        host,
        "cd /etc/postfix && sha256sum main.cf master.cf && cat main.cf master.cf | base64 && ls -A /etc/postfix",
    );

/**
 * What an apply may have left behind on a host: its journal, jobs and half-written files, folders of owners that have
 * no block, more than two generations of an owner, more backups than the first and the last.
 */
export const litter = (host: string): string =>
    on(
        host,
        `cd /etc/postfix && ls -d .pulumi-* pulumi/journal* pulumi/held pulumi/begun /run/pulumi-postfix 2>/dev/null
        for owner in pulumi/*/; do
            [ -d "$owner" ] || continue
            name=\${owner#pulumi/}
            case $name in
            backup/) ;;
            *) grep -q "^# BEGIN pulumi-postfix \${name%/} " main.cf master.cf || echo "$owner has no block" ;;
            esac
            [ "$(ls "$owner" | wc -l)" -le 2 ] || ls -d "$owner"*
        done
        for owner in pulumi-sasl/*/; do
            [ ! -d "$owner" ] || [ -d "pulumi/\${owner#pulumi-sasl/}" ] || echo "$owner has no keys"
        done
        if [ -d pulumi ] && ! grep -q "^# BEGIN pulumi-postfix " main.cf master.cf; then
            find pulumi ! -path pulumi ! -path pulumi/backup ! -path "pulumi/backup/first*"
        fi`,
    );

/** Starts a Perl program on a host that outlives this call, and gives its process id. */
export function startPerl(host: string, program: string): string {
    const quoted = program.replaceAll("'", "'\\''");
    return on(host, `setsid perl -e '${quoted}' </dev/null >/dev/null 2>&1 & echo $!`).trim();
}

/** Waits for what comes by itself in a moment; fails with `what` when it does not. */
export async function eventually<T>(
    what: string,
    look: () => T | undefined | false,
    seconds = 60,
): Promise<T> {
    const end = Date.now() + seconds * 1000;
    for (;;) {
        const found = look();
        if (found) return found;
        if (Date.now() > end) throw new Error(`did not happen within ${seconds} s: ${what}`);
        await sleep(200);
    }
}

/** Hands a mail to a host's own Postfix; its subject tells it apart. */
export function send(host: string, subject: string, to = "alice@example.com"): void {
    on(host, `printf 'Subject: ${subject}\\n\\n${subject}\\n' | sendmail -f bob@example.com ${to}`);
}

/** The mail with this subject in a mailbox on a host, headers and all. */
export function mailWith(host: string, subject: string, user = "alice"): string | undefined {
    const box = tryOn(host, `cat /var/mail/${user}`).out;
    return box.split(/^From /m).find((mail) => mail.includes(`Subject: ${subject}\n`));
}

/** Sends a mail from one host, and gives it as it arrives in a mailbox of another. */
export async function arrives(from: string, at: string, subject: string): Promise<string> {
    send(from, subject);
    return eventually("the mail arrives", () => mailWith(at, subject), 40);
}
