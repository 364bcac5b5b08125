import type { Problem } from "../postfix/problems";
import { shortened } from "./printable";

/** The user's input is wrong: every problem of it at once, each with its property path. */
export class UserError extends Error {
    override readonly name = "UserError";

    constructor(readonly problems: Problem[]) {
        super(problems.map(({ path, reason }) => (path === "" ? reason : `${path}: ${reason}`)).join("\n"));
    }
}

/** What went wrong with a host, in the one word that decides what may be done about it. */
export type RemoteErrorKind =
    | "unreachable"
    | "hostKey"
    | "authentication"
    | "sudo"
    | "timeout"
    | "cancelled"
    | "step";

export interface RemoteErrorDetails {
    /** `user@host:port`. */
    host: string;
    /** What was being done, as a person would say it: `connect`, `apply the configuration`. */
    step: string;
    kind: RemoteErrorKind;
    /** Goes into the first line, so keep it short. Without it the first line says which step failed and how. */
    reason?: string;
    exitCode?: number;
    /** What the host said last. Secrets in it are masked on its way to the engine (`grpc/mask.ts`). */
    logLines?: string[];
    /** What to do about it. */
    hint?: string;
}

/** More than a screen of a host's log hides the line that matters. */
const shownLogLines = 20;
/** Postfix cuts its own log lines at 2,000. */
const shownLineLength = 2_000;

/** A host did not do what was asked of it. The message is complete: first line short, then the host's last words. */
export class RemoteError extends Error {
    override readonly name = "RemoteError";
    readonly host: string;
    readonly step: string;
    readonly kind: RemoteErrorKind;
    readonly exitCode?: number;
    readonly logLines: string[];
    readonly hint?: string;
    /** The first line of the message: enough for a row that has one line. */
    readonly shortMessage: string;

    constructor(details: RemoteErrorDetails) {
        const code = details.exitCode === undefined ? "" : ` (exit code ${details.exitCode})`;
        const reason = details.reason ?? `${details.step}: failed${code}`;
        const shortMessage = `${details.host}: ${shortened(reason, shownLineLength)}`;
        const logLines = (details.logLines ?? [])
            .slice(-shownLogLines)
            .map((line) => shortened(line, shownLineLength));
        const hint = details.hint && shortened(details.hint, shownLineLength);
        super([shortMessage, ...logLines.map((line) => `  | ${line}`), ...(hint ? [hint] : [])].join("\n"));
        this.host = details.host;
        this.step = details.step;
        this.kind = details.kind;
        this.exitCode = details.exitCode;
        this.logLines = logLines;
        this.hint = hint;
        this.shortMessage = shortMessage;
    }
}
