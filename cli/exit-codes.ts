/** What a command ends with, for scripts. */
export const exitCodes = {
    /** All is as it should be. */
    ok: 0,
    /** Something is not: a host out of reach, drift, an obstacle, a file that is in the way. */
    trouble: 1,
    /** The command line is wrong, and nothing was done. */
    usage: 2,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The command line is wrong; the message says how it is right. */
export class UsageError extends Error {
    override readonly name = "UsageError";
}
