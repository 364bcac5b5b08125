/** One setting or service as Postfix reads it, and the physical lines it stands on. */
export interface LogicalLine {
    /** Index of its first physical line. */
    first: number;
    /** Index of its last physical line; comments and blank lines in between belong to it. */
    last: number;
    /** The physical lines put together: no line ends, no inner comments. */
    text: string;
}

/** Physical lines end with a newline; a file without the final one has a last line all the same. CR stays. */
export function physicalLines(text: string): string[] {
    const lines = text.split("\n");
    if (lines.at(-1) === "") lines.pop();
    return lines;
}

// The whitespace of C's isspace() and nothing else: JavaScript's \s knows more, e.g. a no-break space.
const blankOrComment = /^[ \t\v\f\r]*(#|$)/;
const leadingSpace = /^[ \t\v\f\r]/;

/**
 * Logical lines as main.cf and master.cf have them (postconf(5), master(5)): empty, blank and comment lines are
 * skipped even within a continued value, and a line that starts with whitespace continues the one before.
 * Such a line with nothing before it is ignored by Postfix with a warning, and so it is here.
 */
export function readLogicalLines(lines: string[]): LogicalLine[] {
    const logical: LogicalLine[] = [];
    // Within a value the CR of a line's end is whitespace to Postfix.
    let between = "";
    for (const [index, line] of lines.entries()) {
        if (blankOrComment.test(line)) continue;
        const before = between;
        between = line.endsWith("\r") ? " " : "";
        const text = between ? line.slice(0, -1) : line;
        if (!leadingSpace.test(line)) logical.push({ first: index, last: index, text });
        else {
            const current = logical.at(-1);
            if (!current) continue;
            current.last = index;
            current.text += before + text;
        }
    }
    return logical;
}

/** Without the whitespace around it, as Postfix trims names and values. */
export function trimSpace(text: string): string {
    return text.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, "");
}
