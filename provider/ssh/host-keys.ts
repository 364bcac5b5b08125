import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import {
    fingerprint,
    type HostKey,
    hostKeyRemedy,
    hostKeyTypes,
    parseHostKeys,
    publicKeyFile,
} from "../../postfix/validate/host-key";
import { RemoteError } from "../errors";
import { lookUp } from "./known-hosts";
import type { Endpoint, SshTarget } from "./target";

/** Which keys a machine may show; `any` is the opt-out. */
export interface ExpectedKeys {
    keys: HostKey[];
    revoked: HostKey[];
    any: boolean;
    /** Where they come from, for hints: `connection.hostKey`, `/home/op/.ssh/known_hosts`. */
    source: string;
}

/** Settles before any packet is sent whether and how this hop can be recognised. */
export function expectedKeys(hop: Endpoint, target: SshTarget): ExpectedKeys {
    const file = target.knownHosts === undefined ? undefined : readKnownHosts(hop, target.knownHosts);
    const known = file === undefined ? { keys: [], revoked: [] } : lookUp(file, hop.host, hop.port);
    if (hop.settings.hostKey !== undefined) {
        const { keys, faults } = parseHostKeys(hop.settings.hostKey);
        if (faults.length > 0 || keys.length === 0) {
            throw hostKeyError(hop, `${hop.path}.hostKey is malformed: ${faults.join("; ") || "empty"}`);
        }
        return { keys, revoked: known.revoked, any: false, source: `${hop.path}.hostKey` };
    }
    const source = target.knownHosts ?? "";
    if (known.keys.length > 0) return { ...known, any: false, source };
    if (target.insecureIgnoreHostKey) return { ...known, any: true, source: "insecureIgnoreHostKey" };
    throw hostKeyError(
        hop,
        file === undefined ? "no host key is known" : `no host key of it in ${source}`,
        `For ${hop.path}.hostKey ${hostKeyRemedy(hop.host)}.`,
    );
}

function readKnownHosts(hop: Endpoint, path: string): string {
    const file = path.startsWith("~/") ? join(homedir(), path.slice(2)) : path;
    try {
        return readFileSync(file, "utf8");
    } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? "unreadable";
        const why = code === "ENOENT" ? "there is no such file" : `cannot be read (${code})`;
        throw hostKeyError(hop, `knownHosts: ${path}: ${why}`);
    }
}

/**
 * Only signatures of the expected keys' types are asked for, else a machine with several keys shows another one
 * than the expected. An RSA key signs with SHA-2 only (RFC 8332); its SHA-1 signature, `ssh-rsa`, is broken.
 */
export function signatureAlgorithms(expected: ExpectedKeys): string[] {
    const types = expected.any
        ? hostKeyTypes
        : hostKeyTypes.filter((type) => expected.keys.some((key) => key.type === type));
    return types.flatMap((type) => (type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [type]));
}

/** What is wrong with the key a machine showed, or nothing. */
export function refusal(hop: Endpoint, expected: ExpectedKeys, shown: Buffer): RemoteError | undefined {
    const got = `${fingerprint(shown)} (${typeOf(shown)})`;
    if (expected.revoked.some((key) => key.blob.equals(shown))) {
        return hostKeyError(
            hop,
            `its host key ${got} is revoked`,
            "Nothing was sent. Find out who answers there.",
        );
    }
    if (expected.any || expected.keys.some((key) => key.blob.equals(shown))) return undefined;
    return hostKeyError(
        hop,
        `wrong host key: expected ${describe(expected.keys)}, got ${got}`,
        "Nothing was sent and no login was tried. Either another machine answers at this address, or this one got a " +
            `new key. Only if \`ssh-keygen -lf ${publicKeyFile(typeOf(shown))}\` on the machine itself prints ` +
            `${fingerprint(shown)}: put that file's content into ${expected.source}.`,
    );
}

/** The machine has no key of the expected type at all; `offered` is what it can sign with. */
export function noSuchKey(hop: Endpoint, expected: ExpectedKeys, offered: string): RemoteError {
    const names = offered.split(",").map((name) => name.replace(/^rsa-sha2-.*/, "ssh-rsa"));
    const type = hostKeyTypes.find((known) => names.includes(known));
    return hostKeyError(
        hop,
        `wrong host key: expected ${describe(expected.keys)}, it can show only ${offered || "other types"}`,
        `Nothing was sent and no login was tried. If this is the right machine, for ${expected.source} ${hostKeyRemedy(hop.host, type)}.`,
    );
}

/** The opt-out must be seen on every run. */
export function insecureWarning(hop: Endpoint, shown: Buffer): string {
    return (
        `${hop.label}: THE HOST KEY IS NOT CHECKED (insecureIgnoreHostKey): whoever answers at this address gets ` +
        `everything, keys and passwords included. It showed ${typeOf(shown)} ${fingerprint(shown)}; if that is right, ` +
        `set ${hop.path}.hostKey to \`${typeOf(shown)} ${shown.toString("base64")}\``
    );
}

function describe(keys: HostKey[]): string {
    return keys.map(({ type, blob }) => `${fingerprint(blob)} (${type})`).join(" or ");
}

function typeOf(blob: Buffer): string {
    return blob.length > 4
        ? blob.subarray(4, 4 + Math.min(blob.readUInt32BE(0), 64)).toString("latin1")
        : "no key";
}

function hostKeyError(hop: Endpoint, reason: string, hint?: string): RemoteError {
    return new RemoteError({ host: hop.label, step: "connect", kind: "hostKey", reason, hint });
}
