import { createHmac } from "node:crypto";
import { type HostKey, hostKeyTypes, parseHostKeyBlob } from "../../postfix/validate/host-key";

/** What a known_hosts file says about one machine. */
export interface KnownKeys {
    keys: HostKey[];
    /** Keys that must never be accepted for it, whatever else says so. */
    revoked: HostKey[];
}

/**
 * Looks a machine up as sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT", says: patterns with * and ?, ! excludes, hashed
 * names, `[host]:port` for another port than 22. Lines that cannot be read, and certificate authorities, do not count.
 */
export function lookUp(text: string, host: string, port: number): KnownKeys {
    const name = host.toLowerCase();
    const found = match(text, port === 22 ? name : `[${name}]:${port}`);
    if (port === 22 || found.keys.length > 0) return found;
    // ssh(1) falls back to the name without the port, and so do users who know it from there.
    const plain = match(text, name);
    return { keys: plain.keys, revoked: [...found.revoked, ...plain.revoked] };
}

function match(text: string, name: string): KnownKeys {
    const known: KnownKeys = { keys: [], revoked: [] };
    for (const line of text.split(/\r?\n/)) {
        const words = line.trim().split(/\s+/);
        const marker = words[0]?.startsWith("@") ? words.shift() : undefined;
        const [patterns, type, base64] = words;
        if (!patterns || patterns.startsWith("#") || !type || !base64 || !hostKeyTypes.includes(type))
            continue;
        if (!matchesHost(patterns, name)) continue;
        const key = parseHostKeyBlob(type, base64);
        if (typeof key === "string") continue;
        if (marker === "@revoked") known.revoked.push(key);
        else if (marker === undefined) known.keys.push(key);
    }
    return known;
}

function matchesHost(patterns: string, name: string): boolean {
    if (patterns.startsWith("|")) return matchesHash(patterns, name);
    let matched = false;
    for (const pattern of patterns.toLowerCase().split(",")) {
        const excludes = pattern.startsWith("!");
        if (!wildcard(excludes ? pattern.slice(1) : pattern).test(name)) continue;
        if (excludes) return false;
        matched = true;
    }
    return matched;
}

/** `|1|salt|hash`: HMAC-SHA1 of the name (HashKnownHosts in ssh_config(5)). */
function matchesHash(field: string, name: string): boolean {
    const [, version, salt, hash] = field.split("|");
    if (version !== "1" || !salt || !hash) return false;
    return createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest("base64") === hash;
}

function wildcard(pattern: string): RegExp {
    const source = pattern
        .replace(/[.+^${}()|[\]\\]/g, "\\$&")
        .replace(/\*/g, ".*")
        .replace(/\?/g, ".");
    return new RegExp(`^${source}$`);
}
