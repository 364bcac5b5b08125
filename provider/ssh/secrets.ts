import type { Connection } from "../../postfix/validate/connection";
import { type Mask, maskOf } from "../mask";

/** Takes the secrets of a connection out of a text that a person may see. */
export function maskFor(connection: Connection): Mask {
    const secrets = [connection, connection.proxy ?? connection].flatMap(
        ({ password, privateKey, privateKeyPassword }) => [password, privateKey, privateKeyPassword],
    );
    return maskOf(secrets.filter((secret) => secret !== undefined));
}
