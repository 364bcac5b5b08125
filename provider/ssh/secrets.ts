import type { Connection } from "../../postfix/validate/connection";

export type Mask = (text: string) => string;

/** Of a shorter one the stars themselves would tell where it stands, and they would hide every other word. */
const leastLength = 3;

/** Takes the secrets of a connection out of a text that a person may see. */
export function maskFor(connection: Connection): Mask {
    const secrets = [connection, connection.proxy ?? connection]
        .flatMap(({ password, privateKey, privateKeyPassword }) => [
            password,
            privateKeyPassword,
            ...(privateKey ? [privateKey.trim(), ...keyLines(privateKey)] : []),
        ])
        .filter((secret): secret is string => secret !== undefined && secret.length >= leastLength)
        // The longest first: one may be a part of another.
        .sort((left, right) => right.length - left.length);
    return (text) => secrets.reduce((masked, secret) => masked.replaceAll(secret, "***"), text);
}

/** A log shows a key line by line. The BEGIN and END lines are no secret. */
function keyLines(privateKey: string): string[] {
    return privateKey.split(/\r?\n/).filter((line) => line.length >= 16 && !line.startsWith("-----"));
}
