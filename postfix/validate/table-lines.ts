import { physicalLines, readLogicalLines, trimSpace } from "../logical-lines";
import { networkFault } from "../networks";
import { keyEnd, orderedTypes } from "../tables";

/**
 * Lines of a table's own text that Postfix skips with a warning, or reads otherwise than is meant: each by its number,
 * never with its value, which may be secret (postmap(1), regexp_table(5), cidr_table(5)).
 */
export function tableLineFaults(text: string, type: string): string[] {
    const lines = readLogicalLines(physicalLines(text));
    const seen = new Map<string, number>();
    return lines.flatMap(({ first, text: line }): string[] => {
        const number = first + 1;
        const text = trimSpace(line);
        const key = text.slice(0, keyEnd(text));
        const fault =
            type === "cidr"
                ? cidrFault(text)
                : orderedTypes.includes(type)
                  ? patternFault(text)
                  : entryFault(text);
        if (fault) return [`line ${number} ${fault}`];
        if (orderedTypes.includes(type)) return [];
        const before = seen.get(key.toLowerCase());
        seen.set(key.toLowerCase(), number);
        return before === undefined
            ? []
            : [
                  `line ${number} has the key of line ${before}, and only one of them would count: leave one out`,
              ];
    });
}

const noValue = "has a key and no value behind it: Postfix would skip it. Write the value behind a blank";

function patternFault(line: string): string | undefined {
    if (/^(if\b|endif\b)/i.test(line)) return undefined;
    const pattern = line.replace(/^!\s*/, "");
    const delimiter = pattern[0] ?? "";
    if (/[\w\s]/.test(delimiter))
        return "does not begin with a pattern between two delimiters, e.g. /pattern/";
    const end = endOfPattern(pattern, delimiter);
    if (end < 0) return `has no second ${delimiter} behind its pattern`;
    return /^[A-Za-z]*\s+\S/.test(pattern.slice(end + 1)) ? undefined : noValue.replace("key", "pattern");
}

function endOfPattern(text: string, delimiter: string): number {
    for (let index = 1; index < text.length; index++) {
        if (text[index] === "\\") index++;
        else if (text[index] === delimiter) return index;
    }
    return -1;
}

function entryFault(line: string): string | undefined {
    const end = keyEnd(line);
    if (end === undefined) return 'has a " in its key that no other one closes: Postfix would skip it';
    return end === line.length ? noValue : undefined;
}

function cidrFault(line: string): string | undefined {
    const [key = "", ...value] = line.split(/[ \t]+/);
    if (/^(if|endif)$/i.test(key)) return undefined;
    const net = key.replace(/^!/, "") || (value.shift() ?? "");
    if (networkFault(net)) return networkFault(net);
    return value.length === 0 ? noValue.replace("key", "network") : undefined;
}
