import { createHash } from "node:crypto";
import { certificatePublicKeyPin, isPin } from "../../postfix/pins";
import { provenLaptop } from "../../postfix/roles/laptop-proof";
import { Role } from "../../postfix/settings";
import { isIndexed, loginsType, tableText, tableType } from "../../postfix/tables";
import { OnDelete } from "../../postfix/words";
import type { RemoteHost } from "../ssh/connect";
import { encodeBytes } from "./bytes";
import type { HostFacts } from "./facts";
import { newGeneration } from "./identity";
import { authorityText, chainFile, type HostInputs, pemFileName } from "./inputs";
import { type Applied, brokenOff, readOutcome, step } from "./outcome";
import type { Plan, Target } from "./plan";
import { applyScript } from "./script";

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

const applySeconds = 180;

export async function apply(host: RemoteHost, request: ApplyRequest): Promise<Applied> {
    const stdin = applyScript({ variables: variables(request), payload: payload(request) });
    let final = false;
    const onLine = (line: string): void => {
        if (line === "final") final = true;
        else if (!final && line.startsWith("step ")) request.onStep(line.slice(5));
    };
    const result = await host.run({ step, stdin, timeoutSeconds: applySeconds, onLine });
    const lines = finalLines(result.stdout);
    if (!lines.some((line) => line.startsWith("result "))) {
        throw brokenOff(host.label, result, lines, await putInOrder(host, request.onStep));
    }
    return readOutcome(host.label, lines);
}

function finalLines(stdout: string): string[] {
    const lines = stdout.split("\n");
    return lines.slice(lines.lastIndexOf("final") + 1);
}

/**
 * Whoever killed the agent may have done so while Postfix was off or between the two files. The host is not left so
 * until the next run: what that would do first is done now. Gives the agent's last words, if it could be asked.
 */
export async function putInOrder(host: RemoteHost, onStep: (step: string) => void): Promise<string[]> {
    onStep("put the host in order");
    const stdin = applyScript({ variables: { job: newGeneration(), order: "", only_recover: "yes" } });
    const result = host.run({ step, stdin, timeoutSeconds: applySeconds });
    return result.then(
        ({ stdout }) => finalLines(stdout),
        () => [],
    );
}

export function variables({
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
        only_recover: "",
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
        ...Object.values(inputs.tables).flatMap((table) =>
            Object.keys(table.entries ?? {})
                .map((key) => provenLaptop(key) ?? key)
                .filter(isPin),
        ),
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
