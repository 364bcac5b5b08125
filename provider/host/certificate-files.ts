import { X509Certificate } from "node:crypto";
import { certificatePublicKeyPin, normalizePin, readCertificates } from "../../postfix/pins";
import { type Problem, type ProblemSink, Problems } from "../../postfix/problems";
import type { CertificateFiles } from "../../postfix/roles/certificates";
import { deepEqual } from "../values";
import type { HostFacts } from "./facts";
import type { HostInputs } from "./inputs";

/** What a probe tells of files with keys and certificates that lie on a host: of a key its kind and no more. */
export interface LyingFiles {
    /** Certificates by path, as PEM. */
    certificates: Record<string, string>;
    /** Kinds of the PEM blocks in a key's file, by path. */
    keyBlocks: Record<string, string[]>;
}

type Plain = Record<string, unknown>;

/** The pin of each pair of files, as they lie on the host now, and what is wrong with them. */
export function servedPins(inputs: HostInputs, facts: HostFacts): { pins: string[]; problems: Problem[] } {
    const problems = new Problems();
    const types = new Set<string | undefined>();
    const pins = (inputs.certificateFiles ?? []).map((files, index) => {
        const at = problems.at(`certificateFiles[${index}]`);
        const keyFault = faultOfKey(files, facts.lyingFiles);
        if (keyFault) at.add("keyFile", `${files.keyFile} of the host ${keyFault}`);
        const certificate = facts.lyingFiles.certificates[files.certificateFile];
        const fault = faultOfCertificate(certificate);
        if (fault || certificate === undefined) {
            at.add("certificateFile", `${files.certificateFile} of the host ${fault}`);
            return "";
        }
        const type = new X509Certificate(certificate).publicKey.asymmetricKeyType;
        if (types.has(type))
            at.add("", `is a second key of type ${type}, with which Postfix goes without TLS`);
        types.add(type);
        const pin = certificatePublicKeyPin(certificate);
        unexpected(files, pin, at);
        return pin;
    });
    return { pins, problems: problems.list };
}

const missing = "is not there: make it first (certbot certonly), or give another path";

function faultOfKey({ keyFile, certificateFile }: CertificateFiles, files: LyingFiles): string | undefined {
    const blocks = files.keyBlocks[keyFile];
    if (blocks === undefined) return missing;
    if (blocks.some((block) => block.includes("ENCRYPTED")))
        return "is encrypted, which Postfix cannot read: decrypt it with `openssl pkey -in KEY`";
    const place = blocks.findIndex((block) => block.endsWith("PRIVATE KEY"));
    if (place < 0) return "holds no private key in PEM";
    if (keyFile === certificateFile && place > 0)
        return "has its certificate before its key, and Postfix wants the key first: turn them round";
    return undefined;
}

function faultOfCertificate(pem: string | undefined): string | undefined {
    if (pem === undefined) return missing;
    return readCertificates(pem).fault;
}

function unexpected({ certificateFile, pin: wanted }: CertificateFiles, pin: string, at: ProblemSink): void {
    if (wanted === undefined || normalizePin(wanted) === pin) return;
    at.add(
        "pin",
        `given ${wanted}, but ${certificateFile} of the host has the key ${pin}: write that pin if this is the key you mean, and the laptops get it by the same run; else put the former key back`,
    );
}

/**
 * A hub that turns to other files, or from files to a key of ours, must show a key that laptops pin already. What
 * the same files hold is the host's own business: it serves that key whatever we say.
 */
export function unannounced(proved: Plain, inputs: HostInputs, pins: string[]): Problem[] {
    if (sameFiles(proved, inputs)) return [];
    const serves = (proved.proof as HostInputs["proof"])?.serves;
    const pinned = [serves?.pins, proved.announces, proved.servedPins].flatMap((list) =>
        Array.isArray(list) ? list : [],
    );
    const unknown = (inputs.certificateFiles ? pins : (inputs.proof?.serves?.pins ?? [])).filter(
        (pin) => !pinned.includes(pin),
    );
    if (pinned.length === 0 || unknown.length === 0) return [];
    const reason = `no laptop pins the key that the hub would serve, they would all be locked out: first run with nextPins: ${JSON.stringify(unknown)} and the certificate of before`;
    return [{ path: "certificateFiles", reason }];
}

/** Whether the hub's key comes from where it came before: from the same files, or from none. */
export const sameFiles = (proved: Plain, inputs: HostInputs): boolean =>
    deepEqual(paths(proved.certificateFiles), paths(inputs.certificateFiles));

function paths(files: unknown): unknown {
    if (!Array.isArray(files)) return undefined;
    return files.map(({ keyFile, certificateFile }: CertificateFiles) => [keyFile, certificateFile]);
}
