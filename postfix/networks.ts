/** Why a word is no network in CIDR form, as cidr_table(5) and mynetworks (postconf(5)) have it. */
export function networkFault(word: string): string | undefined {
    const [, brackets, plain = "", bits] = /^(?:\[([^\]]*)\]|([^/\]]*))(?:\/(.*))?$/.exec(word) ?? [];
    const address = brackets ?? plain;
    const bytes = address.includes(":") ? ipv6Bytes(address) : ipv4Bytes(address);
    if (!bytes) return "is no IP address";
    if (bits === undefined) return undefined;
    const width = bytes.length * 8;
    if (!/^\d{1,3}$/.test(bits) || Number(bits) > width)
        return `has "/${bits}" behind the address, allowed: /0 to /${width}`;
    const set = bytes.flatMap((byte) => Array.from({ length: 8 }, (_, bit) => (byte >> (7 - bit)) & 1));
    return set.slice(Number(bits)).includes(1)
        ? `has an address with bits set behind its /${bits}, with which Postfix refuses it: write ${networkOf(address, bytes, Number(bits))}/${bits}`
        : undefined;
}

function ipv4Bytes(text: string): number[] | undefined {
    const parts = text.split(".");
    const good = parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256);
    return good ? parts.map(Number) : undefined;
}

export function ipv6Bytes(text: string): number[] | undefined {
    const [head = "", tail, ...more] = text.split("::");
    if (more.length > 0) return undefined;
    const read = (half: string): number[] | undefined => {
        if (half === "") return [];
        const bytes: number[] = [];
        const groups = half.split(":");
        for (const [index, group] of groups.entries()) {
            const last = index === groups.length - 1 ? ipv4Bytes(group) : undefined;
            if (last) bytes.push(...last);
            else if (/^[0-9a-f]{1,4}$/i.test(group))
                bytes.push(Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255);
            else return undefined;
        }
        return bytes;
    };
    const [front, back] = [read(head), tail === undefined ? [] : read(tail)];
    if (!front || !back) return undefined;
    const length = front.length + back.length;
    if (tail === undefined ? length !== 16 : length > 14) return undefined;
    return [...front, ...Array<number>(16 - length).fill(0), ...back];
}

function networkOf(address: string, bytes: number[], bits: number): string {
    const kept = bytes.map((byte, index) => {
        const inside = Math.min(8, Math.max(0, bits - index * 8));
        return byte & (256 - 2 ** (8 - inside));
    });
    if (!address.includes(":")) return kept.join(".");
    const groups = Array.from({ length: 8 }, (_, index) =>
        (((kept[index * 2] ?? 0) << 8) | (kept[index * 2 + 1] ?? 0)).toString(16),
    );
    // The longest run of zeros at the end is all that a network has to shorten.
    const last = groups.findLastIndex((group) => group !== "0");
    return last >= 6 ? groups.join(":") : `${groups.slice(0, last + 1).join(":")}::`;
}

/** How many bits of an address a network fixes, and of which kind it is. */
export function networkSize(word: string): { family: 4 | 6; bits: number } | undefined {
    if (networkFault(word)) return undefined;
    const [address = "", bits] = word.replace(/[[\]]/g, "").split("/");
    const family = address.includes(":") ? 6 : 4;
    return { family, bits: bits === undefined ? (family === 4 ? 32 : 128) : Number(bits) };
}
