import type { ChainEntry, HostSettings } from "../settings";
import { identityChain, loopbackNetworks, protocolFloor } from "./common";

export interface RoadWarriorRole {
    /** The hub as laptops dial it. */
    hub: { hostname: string; port: number; pins: string[] };
    identity: ChainEntry[];
    /** Further main.cf parameters of the user. */
    settings: Record<string, string>;
}

export function roadWarriorSettings(role: RoadWarriorRole): HostSettings {
    return {
        main: { ...laptopMain(role), ...role.settings },
        lists: {},
        services: {},
        chains: { [identityChain]: role.identity },
        tables: {},
    };
}

/** Parameters that the role sets itself, so that the user's `settings` may not. */
export function roadWarriorOwns(): string[] {
    const hub = { hostname: "", port: 0, pins: [] };
    return Object.keys(roadWarriorSettings({ hub, identity: [], settings: {} }).main);
}

function laptopMain({ hub }: RoadWarriorRole): Record<string, string> {
    return {
        // Brackets: this very host, no MX lookup that a café's resolver could answer.
        relayhost: `[${hub.hostname}]:${hub.port}`,
        smtp_tls_security_level: "fingerprint",
        smtp_tls_fingerprint_digest: "sha256",
        smtp_tls_fingerprint_cert_match: hub.pins.join(", "),
        smtp_tls_mandatory_protocols: protocolFloor,
        smtp_tls_mandatory_ciphers: "high",
        smtp_tls_chain_files: `@{${identityChain}}`,
        smtp_tls_loglevel: "1",
        tls_required_enable: "no",
        smtpd_tls_loglevel: "1",
        smtpd_tls_received_header: "yes",
        inet_interfaces: "loopback-only",
        mynetworks: loopbackNetworks,
        // Empty: all mail goes to the hub, root's too (STANDARD_CONFIGURATION_README, null client).
        mydestination: "",
        // A laptop may be away for long: 5 days, the default, end in a bounce.
        maximal_queue_lifetime: "30d",
        bounce_queue_lifetime: "30d",
    };
}
