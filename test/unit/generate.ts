/** Reproducible random choices: a failing case names its seed and comes back with it. */
export class Generator {
    private state: number;

    constructor(seed: number) {
        this.state = (seed * 2654435761) >>> 0 || 1;
    }

    /** A whole number from 0 to below `limit` (xorshift). */
    below(limit: number): number {
        this.state ^= this.state << 13;
        this.state ^= this.state >>> 17;
        this.state ^= this.state << 5;
        this.state >>>= 0;
        return this.state % limit;
    }

    chance(oneIn: number): boolean {
        return this.below(oneIn) === 0;
    }

    pick<T>(values: readonly T[]): T {
        return values[this.below(values.length)] as T;
    }

    shuffle<T>(values: readonly T[]): T[] {
        const left = [...values];
        const shuffled: T[] = [];
        while (left.length > 0) shuffled.push(...left.splice(this.below(left.length), 1));
        return shuffled;
    }

    list<T>(most: number, make: () => T): T[] {
        return Array.from({ length: this.below(most + 1) }, make);
    }
}

const names = [
    "relayhost",
    "mynetworks",
    "smtp_tls_security_level",
    "transport_maps",
    "mydestination",
    "biff",
];

/** One physical line as administrators and their tools write them into main.cf. */
export function mainCfLine(generator: Generator): string {
    const name = generator.pick(names);
    const value = generator.pick([
        "",
        "yes",
        "[hub.example.com]:587",
        "127.0.0.0/8 # no comment",
        "a = b",
        "$x, ${y}",
    ]);
    return generator.pick([
        `${name} = ${value}`,
        `${name}=${value}`,
        `${name}  =  ${value}  `,
        `    ${value}`,
        "\t10.0.0.0/8,",
        "# an admin's comment",
        "   # an indented one = with a sign",
        "#smtp_tls_security_level = may",
        "",
        "   ",
        "Grüße = naïve \u2028 \u00a0x",
    ]);
}

/** A whole file: with LF or CRLF or both, with or without a newline at its end. */
export function mainCfText(generator: Generator): string {
    const ends = generator.pick([["\n"], ["\r\n"], ["\n", "\r\n"]]);
    const lines = generator.list(12, () => mainCfLine(generator));
    const text = lines.map((line) => line + generator.pick(ends)).join("");
    return generator.chance(3) ? text.replace(/\r?\n$/, "") : text;
}

/** Runs a property on many generated cases; the seed of a failing one stands in its message. */
export function forSeeds(count: number, property: (generator: Generator) => void): void {
    for (let seed = 1; seed <= count; seed++) {
        try {
            property(new Generator(seed));
        } catch (error) {
            throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
        }
    }
}
