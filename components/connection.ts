import type { types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { comesLater } from "./checked-args";

export type ConnectionArgs = types.input.remote.ConnectionArgs;
type ProxyArgs = types.input.remote.ProxyConnectionArgs;

/** Every field of the command package's type, and whether it is a secret. The compiler finds what is missing here. */
const proxyFields: Record<keyof ProxyArgs, "public" | "secret"> = {
    host: "public",
    port: "public",
    user: "public",
    password: "secret",
    privateKey: "secret",
    privateKeyPassword: "secret",
    agentSocketPath: "public",
    dialErrorLimit: "public",
    perDialTimeout: "public",
    hostKey: "public",
};
const fields: Record<keyof ConnectionArgs, "public" | "secret" | "proxy"> = {
    ...proxyFields,
    proxy: "proxy",
};

/**
 * A connection of which only the secret parts are marked as such, so that a preview can still show which machine is
 * meant. One that comes whole from an output is secret as a whole.
 */
export function sealConnection(connection: pulumi.Input<ConnectionArgs>): pulumi.Input<ConnectionArgs> {
    return comesLater(connection) ? pulumi.secret(connection) : seal(connection as ConnectionArgs, fields);
}

function seal<T extends object>(connection: T, kinds: Record<string, string>): T {
    const sealed = Object.entries(connection).map(([name, value]) => {
        if (value === undefined) return [name, value];
        if (kinds[name] === "proxy") {
            return [name, comesLater(value) ? pulumi.secret(value) : seal(value as ProxyArgs, proxyFields)];
        }
        return [name, kinds[name] === "public" ? value : pulumi.secret(value)];
    });
    return Object.fromEntries(sealed) as T;
}

/**
 * What `@pulumi/command` may see of a connection. Its plugin refuses a field that it does not know, and prints the
 * whole connection with its password in doing so (measured with 1.2.1).
 */
export function commandConnection(connection: pulumi.Input<ConnectionArgs>): pulumi.Input<ConnectionArgs> {
    if (comesLater(connection))
        return pulumi.output(connection).apply((value) => pick(value as ConnectionArgs, fields));
    return pick(connection as ConnectionArgs, fields);
}

function pick<T extends object>(connection: T, kinds: Record<string, string>): T {
    const picked = Object.entries(connection).filter(([name, value]) => name in kinds && value !== undefined);
    return Object.fromEntries(
        picked.map(([name, value]) => {
            if (kinds[name] !== "proxy") return [name, value];
            if (!comesLater(value)) return [name, pick(value as ProxyArgs, proxyFields)];
            return [name, pulumi.output(value).apply((proxy) => pick(proxy as ProxyArgs, proxyFields))];
        }),
    ) as T;
}
