import { createHash, createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { subjectPublicKeyInfo } from "./der";
import { pemBlocks } from "./pem";
import type { ChainEntry } from "./settings";

/** sha256 as Postfix compares it and openssl prints it: upper-case hex with colons, which 3.5 and older insist on. */
function pinOf(der: Buffer): string {
    const hex = createHash("sha256").update(der).digest("hex").toUpperCase();
    return (hex.match(/../g) ?? []).join(":");
}

/** The pin of a key: a certificate renewed for the same key keeps it. */
export function publicKeyPin(publicKeyPem: string): string {
    const blocks = pemBlocks(publicKeyPem);
    const [block] = blocks;
    if (blocks.length !== 1 || !block?.label.endsWith("PUBLIC KEY"))
        throw new Error("not one public key in PEM");
    const key = createPublicKey(publicKeyPem);
    // The bytes as they are: written anew, a compressed EC point could come out another way.
    return pinOf(block.label === "PUBLIC KEY" ? block.der : key.export({ type: "spki", format: "der" }));
}

/** The pin of the key in a certificate, over the very bytes that stand in it, as Postfix does. */
export function certificatePublicKeyPin(certificatePem: string): string {
    return pinOf(subjectPublicKeyInfo(leaf(certificatePem).raw));
}

/** When a certificate ends (RFC 3339). */
export function certificateEnd(certificatePem: string): string {
    return new Date(leaf(certificatePem).validTo).toISOString().replace(/\.\d+Z$/, "Z");
}

/** The first certificate: the others are its chain. */
function leaf(certificatePem: string): X509Certificate {
    const block = pemBlocks(certificatePem).find(({ label }) => isCertificate(label));
    if (!block) throw new Error("no certificate in PEM");
    return new X509Certificate(block.der);
}

const isCertificate = (label: string): boolean => label === "CERTIFICATE" || label === "X509 CERTIFICATE";
const wanted = "a pin is a sha256 digest, 64 hex digits in pairs with colons between them (AB:CD:...)";

/** Whether Postfix would understand it; upper and lower case are the same to it. */
export function isPin(text: string): boolean {
    return /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/i.test(text);
}

/** The one spelling in which pins are written and compared; what is no pin is left for `pinProblem` to name. */
export function normalizePin(text: string): string {
    // `openssl x509 -fingerprint` and `openssl dgst -c` print the digest behind an equals sign.
    const digest = text.trim().replace(/^[^=]*=\s*/, "");
    const pairs = /^[0-9a-f]{64}$/i.test(digest) ? (digest.match(/../g) ?? []).join(":") : digest;
    return isPin(pairs) ? pairs.toUpperCase() : text;
}

/** What is wrong with a pin, and how to mend it. */
export function pinProblem(text: string): string | undefined {
    if (isPin(text)) return undefined;
    const refuse = (why: string): string => `given ${JSON.stringify(text)}: ${why}; ${wanted}`;
    if (text.trim() === "") return refuse("it is empty");
    if (text.includes("|"))
        return refuse("pins are not joined by |, which Postfix reads in policy maps only: use a list");
    if (/-----BEGIN/.test(text)) return `given a PEM file: ${wanted} of its key`;
    if (/[\s,]/.test(text.trim())) return refuse("these are several words: give one pin each");
    const normal = normalizePin(text);
    if (isPin(normal)) {
        const colonless = !text.includes(":");
        return refuse(
            `write it as ${normal}${colonless ? ": without colons, Postfix 3.5 and older never match it" : ""}`,
        );
    }
    if (/^SHA256:/i.test(text)) return refuse("this is the fingerprint of an SSH key, not of a TLS key");
    if (/^[A-Za-z0-9+/]{43}=$/.test(text)) return refuse("this is base64");
    const hex = text.replaceAll(":", "");
    if (!/^[0-9a-f]+$/i.test(hex)) return refuse("it holds other characters than hex digits and colons");
    const named = { 32: "md5", 40: "sha1", 96: "sha384", 128: "sha512" }[hex.length];
    if (named) return refuse(`this is ${named === "md5" ? "an" : "a"} ${named} digest`);
    return refuse(
        hex.length === 64 ? "its colons stand in the wrong places" : `it has ${hex.length} hex digits`,
    );
}

/** What is wrong with a key and its certificate. Never repeats a part of them. */
export interface ChainProblem {
    severity: "error" | "warning";
    field: keyof ChainEntry;
    reason: string;
}

/** Everything that makes Postfix refuse a chain file (it then goes on without TLS), and what is merely suspicious. */
export function chainProblems(entry: ChainEntry, now: Date = new Date()): ChainProblem[] {
    const problems: ChainProblem[] = [];
    const key = readKey(entry.privateKey, problems);
    const { certificates, fault } = readCertificates(entry.certificate);
    const [certificate] = certificates;
    if (fault) problems.push({ severity: "error", field: "certificate", reason: fault });
    const error = (field: keyof ChainEntry, reason: string) =>
        problems.push({ severity: "error", field, reason });
    const warn = (field: keyof ChainEntry, reason: string) =>
        problems.push({ severity: "warning", field, reason });
    if (key && certificate && !certificate.checkPrivateKey(key)) {
        const other = certificates.findIndex((candidate) => candidate.checkPrivateKey(key));
        if (other > 0)
            error(
                "certificate",
                `the key belongs to certificate ${other + 1} of the chain: put that one first`,
            );
        else
            error(
                "privateKey",
                "does not belong to the certificate: give the key that the certificate was made with",
            );
    }
    if (key?.asymmetricKeyType === "rsa" && (key.asymmetricKeyDetails?.modulusLength ?? 0) < 2048) {
        warn(
            "privateKey",
            "is an RSA key below 2048 bits, which OpenSSL refuses by default on today's systems",
        );
    }
    if (certificate) {
        const from = new Date(certificate.validFrom);
        const to = new Date(certificate.validTo);
        if (now > to) warn("certificate", `expired on ${day(to)}; pinned peers do not mind, all others do`);
        if (now < from)
            warn("certificate", `is not valid before ${day(from)}; pinned peers do not mind, all others do`);
    }
    for (const [index, issuer] of certificates.slice(1).entries()) {
        if (certificates[index]?.checkIssued(issuer)) continue;
        warn("certificate", `certificate ${index + 2} of the chain did not issue the one before it`);
    }
    return problems;
}

/** One file takes one key of each type; a second one of a type makes Postfix refuse the file (postconf(5)). */
export function duplicateKeyTypes(entries: ChainEntry[]): string[] {
    const types = entries.flatMap(({ privateKey }) => readKey(privateKey, [])?.asymmetricKeyType ?? []);
    return [...new Set(types.filter((type, index) => types.indexOf(type) !== index))];
}

function likelyCause(text: string): string {
    if (/\\n/.test(text)) return "(its line breaks are written as \\n: real ones are needed)";
    if (/^[ \t]+-----/m.test(text)) return "(its lines are indented: they must start at -----)";
    if (/^\S{1,200}$/.test(text) && /[/.~]/.test(text))
        return "(it looks like a path: give the content of the file)";
    return "(was it cut off when it was copied?)";
}

const day = (date: Date): string => date.toISOString().slice(0, 10);

function readKey(text: string, problems: ChainProblem[]): KeyObject | undefined {
    const fail = (reason: string): undefined => {
        problems.push({ severity: "error", field: "privateKey", reason });
    };
    const blocks = pemBlocks(text);
    const keys = blocks.filter(({ label }) => label.endsWith("PRIVATE KEY"));
    const [key] = keys;
    if (!key) {
        if (blocks.some(({ label }) => label.endsWith("PUBLIC KEY")))
            return fail("is a public key: give the private one");
        if (blocks.some(({ label }) => isCertificate(label)))
            return fail("is a certificate: give its private key");
        return fail(`is no private key in PEM ${likelyCause(text)}`);
    }
    if (keys.length > 1)
        return fail(`holds ${keys.length} keys: give one, and each further one in an entry of its own`);
    if (key.label === "OPENSSH PRIVATE KEY") {
        return fail("is in OpenSSH's own format: convert a copy with `ssh-keygen -p -m PKCS8 -f KEY`");
    }
    if (key.label === "ENCRYPTED PRIVATE KEY" || key.headers.includes("ENCRYPTED")) {
        return fail("is encrypted, which Postfix cannot read: decrypt it with `openssl pkey -in KEY`");
    }
    const extra = blocks.find(({ label }) => label !== key.label);
    if (extra) {
        const remedy =
            extra.label === "EC PARAMETERS" ? "`openssl pkey -in KEY` leaves it out" : "take it out";
        return fail(
            `holds a block ${JSON.stringify(extra.label)} beside the key, and Postfix refuses the file: ${remedy}`,
        );
    }
    try {
        return createPrivateKey(text);
    } catch {
        return fail("is malformed: not a whole key in PEM (was it cut off when it was copied?)");
    }
}

/** The certificates of a text, or why it holds other things than whole certificates. */
export function readCertificates(text: string): { certificates: X509Certificate[]; fault?: string } {
    const fail = (fault: string) => ({ certificates: [], fault });
    const blocks = pemBlocks(text);
    const extra = blocks.find(({ label }) => !isCertificate(label));
    if (extra?.label.endsWith("PRIVATE KEY"))
        return fail("holds a private key: give it as privateKey, not here");
    if (extra) return fail(`holds a block ${JSON.stringify(extra.label)}, allowed are certificates only`);
    if (blocks.length === 0) return fail(`is no certificate in PEM ${likelyCause(text)}`);
    const certificates: X509Certificate[] = [];
    for (const [index, block] of blocks.entries()) {
        try {
            const certificate = new X509Certificate(block.der);
            if (certificate.raw.length !== block.der.length) throw new Error("excess data");
            certificates.push(certificate);
        } catch {
            const which = blocks.length > 1 ? `: certificate ${index + 1} of ${blocks.length}` : "";
            return fail(`is malformed${which} (was it cut off when it was copied?)`);
        }
    }
    return { certificates };
}
