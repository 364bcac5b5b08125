import type { Problem } from "../postfix/problems";

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
    /** What the host said last. The caller has masked secrets (`mask` of the `RemoteHost`). */
    logLines?: string[];
    /** What to do about it. */
    hint?: string;
}

/** More than a screen of a host's log hides the line that matters. */
const shownLogLines = 20;

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
        const shortMessage = `${details.host}: ${details.reason ?? `${details.step}: failed${code}`}`;
        const logLines = (details.logLines ?? []).slice(-shownLogLines);
        super(
            [
                shortMessage,
                ...logLines.map((line) => `  | ${line}`),
                ...(details.hint ? [details.hint] : []),
            ].join("\n"),
        );
        this.host = details.host;
        this.step = details.step;
        this.kind = details.kind;
        this.exitCode = details.exitCode;
        this.logLines = logLines;
        this.hint = details.hint;
        this.shortMessage = shortMessage;
    }
}
