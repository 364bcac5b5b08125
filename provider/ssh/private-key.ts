import { createPrivateKey, type KeyObject, randomBytes } from "node:crypto";
import type { ParsedKey } from "ssh2";
import { normalisePem, privateKeyFault } from "../../postfix/validate/private-key";
import { wireFields } from "../../postfix/validate/wire";
import { loadSsh2 } from "./ssh2";

/** The key ready to sign; a text is what is wrong with it. */
export function loadPrivateKey(text: string, password?: string): ParsedKey | string {
    const fault = privateKeyFault(text, password);
    if (fault !== undefined) return fault;
    const pem = normalisePem(text);
    const openSsh = pem.startsWith("-----BEGIN OPENSSH");
    const parsed: ParsedKey | Error | (ParsedKey | Error)[] = loadSsh2().utils.parseKey(
        openSsh ? pem : forSsh2(createPrivateKey({ key: pem, format: "pem", passphrase: password })),
        password,
    );
    const key = Array.isArray(parsed) ? parsed[0] : parsed;
    if (key === undefined || key instanceof Error) {
        // The library's own words may quote the key.
        return password ? "privateKeyPassword does not open it (or the key is damaged)" : "malformed";
    }
    return key.isPrivateKey() ? key : "no private key";
}

/** ssh2 reads neither PKCS#8 (`BEGIN PRIVATE KEY`) nor its encrypted form; both are what tls and openssl write. */
function forSsh2(key: KeyObject): string {
    if (key.asymmetricKeyType === "rsa") return key.export({ type: "pkcs1", format: "pem" }).toString();
    if (key.asymmetricKeyType === "ec") return key.export({ type: "sec1", format: "pem" }).toString();
    return openSshEd25519(key);
}

/** Ed25519 has no older PEM form, so it is written as OpenSSH does (PROTOCOL.key of OpenSSH). */
function openSshEd25519(key: KeyObject): string {
    const { d = "", x = "" } = key.export({ format: "jwk" });
    const publicPart = Buffer.from(x, "base64url");
    const seed = Buffer.from(d, "base64url");
    const check = randomBytes(4);
    const secrets = Buffer.concat([
        check,
        check,
        wireFields("ssh-ed25519", publicPart, Buffer.concat([seed, publicPart]), ""),
    ]);
    const padding = Buffer.from(
        Array.from({ length: (8 - (secrets.length % 8)) % 8 }, (_, index) => index + 1),
    );
    const blob = Buffer.concat([
        Buffer.from("openssh-key-v1\0", "latin1"),
        wireFields("none", "none", ""),
        Buffer.from([0, 0, 0, 1]),
        wireFields(wireFields("ssh-ed25519", publicPart), Buffer.concat([secrets, padding])),
    ]);
    const lines = blob.toString("base64").match(/.{1,70}/g) ?? [];
    return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----"].join("\n");
}
