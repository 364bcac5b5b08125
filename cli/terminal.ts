/** What stdout can show. */
export interface Terminal {
    coloured: boolean;
    /** Columns of it; a pipe and a file have no end of a line. */
    width?: number;
}

export const terminal = (): Terminal => ({
    // no-color.org; a pipe and a file get no colour either.
    coloured: process.stdout.isTTY && !process.env.NO_COLOR && process.env.TERM !== "dumb",
    ...(process.stdout.isTTY && { width: process.stdout.columns }),
});

/** Of the foreground (ECMA-48, 8.3.117). */
export const colour = { red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, grey: 90 } as const;

export const painted = (text: string, paint: number, { coloured }: Terminal): string =>
    coloured ? `\x1b[${paint}m${text}\x1b[39m` : text;

/** A text behind an indent, broken between words where the terminal's line ends. */
export function indented(
    text: string,
    indent: string,
    { width = Number.POSITIVE_INFINITY }: Terminal,
): string[] {
    const lines: string[] = [];
    for (const word of text.split(" ")) {
        const last = lines.at(-1);
        if (last === undefined || last.length + 1 + word.length > width) lines.push(indent + word);
        else lines[lines.length - 1] = `${last} ${word}`;
    }
    return lines;
}
