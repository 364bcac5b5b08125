import { createHash } from "node:crypto";
import { certificatePublicKeyPin, isPin } from "../../postfix/pins";
import { Role } from "../../postfix/settings";
import { isIndexed, loginsType, tableText, tableType } from "../../postfix/tables";
import { OnDelete } from "../../postfix/words";
import { RemoteError } from "../errors";
import { shortened } from "../printable";
import type { RemoteHost } from "../ssh/connect";
import { encodeBytes } from "./bytes";
import { newGeneration } from "./identity";
import { authorityText, chainFile, type HostInputs, pemFileName } from "./inputs";
import type { Plan, Target } from "./plan";
import type { HostFacts } from "./probe";
import { applyScript } from "./script";

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

/** What is done with mail that waits before a laptop may send it by another way. */
export type QueueRule = "ignore" | "stop" | "hold" | "flush";

export interface ApplyRequest {
    plan: Plan;
    facts: HostFacts;
    target: Target;
    /** Absent when the owner leaves the host. */
    inputs?: HostInputs;
    previousGeneration?: string;
    /** Of keys that lie on the host already. */
    servedPins: string[];
    queue: QueueRule;
    onStep: (step: string) => void;
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

const step = "change the configuration";
const applySeconds = 180;
const mostNotes = 20;

export async function apply(host: RemoteHost, request: ApplyRequest): Promise<Applied> {
    const stdin = applyScript({ variables: variables(request), payload: payload(request) });
    let final = false;
    const onLine = (line: string): void => {
        if (line === "final") final = true;
        else if (!final && line.startsWith("step ")) request.onStep(line.slice(5));
    };
    const result = await host.run({ step, stdin, timeoutSeconds: applySeconds, onLine });
    const lines = result.stdout.split("\n");
    return readOutcome(
        host.label,
        lines.slice(lines.lastIndexOf("final") + 1),
        result.exitCode,
        result.stderr,
    );
}

function variables({
    plan,
    facts,
    target,
    inputs,
    previousGeneration,
    servedPins,
    queue,
}: ApplyRequest): Record<string, string> {
    const serves = inputs?.proof?.serves;
    const reaches = inputs?.proof?.reaches;
    const others = inputs?.proof?.alsoReaches ?? [];
    const [logins] =
        Object.entries(inputs?.tables ?? {}).find(([, table]) => tableType(table) === loginsType) ?? [];
    return {
        job: newGeneration(),
        owner: target.id.owner,
        generation_name: inputs ? target.generation : "",
        previous: previousGeneration ?? "",
        old_main: sha256(facts.mainCf),
        old_master: sha256(facts.masterCf),
        on_queue: queue,
        files: Object.keys(generationFiles(inputs)).join(" "),
        names: plan.names.join(" "),
        indexed: Object.entries(inputs?.tables ?? {})
            .flatMap(([name, table]) => (isIndexed(table) ? [`${tableType(table)}:${name}`] : []))
            .join(" "),
        logins: logins ?? "",
        tables: plan.tables.join(" "),
        client_tables: plan.clientTables.join(" "),
        order: plan.order,
        action: plan.action,
        new_hooks: Object.keys(plan.hooks.write).join(" "),
        old_hooks: plan.hooks.remove.join(" "),
        own_ports: plan.ownPorts.join(" "),
        other_ports: plan.otherPorts.join(" "),
        wrapped_ports: plan.wrappedPorts.join(" "),
        served_ports: serves ? [serves.port, serves.implicitTlsPort].filter(Boolean).join(" ") : "",
        pins: (serves?.pins ?? servedPins).join(" "),
        granted: inputs?.role === Role.RelayAccess ? ownPins(inputs).join(" ") : "",
        // Then smtp(8) does not say what it met.
        tls_unlogged: inputs?.main.smtp_tls_loglevel === "0" ? "yes" : "",
        // The name is nobody's: the hub may refuse it, the key is compared long before.
        proof_address: reaches ? `pulumi-postfix-proof-${newGeneration()}@${proofDomain(inputs)}` : "",
        proof_level: inputs?.main.smtp_tls_security_level ?? "",
        proof_way: reaches?.implicitTls ? "-w" : "",
        proof_server: reaches && others.length > 0 ? `${reaches.host}:${reaches.port}` : "",
        proof_others: others.map(({ host, port, pins }) => `${host}:${port}=${pins.join(",")}`).join(" "),
    };
}

/** A route by destination would lead the question to another hub than the first; nobody has one for this domain. */
function proofDomain(inputs: HostInputs | undefined): string {
    const routed = inputs?.main.transport_maps !== undefined;
    return routed ? "pulumi-postfix.invalid" : mailDomain(inputs?.proof?.reaches?.host ?? "");
}

/** An address as the domain of a mail address stands in brackets (RFC 5321, 4.1.3). */
export function mailDomain(host: string): string {
    return /^\d+\.\d+\.\d+\.\d+$/.test(host) ? `[${host}]` : host;
}

/** The files of the owner's generation folder, `pins` among them: what tells a fragment of ours from another's. */
export function generationFiles(inputs: HostInputs | undefined): Record<string, string> {
    if (!inputs) return {};
    const files: Record<string, string> = {};
    for (const [name, chain] of Object.entries(inputs.chains)) files[pemFileName(name)] = chainFile(chain);
    for (const [name, pem] of Object.entries(inputs.authorities ?? {}))
        files[pemFileName(name)] = authorityText(pem);
    for (const [name, table] of Object.entries(inputs.tables)) files[name] = tableText(table);
    files.pins = ownPins(inputs)
        .map((pin) => `${pin}\n`)
        .join("");
    return files;
}

/** Public pins that only the owner's program can know to belong together: of its own keys, or of its laptops'. */
export function ownPins(inputs: HostInputs): string[] {
    // A preview may not know a certificate yet; before an apply each one has been checked.
    const certificates = Object.values(inputs.chains)
        .flat()
        .map((entry) => entry.certificate)
        .filter((certificate) => certificate.includes("-----BEGIN CERTIFICATE-----"));
    return [
        ...certificates.map(certificatePublicKeyPin),
        ...Object.values(inputs.tables).flatMap((table) => Object.keys(table.entries ?? {}).filter(isPin)),
    ];
}

function payload(request: ApplyRequest): Record<string, string> {
    return {
        ...generationFiles(request.inputs),
        "main.cf": request.plan.mainCf,
        "master.cf": request.plan.masterCf,
        ...request.plan.hooks.write,
    };
}

export const sha256 = (text: string): string => createHash("sha256").update(encodeBytes(text)).digest("hex");

function readOutcome(host: string, lines: string[], exitCode: number, stderr: string): Applied {
    const [, word = "", detail = ""] =
        /^result (\S+) ?(.*)$/.exec(lines.findLast((l) => l.startsWith("result ")) ?? "") ?? [];
    // The first is the cause; what fails while it is undone follows from it.
    const failed = lines.find((line) => line.startsWith("failed "))?.slice(7) ?? "";
    const logLines = lines.filter((line) => line.startsWith("log ")).map((line) => line.slice(4));
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
            throw error(
                failed,
                `THE HOST IS BROKEN: Postfix does not work with its old configuration either. Run there: ${detail}`,
            );
        default:
            logLines.push(...stderr.split("\n").filter(Boolean));
            throw error(
                failed || `${step}: ended without a result (exit code ${exitCode})`,
                "The next `pulumi up` finds out what stands on the host and goes on from there.",
            );
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

/** What the agent does with the queue, from what the user said; only a laptop's queue hides behind a pin. */
export function queueRule(onDelete: OnDelete): QueueRule {
    switch (onDelete) {
        case OnDelete.Hold:
            return "hold";
        case OnDelete.Flush:
            return "flush";
        case OnDelete.Release:
            return "ignore";
        default:
            return "stop";
    }
}
