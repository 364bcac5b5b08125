import type { Client } from "ssh2";
import type { RemoteError } from "../errors";

const reasons = new WeakMap<Client, RemoteError>();

/** Why we broke off a connection ourselves, for whoever notices that it is gone. */
export function noteEnding(client: Client, reason: RemoteError): void {
    if (!reasons.has(client)) reasons.set(client, reason);
}

export const endingOf = (client: Client): RemoteError | undefined => reasons.get(client);
