import { createPrivateKey, type KeyObject } from "node:crypto";
import { WireReader } from "./wire";

const openSshBegin = "-----BEGIN OPENSSH PRIVATE KEY-----";
const formats = "allowed is the content of a private key file in OpenSSH or PEM format";

/** What ssh-keygen -p would have to be told: nothing here ever repeats a part of the key. */
export function privateKeyFault(text: string, password?: string): string | undefined {
    const key = normalisePem(text);
    if (/^(ssh-|ecdsa-)\S+ AAAA/.test(key)) return `this is a public key; ${formats}, without .pub`;
    if (/^PuTTY-User-Key-File/.test(key)) {
        return "this is a PuTTY key; convert it with `puttygen KEY.ppk -O private-openssh`";
    }
    if (!/^-----BEGIN /.test(key)) {
        if (/\\n/.test(key)) return "its line breaks are written as \\n; real line breaks are needed";
        if (!key.includes("\n") && /^[~./]|^[A-Za-z]:\\/.test(key)) {
            return 'this looks like a path; give the content of the file: fs.readFileSync(path, "utf8")';
        }
        return `no private key; ${formats}`;
    }
    if (!/-----END [A-Z0-9 ]+-----$/.test(key))
        return "malformed: its last line, -----END ...-----, is missing";
    return key.startsWith(openSshBegin) ? openSshFault(key, password) : pemFault(key, password);
}

/** As files have it: a configuration often loses the last line break or brings those of Windows. */
export function normalisePem(text: string): string {
    return text.replace(/\r\n?/g, "\n").trim();
}

/** The layout of PROTOCOL.key of OpenSSH; node:crypto does not read this format. */
function openSshFault(key: string, password?: string): string | undefined {
    const malformed = "malformed: not a whole OpenSSH key (was it cut off when it was copied?)";
    const body = key.slice(openSshBegin.length, key.lastIndexOf("-----END")).replace(/\s/g, "");
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(body)) return malformed;
    const data = Buffer.from(body, "base64");
    const magic = "openssh-key-v1\0";
    if (data.subarray(0, magic.length).toString("latin1") !== magic) return malformed;
    const reader = new WireReader(data);
    reader.skip(magic.length);
    const cipher = reader.text();
    const kdf = reader.bytes();
    const kdfOptions = reader.bytes();
    const count = reader.uint32();
    const publicKey = reader.bytes();
    const secretPart = reader.bytes();
    if (!cipher || !kdf || !kdfOptions || !publicKey || !secretPart) return malformed;
    if (count !== 1) return `it holds ${count} keys; allowed is one`;
    if (cipher !== "none" && !password) return encryptedFault;
    const type = new WireReader(publicKey).text() ?? "";
    if (type.startsWith("sk-")) return `a ${type} key needs its hardware token; use it through the SSH agent`;
    return undefined;
}

const encryptedFault = "it is encrypted; give privateKeyPassword, or load the key into an SSH agent";

function pemFault(key: string, password?: string): string | undefined {
    const encrypted = /^(Proc-Type: 4,ENCRYPTED|-----BEGIN ENCRYPTED PRIVATE KEY-----)$/m.test(key);
    if (encrypted && !password) return encryptedFault;
    let parsed: KeyObject;
    try {
        parsed = createPrivateKey({ key, format: "pem", passphrase: password });
    } catch {
        return encrypted
            ? "privateKeyPassword does not open it (or the key is damaged)"
            : "malformed: not a whole PEM key (was it cut off when it was copied?)";
    }
    const curves = ["prime256v1", "secp384r1", "secp521r1"];
    const type = parsed.asymmetricKeyType;
    if (type === "rsa" || type === "ed25519") return undefined;
    if (type === "ec" && curves.includes(parsed.asymmetricKeyDetails?.namedCurve ?? "")) return undefined;
    return `SSH has no use for a key of type ${type}; allowed are ed25519, ecdsa (nistp256, 384, 521) and rsa`;
}
