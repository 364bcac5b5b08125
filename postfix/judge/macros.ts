import { nearestNames } from "../nearest";

/** Values that are read with names of a delivery or a rejection, such as `$user` or `$rbl_domain` (postconf(5)). */
const ofTheMoment =
    /^(luser_relay|forward_path|mailbox_command|command_execution_directory|fallback_transport|.*_(reply|footer|filter|format|bcc|class))$/;

/** The parameters that a value reads: `$name`, `${name}`, `$(name)`; not those that it only asks about (`${name?...}`). */
export function namesRead(value: string): string[] {
    const found = value.replaceAll("$$", "").matchAll(/\$(?:\{(\w+)\}|\((\w+)\)|([A-Za-z_]\w*))/g);
    return [...found].map(([, braces, brackets, bare]) => braces ?? brackets ?? bare ?? "");
}

/** A `$` that begins no name: every daemon and command that reads the value would end there (mac_parse.c). */
export function macroFault(name: string, value: string): string | undefined {
    if (ofTheMoment.test(name)) return undefined;
    for (let at = value.indexOf("$"); at >= 0; ) {
        const length = macroLength(value.slice(at));
        if (length === 0) return brokenMacro;
        at = value.indexOf("$", at + length);
    }
    return undefined;
}

const brokenMacro =
    'has a $ that begins no name of a parameter ($name, ${name} or ${name?text}), at which Postfix would end with "macro processing error": write $$ for a $ that is meant as it is';

/** How long the name is that begins here, with its `$`; 0 where none does. */
function macroLength(text: string): number {
    const [bare] = /^\$(?:\$|\w+)/.exec(text) ?? [];
    if (bare !== undefined) return bare.length;
    const end = closing(text, 1);
    const inside = text.slice(2, end).trim();
    // Functions such as ${domain_to_ascii{$mydomain}} came with 3.11.
    const isName = /^\w+\s*(?:[?:{].*)?$/s.test(inside) || inside.startsWith("{");
    return end !== undefined && isName ? end + 1 : 0;
}

/** Where the bracket that stands at a place of a text is closed, if there is one and it is. */
export function closing(text: string, at = 0): number | undefined {
    const open = text[at];
    if (open !== "{" && open !== "(") return undefined;
    const close = open === "{" ? "}" : ")";
    let depth = 0;
    for (let index = at; index < text.length; index++) {
        if (text[index] === open) depth++;
        else if (text[index] === close && --depth === 0) return index;
    }
    return undefined;
}

/** What a value reads that nothing sets: Postfix takes it for an empty text, and warns where nobody looks. */
export function undefinedFaults(
    { name, value }: { name: string; value: string },
    isDefined: (name: string) => boolean,
    parameters: readonly string[],
): string[] {
    if (ofTheMoment.test(name)) return [];
    return [...new Set(namesRead(value))]
        .filter((read) => !/^\d/.test(read) && !isDefined(read))
        .map((read) => {
            const meant = nearestNames(read, parameters, 2)
                .map((known) => `$${known}`)
                .join(" or ");
            return `reads $${read}, which nothing sets on this host, and which would count as empty${meant ? `; did you mean ${meant}?` : ""}`;
        });
}
