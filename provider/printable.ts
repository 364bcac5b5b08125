/** Controls, marks that turn text around or hide it, separators that start a line, halves of characters. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * A text as a terminal may get it. What a host says is its own words: an escape code among them would move the
 * cursor, overwrite what was said before or write to the clipboard. Lines and tabs stay.
 */
export function printable(text: string): string {
    return text.replaceAll("\r\n", "\n").replace(unprintable, spell);
}

function spell(char: string): string {
    if (char === "\n" || char === "\t") return char;
    const code = char.codePointAt(0) ?? 0;
    // A byte of a file that is no UTF-8: see bytes.ts.
    if (code >= 0xdc80 && code <= 0xdcff) return hex(code - 0xdc00);
    return code <= 0xff ? hex(code) : `\\u{${code.toString(16)}}`;
}

const hex = (byte: number): string => `\\x${byte.toString(16).padStart(2, "0")}`;

/** The beginning of a text that is too long to be read, and how much is missing. */
export function shortened(text: string, most: number): string {
    return text.length <= most ? text : `${text.slice(0, most)}… (${text.length - most} more characters)`;
}
