/**
 * Reads the fields of an SSH key blob: a length of four bytes, then that many bytes (RFC 4251 section 5, `string`).
 * `undefined` when a field reaches past the end.
 */
export class WireReader {
    private position = 0;

    constructor(private readonly data: Buffer) {}

    uint32(): number | undefined {
        if (this.position + 4 > this.data.length) return undefined;
        const value = this.data.readUInt32BE(this.position);
        this.position += 4;
        return value;
    }

    bytes(): Buffer | undefined {
        const length = this.uint32();
        if (length === undefined || this.position + length > this.data.length) return undefined;
        const value = this.data.subarray(this.position, this.position + length);
        this.position += length;
        return value;
    }

    text(): string | undefined {
        return this.bytes()?.toString("latin1");
    }

    skip(length: number): void {
        this.position += length;
    }

    get atEnd(): boolean {
        return this.position >= this.data.length;
    }
}

/** The opposite: fields put one after the other. */
export function wireFields(...fields: (Buffer | string)[]): Buffer {
    return Buffer.concat(
        fields.flatMap((field) => {
            const data = typeof field === "string" ? Buffer.from(field, "latin1") : field;
            const length = Buffer.alloc(4);
            length.writeUInt32BE(data.length);
            return [length, data];
        }),
    );
}
