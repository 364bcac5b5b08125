import { createHash } from "node:crypto";
import { WireReader } from "./wire";

/** One public host key, as sshd(8) keeps it in `/etc/ssh/ssh_host_*_key.pub`. */
export interface HostKey {
    /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, ..., `ssh-rsa`: the type of the key, not of a signature. */
    type: string;
    /** The key as it comes over the wire. */
    blob: Buffer;
}

export const hostKeyTypes = [
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "ssh-rsa",
];

/** `SHA256:...` as ssh-keygen -l prints it: base64 without padding. */
export function fingerprint(blob: Buffer): string {
    return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

/** Where sshd keeps its key of one type (sshd_config(5), HostKey). */
export function publicKeyFile(type: string): string {
    return `/etc/ssh/ssh_host_${keyscanName(type)}_key.pub`;
}

/** How ssh-keyscan(1) calls a type; whatever is no type of a host key counts as the usual one. */
function keyscanName(type: string): string {
    if (!hostKeyTypes.includes(type)) return "ed25519";
    return type.replace(/^ssh-/, "").replace(/-.*/, "");
}

/** How to come by a host's key without trusting whoever answers. */
export function hostKeyRemedy(host: string, type = "ssh-ed25519"): string {
    return (
        `take the content of ${publicKeyFile(type)} on that machine ` +
        `(or what \`ssh-keyscan -t ${keyscanName(type)} ${host}\` prints, run where you trust the network)`
    );
}

/**
 * The keys of `connection.hostKey`: one a line, several lines while a key is being changed for another. A line is
 * `type base64`, with or without a comment behind it and the host names of a known_hosts line before it.
 */
export function parseHostKeys(text: string): { keys: HostKey[]; faults: string[] } {
    const keys: HostKey[] = [];
    const faults: string[] = [];
    const lines = text
        .split(/\r\n|\r|\n/)
        .map((line) => line.trim())
        .filter((line) => line !== "" && !line.startsWith("#"));
    for (const [index, line] of lines.entries()) {
        const key = parseHostKeyLine(line);
        if (typeof key === "string") faults.push(lines.length > 1 ? `line ${index + 1}: ${key}` : key);
        else keys.push(key);
    }
    return { keys, faults };
}

/** One line; a text is what is wrong with it. */
function parseHostKeyLine(line: string): HostKey | string {
    if (line.includes("PRIVATE KEY")) {
        return "this is a private key; wanted is the public key of the machine, the file that ends in .pub";
    }
    if (/^(SHA256|MD5):/i.test(line)) return "this is only a fingerprint; the whole public key is needed";
    if (line.startsWith("@"))
        return "a known_hosts marker; put the plain key here and name the file in knownHosts";
    const words = line.split(/\s+/);
    const at = words.findIndex((word, index) => index < 2 && hostKeyTypes.includes(word));
    const type = words[at];
    if (at < 0 || type === undefined) return unknownType(words);
    const base64 = words[at + 1];
    if (base64 === undefined) return `behind ${type} there is no key`;
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return `behind ${type} there is no base64`;
    return parseHostKeyBlob(type, base64);
}

/** The key behind a type name: cut off by a clipboard, or of another type, it would only be found when connecting. */
export function parseHostKeyBlob(type: string, base64: string): HostKey | string {
    const blob = Buffer.from(base64, "base64");
    const reader = new WireReader(blob);
    const inner = reader.text();
    if (inner !== undefined && inner !== type && hostKeyTypes.includes(inner)) {
        return `the line says ${type}, the key in it is ${inner}`;
    }
    const fields = type.startsWith("ssh-ed25519") ? [reader.bytes()] : [reader.bytes(), reader.bytes()];
    const whole = inner === type && fields.every((field) => field !== undefined) && reader.atEnd;
    const length = fields[0]?.length ?? 0;
    if (!whole || (type === "ssh-ed25519" && length !== 32)) return `the ${type} key is damaged or cut off`;
    return { type, blob };
}

function unknownType(words: string[]): string {
    const type = words.find((word) => /^(ssh|ecdsa|sk|rsa)-/.test(word));
    if (type?.includes("-cert-")) return `${type} is a host certificate; the machine's plain key is needed`;
    if (type?.startsWith("rsa-sha2")) return `${type} names a signature; the type of such a key is ssh-rsa`;
    const allowed = `allowed are ${hostKeyTypes.join(", ")}`;
    return type ? `a key of type ${type} is no use here, ${allowed}` : `no key type in it, ${allowed}`;
}
