import { Ciphers, ProtocolFloor } from "../words";

/** What is said of TLS on hub and laptop alike; what is left out has its default. */
export interface TlsRole {
    logLevel?: number;
    receivedHeader?: boolean;
    floor?: ProtocolFloor;
    ciphers?: Ciphers;
}

/** The four of them as Postfix wants them. A floor never switches TLS 1.3 off. */
export function tlsValues(tls: TlsRole = {}) {
    return {
        logLevel: String(tls.logLevel ?? 1),
        receivedHeader: (tls.receivedHeader ?? true) ? "yes" : "no",
        protocols: `>=${tls.floor ?? ProtocolFloor.Tls12}`,
        ciphers: tls.ciphers ?? Ciphers.High,
    };
}

/** The arguments of a machine as the role has them. */
export function tlsOf(args: {
    tlsLogLevel?: number;
    receivedHeader?: boolean;
    protocolFloor?: ProtocolFloor;
    ciphers?: Ciphers;
}): TlsRole {
    const { tlsLogLevel, receivedHeader, protocolFloor, ciphers } = args;
    return { logLevel: tlsLogLevel, receivedHeader, floor: protocolFloor, ciphers };
}
