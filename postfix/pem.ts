/** One `-----BEGIN x-----` block (RFC 7468). */
export interface PemBlock {
    label: string;
    /** Lines such as `Proc-Type: 4,ENCRYPTED` before the base64. */
    headers: string;
    der: Buffer;
}

/** The whole blocks of a text; one that is cut off is none, a text without any gives an empty list. */
export function pemBlocks(text: string): PemBlock[] {
    const pattern = /^-----BEGIN ([A-Z0-9 ]+)-----[ \t]*\r?\n([\s\S]*?)^-----END \1-----/gm;
    return [...text.matchAll(pattern)].map(([, label = "", inner = ""]) => {
        const headers = inner.split(/\r?\n/).filter((line) => line.includes(":"));
        const lines = inner.split(/\r?\n/).filter((line) => !line.includes(":"));
        const base64 = lines.map((line) => line.trim()).join("");
        // Buffer passes over what is no base64, OpenSSL does not: an empty block is malformed to both.
        const der = /^[A-Za-z0-9+/]*={0,2}$/.test(base64) ? Buffer.from(base64, "base64") : Buffer.alloc(0);
        return { label, headers: headers.join("\n"), der };
    });
}
