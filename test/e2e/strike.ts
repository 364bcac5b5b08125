import assert from "node:assert/strict";
import { eventually, on, startPerl, tryOn } from "./lab";

export const perl = {
    contains: (file: string, text: string) => `(open(F, "${file}") && grep(m,${text},, <F>))`,
    /** Kills all processes whose command line has these words, but not this program. */
    kill: (words: string) => `for (glob("/proc/[0-9]*")) {
        my $pid = substr($_, 6); next if $pid == $$; open(F, "$_/cmdline") or next; local $/; $c = <F>;
        push @hit, $pid if $c =~ m,${words},;
    } kill 9, @hit;`,
};

/** What the agent's own processes are called on a host. */
export const agent = "/run/pulumi-postfix/";

/** The same with the session that listens to them: nobody is left to put things in order before the next change. */
export const agentAndSession = `${agent}|sshd: root@notty`;

/** In Perl: a change has begun to replace files. */
export const journal = "-e '/etc/postfix/pulumi/journal'";

/** Ends processes on a host at the instant at which `condition` becomes true. */
export function strike(host: string, condition: string, words: string): void {
    on(host, "rm -f /run/struck");
    startPerl(
        host,
        `select(undef, undef, undef, 0.0005) until ${condition}; ${perl.kill(words)}
         open(F, ">", "/run/struck"); print F scalar(@hit);`,
    );
}

/** Each sync(1), or rm(1), on a host takes its time, as on a slow disk, so that a blow between two does not come too late. */
export function slowDisk(host: string, command: "sync" | "rm" = "sync"): () => void {
    const slow = `/usr/local/bin/${command}`;
    on(host, `printf '#!/bin/sh\\nsleep 0.5\\nexec /bin/${command} "$@"\\n' >${slow} && chmod 755 ${slow}`);
    return () => on(host, `/bin/rm ${slow}`);
}

/** Has the lock of changes on a host, so that whoever comes waits; gives what lets go of it. */
export async function holdChanges(host: string): Promise<() => void> {
    startPerl(
        host,
        `open(L, ">>", "/run/pulumi-postfix.lock"); flock(L, 2); open(F, ">", "/run/held"); close(F);
         select(undef, undef, undef, 0.05) while -e "/run/held";`,
    );
    await eventually("the lock is taken", () => tryOn(host, "[ -e /run/held ]").code === 0);
    return () => on(host, "rm /run/held");
}

/** A change has got as far as the lock that somebody else has. */
export async function waitsForLock(host: string): Promise<void> {
    await eventually("the change waits", () =>
        on(host, "cat /proc/[0-9]*/cmdline | tr '\\0' ' '").includes("postlock -l flock /run/pulumi"),
    );
}

export async function struck(host: string): Promise<void> {
    const count = await eventually("the blow", () => tryOn(host, "cat /run/struck 2>/dev/null").out);
    assert.ok(Number(count) > 0, "nothing was there to be killed");
}
