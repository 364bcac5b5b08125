import { type ProblemSink, Problems } from "../../postfix/problems";

type Validate = (
    args: Record<string, unknown>,
    problems: ProblemSink,
    isKnown: (value: unknown) => boolean,
) => void;

/** Stands for a value that is not there yet. An object, as an output is one: nobody may take its fields for the user's. */
export const later: object = Object.freeze({ promise: "later" });

/** Every problem as `path: reason`. */
export function problemsOf(validate: Validate, args: Record<string, unknown>): string[] {
    const problems = new Problems();
    validate(args, problems, (value) => value !== later);
    return problems.list.map(({ path, reason }) => `${path}: ${reason}`);
}

/** A public host key that no machine has. */
export const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";

/** A well-formed pin of a key that no machine has. */
export const pin = (byte: string): string => Array(32).fill(byte).join(":");

/** A hub's link as a laptop gets it. */
export const link = {
    version: 1,
    hostname: "mailhub.example.com",
    port: 587,
    pins: [pin("AA")],
    digest: "sha256",
};
