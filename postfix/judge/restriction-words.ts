import { closing } from "./macros";

/** Parameters as one daemon sees them: its own `-o`, main.cf, what is built in. */
export type Lookup = (name: string) => string | undefined;

const deepest = 10;

/**
 * `$name`, `${name}`, `$(name)`, `${name?then}`, `${name?{then}:{else}}` and `${name:else}` as postconf(5) has them;
 * a comparison (`${{a} == {b}?...}`) is left as it is.
 */
export function expand(value: string, lookup: Lookup, depth = 0): string {
    if (depth > deepest) return value;
    let text = "";
    for (let index = 0; index < value.length; index++) {
        if (value[index] !== "$") {
            text += value[index];
            continue;
        }
        const rest = value.slice(index + 1);
        const plain = /^[A-Za-z0-9_]+/.exec(rest)?.[0];
        if (rest.startsWith("$")) {
            text += "$";
            index++;
        } else if (plain) {
            text += expand(lookup(plain) ?? "", lookup, depth + 1);
            index += plain.length;
        } else if (rest.startsWith("{") || rest.startsWith("(")) {
            const end = endOf(rest);
            text += expandBraces(rest.slice(1, end), lookup, depth + 1);
            index += end + 1;
        } else text += "$";
    }
    return text;
}

function expandBraces(inside: string, lookup: Lookup, depth: number): string {
    const [, name = "", mark, rest = ""] = /^\s*([A-Za-z0-9_]+)\s*(?:([?:])([\s\S]*))?$/.exec(inside) ?? [];
    if (name === "") return `\${${inside}}`;
    const value = lookup(name) ?? "";
    if (mark === undefined) return expand(value, lookup, depth);
    const isSet = value !== "";
    if (mark === ":") return isSet ? "" : expand(unwrap(rest), lookup, depth);
    const trimmed = rest.trimStart();
    const end = trimmed.startsWith("{") ? endOf(trimmed) + 1 : trimmed.length;
    const otherwise = trimmed.slice(end).trimStart().replace(/^:/, "");
    return expand(unwrap(isSet ? trimmed.slice(0, end) : otherwise), lookup, depth);
}

const unwrap = (text: string): string => {
    const trimmed = text.trim();
    return trimmed.startsWith("{") ? trimmed.slice(1, endOf(trimmed)).trim() : trimmed;
};

/** Where the bracket that a text begins with is closed; its end where it never is. */
const endOf = (text: string): number => closing(text) ?? text.length;

/** The words of a list of restrictions; what stands in braces is one word (postconf(5), smtpd_relay_restrictions). */
export function restrictionWords(value: string): string[] {
    const words: string[] = [];
    let current = "";
    let depth = 0;
    for (const char of `${value} `) {
        if (depth === 0 && /[\s,]/.test(char)) {
            if (current !== "") words.push(current);
            current = "";
            continue;
        }
        if (char === "{") depth++;
        else if (char === "}" && depth > 0) depth--;
        current += char;
    }
    return words;
}
