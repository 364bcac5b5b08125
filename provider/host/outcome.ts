import { RemoteError } from "../errors";
import { shortened } from "../printable";
import type { RunResult } from "../ssh/run";

/** How sure we are that a host meets the right key. */
export type ProvenBy = "postfix" | "ssh" | "none" | "unproven";

export interface Applied {
    provenBy: ProvenBy;
    /** The laptop met another key: it keeps its pin, and its mail waits. */
    mismatch?: string;
    /** The change failed and could not be undone past somebody's edit: the host has the new settings. */
    stuck?: RemoteError;
    /** Why the proof could not be made. */
    why?: string;
    /** What the agent saw that somebody should know. */
    notes: string[];
    /** What was seen of the laptop's further hubs. */
    others?: OtherHub[];
}

/** A look at a hub that is not the first. */
export interface OtherHub {
    /** As `host:port`. */
    server: string;
    outcome: "match" | "mismatch" | "unreachable" | "none";
    why: string;
}

/** The host changed between probe and apply, or another change holds its lock: probe and plan again. */
export class Conflict extends Error {
    constructor(readonly busy: boolean) {
        super(
            busy ? "another change is under way on this host" : "the host's configuration changed meanwhile",
        );
    }
}

/** Mail waits on a laptop that would go another way after this change. */
export class QueueNotEmpty extends Error {
    constructor(readonly count: number) {
        super(`${count} mails wait`);
    }
}

/** Of every error of a change. */
export const step = "change the configuration";
const mostNotes = 20;

/** The change ended without a word: its agent was killed. `later` is what another one said that came to mend it. */
export function brokenOff(host: string, result: RunResult, lines: string[], later: string[]): RemoteError {
    const { failed, logLines } = readTrouble([...lines, ...later]);
    const steps = later.filter((line) => line.startsWith("step ")).map((line) => line.slice(5));
    const broken = later.find((line) => line.startsWith("result broken "))?.slice(14);
    const mended = later.includes("result recovered") && steps.length > 0;
    const next = "The next `pulumi up` finds out what stands on the host and goes on from there.";
    return new RemoteError({
        host,
        step,
        kind: "step",
        reason: `${step}: ended without a result (exit code ${result.exitCode})${failed && `: ${failed}`}`,
        logLines: [...logLines, ...result.stderr.split("\n").filter(Boolean)],
        hint: broken
            ? brokenHint(broken)
            : `${mended ? `The host was put in order (${steps[0]}). ` : ""}${next}`,
    });
}

const brokenHint = (command: string): string =>
    `THE HOST IS BROKEN: Postfix does not work with its old configuration either. Run there: ${command}`;

function readTrouble(lines: string[]): { failed: string; logLines: string[] } {
    return {
        // The first is the cause; what fails while it is undone follows from it.
        failed: lines.find((line) => line.startsWith("failed "))?.slice(7) ?? "",
        logLines: lines.filter((line) => line.startsWith("log ")).map((line) => line.slice(4)),
    };
}

export function readOutcome(host: string, lines: string[]): Applied {
    const [, word = "", detail = ""] =
        /^result (\S+) ?(.*)$/.exec(lines.findLast((l) => l.startsWith("result ")) ?? "") ?? [];
    const { failed, logLines } = readTrouble(lines);
    const proof = lines.findLast((line) => line.startsWith("proof="))?.slice(6) ?? "";
    const notes = lines
        .filter((line) => line.startsWith("note "))
        .slice(0, mostNotes)
        .map((line) => shortened(line.slice(5), 2_000));
    const error = (reason: string, hint?: string) =>
        new RemoteError({ host, step, kind: "step", reason, logLines, hint });
    switch (word) {
        case "applied":
            return { ...readProof(proof), others: lines.flatMap(readOther), notes };
        case "conflict":
        case "busy":
            throw new Conflict(word === "busy");
        case "queue":
            throw new QueueNotEmpty(/^\d{1,9}$/.test(detail) ? Number(detail) : 1);
        case "refused":
            throw error(failed, "Nothing was changed on the host.");
        case "rolled-back":
            throw error(failed, "The old configuration is back and Postfix works with it.");
        case "edited":
            return {
                notes,
                provenBy: "unproven",
                stuck: error(
                    failed,
                    `${detail} was edited by somebody during the change, so it was not put back: it holds that edit and the new settings. Look at it; the next \`pulumi up\` plans anew from what stands there.`,
                ),
            };
        case "broken":
            throw error(failed, brokenHint(detail));
        default:
            throw error(failed || `an answer that nobody knows: ${word}`);
    }
}

function readOther(line: string): OtherHub[] {
    const [, outcome, server = "", why = ""] =
        /^other=(match|mismatch|unreachable|none) (\S+) ?(.*)$/.exec(line) ?? [];
    return outcome ? [{ outcome: outcome as OtherHub["outcome"], server, why }] : [];
}

function readProof(proof: string): Omit<Applied, "notes"> {
    const [, outcome = "", why = ""] = /^(\S+) ?(.*)$/.exec(proof) ?? [];
    if (outcome === "match") return { provenBy: "postfix", ...(why ? { why } : {}) };
    if (outcome === "mismatch") return { provenBy: "unproven", mismatch: why };
    if (outcome === "unreachable") return { provenBy: "unproven", why };
    return { provenBy: "none", why };
}
