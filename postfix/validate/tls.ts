import { Ciphers, ProtocolFloor } from "../words";
import type { ArgsCheck } from "./args";

export const tlsFields = ["tlsLogLevel", "receivedHeader", "protocolFloor", "ciphers"] as const;

export function checkTls(check: ArgsCheck): void {
    check.wholeNumber("tlsLogLevel", 0, 4, "a whole number from 0 (nothing) to 4, without quotes");
    check.flag("receivedHeader");
    check.oneOf("protocolFloor", ProtocolFloor);
    check.oneOf("ciphers", Ciphers);
}

/** What is allowed and should be known, as sentences. */
export function tlsWarnings({ protocolFloor }: { protocolFloor?: string }): string[] {
    if (protocolFloor !== ProtocolFloor.Tls10 && protocolFloor !== ProtocolFloor.Tls11) return [];
    return [
        `protocolFloor "${protocolFloor}" lets versions of TLS in that are broken (RFC 8996): keep it for as long as a peer knows no other, and only on the machine that talks to it`,
    ];
}
