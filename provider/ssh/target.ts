import type { Connection, ProxyConnection } from "../../postfix/validate/connection";

/** One machine as the user described it, validated by `postfix/validate/connection.ts`. */
export interface SshTarget {
    connection: Connection;
    /** Become root by `sudo -n`; without effect for the user root. */
    sudo?: boolean;
    /** A known_hosts file on the operator's machine; asked where `hostKey` is not given. */
    knownHosts?: string;
    /** Takes any host key where none is given. */
    insecureIgnoreHostKey?: boolean;
}

/** One hop with its defaults, those of the command package. */
export interface Endpoint {
    host: string;
    port: number;
    user: string;
    /** `user@host:port`, the name of the hop in every message. */
    label: string;
    /** The property path of its settings, for hints: `connection` or `connection.proxy`. */
    path: string;
    settings: ProxyConnection;
}

export function endpointOf(settings: ProxyConnection, path: string): Endpoint {
    const port = settings.port ?? 22;
    const user = settings.user ?? "root";
    return {
        host: settings.host,
        port,
        user,
        label: `${user}@${address(settings.host, port)}`,
        path,
        settings,
    };
}

export function address(host: string, port: number): string {
    return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** One machine, for those who wait for it: behind different jump hosts one private address is several. */
export function machineOf({ connection: { proxy, ...connection } }: SshTarget): string {
    const { host, port } = endpointOf(connection, "connection");
    const jump = proxy && endpointOf(proxy, "connection.proxy");
    return `${address(host, port)}${jump ? ` by ${address(jump.host, jump.port)}` : ""}`;
}
