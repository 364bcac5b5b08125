import { identityChain } from "../postfix/roles/common";
import {
    type LaptopMail,
    laptopMailMain,
    laptopMailTables,
    laptopServices,
} from "../postfix/roles/laptop-mail";
import { type LaptopOwn, laptopMain } from "../postfix/roles/road-warrior";
import {
    authorityFile,
    type Hub,
    needsMatch,
    policyEntries,
    policyTable,
    type RouteShape,
    type Routes,
    relayhost,
    routeShape,
    senderEntries,
    senderTable,
    transportEntries,
    transportTable,
} from "../postfix/roles/routes";
import type { ChainEntry, HostSettings, TableSettings } from "../postfix/settings";
import { Security } from "../postfix/words";

export interface RoadWarriorRole extends LaptopOwn {
    /** The hub that the laptop turns to first. */
    hub: Hub;
    /** Further hubs and routes. */
    routes?: Partial<Routes>;
    security?: Security;
    /** Certificates of the CA at security `secure`. */
    authority?: string;
    identity: ChainEntry[];
    mail?: LaptopMail;
    /** Whether smtp(8) runs in the chroot; absent: not, unless the admin says so. */
    chroot?: boolean;
    /** Further main.cf parameters of the user. */
    settings: Record<string, string>;
}

/**
 * All of a laptop's settings, of values that are there. `RoadWarrior` puts the same together of values that come later:
 * the two are compared, and what needs a laptop without Pulumi takes these.
 */
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
            ...laptopMain(security, shape, role),
            relayhost: relayhost(all.hubs),
            ...match,
            ...laptopMailMain(role.mail ?? {}),
            ...role.settings,
        },
        lists: {},
        services: laptopServices(role.chroot),
        chains: { [identityChain]: role.identity },
        tables: { ...routeTables(all, security, shape), ...laptopMailTables(role.mail ?? {}) },
        ...(role.authority === undefined ? {} : { authorities: { [authorityFile]: role.authority } }),
    };
}

const allHubs = (routes: Routes): Hub[] => [
    ...routes.hubs,
    ...Object.values(routes.senders),
    ...Object.values(routes.transports),
];

/** The tables that `routeMain` names. */
function routeTables(routes: Routes, security: Security, shape: RouteShape): Record<string, TableSettings> {
    const policies = security === Security.Fingerprint && shape.several;
    return {
        ...(policies ? { [policyTable]: { entries: policyEntries(allHubs(routes)) } } : {}),
        ...(shape.senders ? { [senderTable]: { entries: senderEntries(routes.senders) } } : {}),
        ...(shape.transports ? { [transportTable]: { entries: transportEntries(routes.transports) } } : {}),
    };
}
