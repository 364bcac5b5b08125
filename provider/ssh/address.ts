/** How a machine is reached, as a person writes it in a word: `admin@192.0.2.101:2222`. */
export interface Address {
    user: string;
    host: string;
    port: number;
}

/** An IPv6 address stands in brackets. `undefined` for what is none. */
export function parseAddress(word: string): Address | undefined {
    const found = /^(?:([^@=#\s]+)@)?(\[[^\]\s]+\]|[^:@=#\s]+)(?::(\d{1,5}))?$/.exec(word);
    const port = Number(found?.[3] ?? 22);
    if (!found || port < 1 || port > 65_535) return undefined;
    const [, user = "root", host = ""] = found;
    return { user, host: host.replace(/^\[|\]$/g, ""), port };
}
