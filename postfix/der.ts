/** Where one DER element (X.690, 8.1) starts, where its content does, and where it ends. */
interface Element {
    tag: number;
    start: number;
    content: number;
    end: number;
}

function element(der: Buffer, start: number): Element {
    const tag = der.readUInt8(start);
    const length = der.readUInt8(start + 1);
    if (length < 0x80) return { tag, start, content: start + 2, end: start + 2 + length };
    const bytes = length & 0x7f;
    if (bytes === 0 || bytes > 4) throw new Error("not DER: length of an element");
    const content = start + 2 + bytes;
    return { tag, start, content, end: content + der.readUIntBE(start + 2, bytes) };
}

/** SubjectPublicKeyInfo of a certificate (RFC 5280, 4.1), byte for byte as it stands there. */
export function subjectPublicKeyInfo(certificate: Buffer): Buffer {
    const toBeSigned = element(certificate, element(certificate, 0).content);
    let field = element(certificate, toBeSigned.content);
    // The version is left out for version 1, and tagged [0] where it is there.
    if (field.tag === 0xa0) field = element(certificate, field.end);
    // serialNumber, signature, issuer, validity, subject
    for (let skipped = 0; skipped < 5; skipped++) field = element(certificate, field.end);
    if (field.tag !== 0x30 || field.end > toBeSigned.end)
        throw new Error("not a certificate: its public key");
    return certificate.subarray(field.start, field.end);
}
