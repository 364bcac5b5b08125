/** Secrets to search for, in every form in which they could be written down. */
export class Needles {
    private readonly forms: { what: string; text: string }[] = [];

    /** A password, or anything else that is secret as a whole. */
    add(what: string, secret: string): void {
        if (secret.length < 8) throw new Error(`${what} is too short to tell it from other text`);
        this.forms.push({ what, text: secret });
        this.encoded(what, secret);
    }

    /**
     * A private key: the lines of its body, each enough to know it by. Not those that its public key or certificate
     * has too, nor an OpenSSH key's first, with which all of them begin; and of each line the end, because all EC keys
     * in PKCS #8 begin by the same 36 bytes (RFC 5208, RFC 5480).
     */
    addKey(what: string, pem: string, known = ""): void {
        const lines = pem.split("\n").filter((line) => line.length >= 40 && !line.includes("PRIVATE KEY"));
        const bodies = (/OPENSSH/.test(pem) ? lines.slice(1) : lines)
            .map((line) => line.slice(-40))
            .filter((body) => !unwrap(known).includes(body));
        if (bodies.length === 0) throw new Error(`${what} is no private key`);
        for (const [index, body] of bodies.entries()) {
            this.forms.push({ what: `${what}, line ${index}`, text: body });
            this.encoded(`${what}, line ${index}`, body);
        }
    }

    /** What of it stands in a text, wrapped lines or not. */
    in(text: string): string[] {
        const unwrapped = unwrap(text);
        const found = this.forms.filter((form) => text.includes(form.text) || unwrapped.includes(form.text));
        return [...new Set(found.map(({ what }) => what))];
    }

    /** All forms, for a search elsewhere. */
    get texts(): string[] {
        return this.forms.map(({ text }) => text);
    }

    /** As a file in base64 has it: three forms, by where in the file it begins. */
    private encoded(what: string, secret: string): void {
        for (const skipped of [0, 1, 2]) {
            const whole = Math.floor((secret.length - skipped) / 3) * 3;
            const text = Buffer.from(secret.slice(skipped, skipped + whole)).toString("base64");
            this.forms.push({ what: `${what} in base64`, text });
        }
    }
}

/** Without line ends, of which a text may have other ones than the key; in JSON they are \\n. */
const unwrap = (text: string): string => text.replace(/\\n|\s+/g, "");
