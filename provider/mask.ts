export type Mask = (text: string) => string;

/** Who is spoken of: a connection that is secret as a whole still needs a name in a message. */
export const publicNames = new Set(["host", "port", "user", "hostKey"]);

/** Of a shorter one the stars themselves would tell where it stands, and they would hide every other word. */
const leastLength = 3;

/** Takes secrets out of a text that a person may see. */
export function maskOf(secrets: string[]): Mask {
    const forms = secrets
        .flatMap((secret) => [secret, secret.trim(), ...longLines(secret)])
        // As it stands in a message that quotes it.
        .flatMap((form) => [form, JSON.stringify(form).slice(1, -1)])
        .filter((form) => form.length >= leastLength)
        // The longest first: one may be a part of another.
        .sort((left, right) => right.length - left.length);
    const distinct = [...new Set(forms)];
    return (text) => distinct.reduce((masked, form) => masked.replaceAll(form, "***"), text);
}

/** A log shows a key line by line. The BEGIN and END lines are no secret. */
function longLines(secret: string): string[] {
    return secret.split(/\r?\n/).filter((line) => line.length >= 16 && !line.startsWith("-----"));
}
