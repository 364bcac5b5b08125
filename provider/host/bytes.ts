/**
 * A host's files as text and back, byte for byte. They are UTF-8 as a rule, but an admin's old comment may be
 * Latin-1, and Postfix minds neither. In a line that is no UTF-8 each byte above 127 becomes a lone surrogate, which
 * no UTF-8 text can hold, so the way back is certain (as Python's "surrogateescape" has it).
 */
export function decodeBytes(bytes: Buffer): string {
    const text = bytes.toString("utf8");
    if (Buffer.from(text, "utf8").equals(bytes)) return text;
    // By lines, so that what we write into such a file is still read as UTF-8.
    return bytes.toString("latin1").split("\n").map(decodeLine).join("\n");
}

function decodeLine(line: string): string {
    const bytes = Buffer.from(line, "latin1");
    const text = bytes.toString("utf8");
    if (Buffer.from(text, "utf8").equals(bytes)) return text;
    return line.replace(/[\x80-\xff]/g, (char) => String.fromCharCode(0xdc00 + char.charCodeAt(0)));
}

/** The inverse of `decodeBytes`; any other text as UTF-8. */
export function encodeBytes(text: string): Buffer {
    // With the u flag a surrogate matches only where it is no half of a pair.
    const parts = text.split(/([\udc80-\udcff]+)/u);
    return Buffer.concat(
        parts.map((part, index) =>
            index % 2 === 0
                ? Buffer.from(part, "utf8")
                : Buffer.from([...part].map((char) => char.charCodeAt(0) - 0xdc00)),
        ),
    );
}
