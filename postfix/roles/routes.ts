import { Security } from "../words";

/** A hub as laptops dial it. */
export interface HubAddress {
    hostname: string;
    port: number;
}

export interface Hub extends HubAddress {
    pins: string[];
}

/** Where a laptop's mail goes: to the first hub that can be proven, unless sender or destination say which. */
export interface Routes<H extends HubAddress = Hub> {
    /** In order of preference. */
    hubs: H[];
    /** Hubs by sender: an address, or `@domain`. */
    senders: Record<string, H>;
    /** Hubs by destination: an address, `domain`, or `.domain` for what is below it. */
    transports: Record<string, H>;
}

/** Which of the routes there are, known before any hub's address is. */
export interface RouteShape {
    /** More than one next hop: each gets a policy line of its own. */
    several: boolean;
    senders: boolean;
    transports: boolean;
}

/** The shape of what comes beside the first hub. */
export function routeShape(more: { hubs: unknown[]; senders: object; transports: object }): RouteShape {
    const senders = Object.keys(more.senders).length > 0;
    const transports = Object.keys(more.transports).length > 0;
    return { several: more.hubs.length > 0 || senders || transports, senders, transports };
}

/** A single hub's pins stand in main.cf itself. */
export const needsMatch = (security: Security, { several }: RouteShape): boolean =>
    security === Security.Fingerprint && !several;

/** Names of the tables in `tables`. */
export const policyTable = "tls-policy";
export const senderTable = "sender-relays";
export const transportTable = "transports";

/** Name of the CA certificate's file; `@{authority}` is its path on the host. */
export const authorityFile = "authority";

/** As it stands in relayhost and as key of a policy, letter by letter. Brackets: no MX that a café's resolver could answer. */
export const nextHop = ({ hostname, port }: HubAddress): string => `[${hostname}]:${port}`;

/** A list is read since 3.5, our oldest; what came before it, smtp_fallback_relay, we close (postconf(5), relayhost). */
export const relayhost = (hubs: HubAddress[]): string => hubs.map(nextHop).join(", ");

/** One line for each next hop. With a match for all of them one hub's key would pass for another's. */
export function policyEntries(hubs: Hub[]): Record<string, string> {
    return Object.fromEntries(
        hubs.map((hub) => [
            nextHop(hub),
            ["fingerprint", ...hub.pins.map((pin) => `match=${pin}`)].join(" "),
        ]),
    );
}

export function senderEntries(senders: Record<string, HubAddress>): Record<string, string> {
    return Object.fromEntries(Object.entries(senders).map(([sender, hub]) => [sender, nextHop(hub)]));
}

export function transportEntries(transports: Record<string, HubAddress>): Record<string, string> {
    return Object.fromEntries(Object.entries(transports).map(([to, hub]) => [to, `smtp:${nextHop(hub)}`]));
}

/** The parameters of routes and of what a hub has to show, but for relayhost and the pins of a single hub. */
export function routeMain(security: Security, shape: RouteShape): Record<string, string> {
    return {
        ...verification(security, shape.several),
        ...(shape.senders ? { sender_dependent_relayhost_maps: `@{${senderTable}}` } : {}),
        ...(shape.transports ? { transport_maps: `@{${transportTable}}` } : {}),
    };
}

/** What `smtp_tls_security_level` says for each word of ours. */
export const levelOf: Record<Security, string> = {
    fingerprint: "fingerprint",
    encrypt: "encrypt",
    secure: "secure",
    // Plain `dane` sends in clear where no usable TLSA record is found (postconf(5), smtp_tls_security_level).
    dane: "dane-only",
};

function verification(security: Security, several: boolean): Record<string, string> {
    const level = { smtp_tls_security_level: levelOf[security] };
    switch (security) {
        case Security.Encrypt:
            return level;
        case Security.Dane:
            return { ...level, smtp_dns_support_level: "dnssec" };
        case Security.Secure:
            return {
                ...level,
                smtp_tls_CAfile: `@{${authorityFile}}`,
                // Else whoever the distribution trusts could vouch for the hub as well.
                smtp_tls_CApath: "",
                smtp_tls_trust_anchor_file: "",
                tls_append_default_CA: "no",
                // By the name that is dialled: with several hubs in a list one could show another's certificate.
                smtp_tls_secure_cert_match: "nexthop",
            };
        default:
            return {
                ...level,
                // Written out: the default was md5 up to 3.5, and still is below compatibility_level 3.6 (postconf(5)).
                smtp_tls_fingerprint_digest: "sha256",
                // Empty beside the policies: a next hop without a line of its own is sent nothing.
                smtp_tls_fingerprint_cert_match: "",
                ...(several ? { smtp_tls_policy_maps: `@{${policyTable}}` } : {}),
            };
    }
}
