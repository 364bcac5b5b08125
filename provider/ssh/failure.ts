import { RemoteError } from "../errors";
import type { Endpoint } from "./target";

/** One try to connect failed for a reason that has nothing to do with who we are or who answers. */
export class DialFailure extends Error {
    constructor(
        /** A few words, after `last:`. */
        readonly reason: string,
        /** Whether it may pass by itself; a name that is not found passes only while a network comes up. */
        readonly passing: "yes" | "soon" | "no",
        readonly hint?: string,
    ) {
        super(reason);
    }
}

const words: Record<string, string> = {
    ECONNREFUSED: "connection refused",
    ECONNRESET: "connection reset",
    EPIPE: "connection reset",
    ETIMEDOUT: "no answer",
    EHOSTUNREACH: "no route to host",
    EHOSTDOWN: "host is down",
    ENETUNREACH: "network unreachable",
    ENETDOWN: "network is down",
    EAI_AGAIN: "name lookup failed",
};

/** What a socket or ssh2 reports before the login begins. */
export function dialFailure(error: Error & { code?: unknown; level?: string }): DialFailure {
    if (error.code === "ENOTFOUND")
        return new DialFailure("name not found", "soon", "Is the host name spelt right?");
    const known = typeof error.code === "string" ? words[error.code] : undefined;
    if (known !== undefined) return new DialFailure(known, "yes");
    if (/^Handshake failed: no matching/.test(error.message)) {
        return new DialFailure(
            error.message.replace("Handshake failed: ", ""),
            "no",
            "Its sshd allows only algorithms that this client does not have (see `sshd -T` there).",
        );
    }
    return new DialFailure(error.message.split("\n")[0] ?? "", "no");
}

/** How sshd turns away a connection beyond MaxStartups (sshd_config(5)): worth another try a little later. */
export function closedEarly(said?: string): DialFailure {
    return new DialFailure(`connection closed before the login${said ? `, it said: ${said}` : ""}`, "yes");
}

export function cancelled(label: string, step: string): RemoteError {
    return new RemoteError({ host: label, step, kind: "cancelled", reason: `${step}: cancelled` });
}

export function unreachable(
    hop: Endpoint,
    failure: DialFailure,
    tries: number,
    seconds: number,
): RemoteError {
    const spent = `${tries} ${tries === 1 ? "try" : "tries"} in ${roundSeconds(seconds)} s`;
    const what = hop.path === "connection.proxy" ? "the jump host is not reachable" : "not reachable";
    const why = failure.passing === "no" ? failure.reason : `${failure.reason} (${spent})`;
    return new RemoteError({
        host: hop.label,
        step: "connect",
        kind: "unreachable",
        reason: `${what}: ${why}`,
        hint: failure.hint ?? (failure.passing === "no" ? undefined : isItThere(hop)),
    });
}

function isItThere({ path }: Endpoint): string {
    const asleep = 'For a machine that may be asleep set onUnreachable: "pending".';
    return `Are ${path}.host and ${path}.port right, is the machine on, and does its firewall let you in? ${asleep}`;
}

export function roundSeconds(seconds: number): string {
    return seconds < 10 ? String(Math.round(seconds * 10) / 10) : String(Math.round(seconds));
}
