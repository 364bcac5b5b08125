import { nearestNames } from "../nearest";

/** Values that are read with names of a delivery or a rejection, such as `$user` or `$rbl_domain` (postconf(5)). */
const ofTheMoment =
    /^(luser_relay|forward_path|mailbox_command|command_execution_directory|fallback_transport|.*_(reply|footer|filter|format|bcc|class))$/;

/** The parameters that a value reads: `$name`, `${name}`, `$(name)`; not those that it only asks about (`${name?...}`). */
export function namesRead(value: string): string[] {
    const found = value.replaceAll("$$", "").matchAll(/\$(?:\{(\w+)\}|\((\w+)\)|([A-Za-z_]\w*))/g);
    return [...found].map(([, braces, brackets, bare]) => braces ?? brackets ?? bare ?? "");
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
