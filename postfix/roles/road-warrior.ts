import type { ChainEntry, HostSettings } from "../settings";
import { Security } from "../words";
import { identityChain, loopbackNetworks, protocolFloor } from "./common";
import {
    authorityFile,
    type Hub,
    needsMatch,
    policyTable,
    type RouteShape,
    type Routes,
    relayhost,
    routeMain,
    routeShape,
    routeTables,
    senderTable,
    transportTable,
} from "./routes";

export interface RoadWarriorRole {
    /** The hub that the laptop turns to first. */
    hub: Hub;
    /** Further hubs and routes. */
    routes?: Partial<Routes>;
    security?: Security;
    /** Certificates of the CA at security `secure`. */
    authority?: string;
    identity: ChainEntry[];
    /** Further main.cf parameters of the user. */
    settings: Record<string, string>;
}

export function roadWarriorSettings(role: RoadWarriorRole): HostSettings {
    const { hub, routes = {}, security = Security.Fingerprint } = role;
    const { hubs = [], senders = {}, transports = {} } = routes;
    const all = { hubs: [hub, ...hubs], senders, transports };
    const shape = routeShape({ hubs, senders, transports });
    const match = needsMatch(security, shape)
        ? { smtp_tls_fingerprint_cert_match: hub.pins.join(", ") }
        : undefined;
    return {
        main: {
            ...laptopMain(security, shape),
            relayhost: relayhost(all.hubs),
            ...match,
            ...role.settings,
        },
        lists: {},
        services: {},
        chains: { [identityChain]: role.identity },
        tables: routeTables(all, security, shape),
        ...(role.authority === undefined ? {} : { authorities: { [authorityFile]: role.authority } }),
    };
}

/** Parameters that the role sets itself, so that the user's `settings` may not. */
export function roadWarriorOwns(security: Security, shape: RouteShape): string[] {
    return Object.keys(laptopMain(security, shape));
}

/** Files that the role has, or may have one day: no table of the user's may be called so. */
export const roadWarriorFiles = [identityChain, policyTable, senderTable, transportTable, authorityFile];

/** All but the hub's name and pins, which a first preview may not know. */
export function laptopMain(security: Security, shape: RouteShape): Record<string, string> {
    return {
        relayhost: "",
        ...routeMain(security, shape),
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
