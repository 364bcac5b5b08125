import type { ChainEntry, HostSettings, ServiceSettings } from "../settings";
import { PublicPort } from "../words";
import { identityChain } from "./common";
import { type HubTlsRole, hubTlsMain, hubTlsTables } from "./hub-tls";
import { type HubSaslRole, hubSaslOptions, hubSaslTables } from "./sasl";
import { senderClasses, senderLimitOptions, senderLimits } from "./sender-limits";
import { type TlsRole, tlsValues } from "./tls";

/** How much of the hub is ours. */
export const SmartHostMode = {
    /** The hub's TLS in main.cf is ours. */
    Dedicated: "dedicated",
    /** Only a service of our own in master.cf: the admin's certificate, restrictions and users stay as they are. */
    Guest: "guest",
} as const;
export type SmartHostMode = (typeof SmartHostMode)[keyof typeof SmartHostMode];

export interface SmartHostRole {
    mode: SmartHostMode;
    /** Port of the laptops' service. 25 is the hub's public port, shared with other mail. */
    port: number;
    identity: ChainEntry[];
    /** Further main.cf parameters of the user. */
    settings: Record<string, string>;
    tls?: TlsRole;
    hubTls?: HubTlsRole;
    sasl?: HubSaslRole;
}

export function smartHostSettings(role: SmartHostRole): HostSettings {
    const shared = role.port === 25;
    const dedicated = role.mode === SmartHostMode.Dedicated;
    const { implicitTlsPort, publicPort } = role.hubTls ?? {};
    return {
        main: {
            ...(dedicated ? dedicatedMain(role) : {}),
            ...(shared ? sharedPortMain(role) : {}),
            ...role.settings,
        },
        lists: { relay_clientcerts: "", [senderLimits]: "", [senderClasses]: "" },
        services: {
            ...(shared ? {} : { [`${role.port}/inet`]: laptopService(role) }),
            ...(implicitTlsPort ? { [`${implicitTlsPort}/inet`]: laptopService(role, "wrapped") } : {}),
        },
        ...(publicPort === PublicPort.None ? { closed: ["25/inet"] } : {}),
        chains: { [identityChain]: role.identity },
        tables: {
            ...(dedicated ? hubTlsTables(role.hubTls ?? {}) : {}),
            ...(role.sasl ? hubSaslTables(role.sasl) : {}),
        },
    };
}

/** Parameters that the role sets itself, so that the user's `settings` may not. */
export function smartHostOwns(role: Omit<SmartHostRole, "identity" | "settings">): string[] {
    const { main, lists } = smartHostSettings({ ...role, identity: [], settings: {} });
    return [...Object.keys(main), ...Object.keys(lists)];
}

function dedicatedMain(role: SmartHostRole): Record<string, string> {
    const { logLevel, receivedHeader, protocols, ciphers } = tlsValues(role.tls);
    return {
        smtpd_tls_chain_files: `@{${identityChain}}`,
        smtpd_tls_mandatory_protocols: protocols,
        smtpd_tls_mandatory_ciphers: ciphers,
        // Written out: the default was md5 up to 3.5, and still is below compatibility_level 3.6 (postconf(5)).
        smtpd_tls_fingerprint_digest: "sha256",
        smtpd_tls_loglevel: logLevel,
        smtpd_tls_received_header: receivedHeader,
        smtp_tls_mandatory_protocols: protocols,
        smtp_tls_mandatory_ciphers: ciphers,
        smtp_tls_fingerprint_digest: "sha256",
        smtp_tls_loglevel: logLevel,
        ...hubTlsMain(role.hubTls ?? {}),
        ...againstSmuggling,
    };
}

/** A message must not end where only the hub sees an end (CVE-2023-51764, Postfix 3.9 RELEASE_NOTES). */
const againstSmuggling = {
    smtpd_forbid_bare_newline: "normalize",
    smtpd_forbid_unauth_pipelining: "yes",
};

/** Laptops on port 25 beside other mail: never refuse for good what a grant still to come would allow. */
function sharedPortMain({ sasl }: SmartHostRole): Record<string, string> {
    return {
        ...(sasl ? hubSaslOptions(sasl) : {}),
        smtpd_tls_ask_ccert: "yes",
        relay_clientcerts: "$pulumi_relay_clientcerts",
        smtpd_restriction_classes: `$pulumi_${senderClasses}`,
        // What a laptop may send as comes first: in mynetworks its key is no freer. The admin's own restrictions of
        // senders stay as they are.
        smtpd_relay_restrictions: `$pulumi_${senderLimits} permit_mynetworks, permit_sasl_authenticated, permit_tls_clientcerts, defer_unauth_destination`,
    };
}

/**
 * The laptops' own service. Everything it needs is an `-o` of its own: what the admin set for other mail (a DNS
 * blocklist would refuse every hotel) does not reach it, and it stays valid with an old or a new main.cf alike.
 */
function laptopService({ tls, sasl }: SmartHostRole, wrapped?: "wrapped"): ServiceSettings {
    const { logLevel, receivedHeader, protocols, ciphers } = tlsValues(tls);
    return {
        command: "smtpd",
        options: {
            syslog_name: "postfix/laptops",
            smtpd_tls_security_level: "encrypt",
            smtpd_tls_wrappermode: wrapped ? "yes" : "no",
            smtpd_tls_chain_files: `@{${identityChain}}`,
            // Empty, or smtpd(8) warns in each process that chain files win over these.
            smtpd_tls_cert_file: "",
            smtpd_tls_key_file: "",
            smtpd_tls_eccert_file: "",
            smtpd_tls_eckey_file: "",
            smtpd_tls_dcert_file: "",
            smtpd_tls_dkey_file: "",
            smtpd_tls_mandatory_protocols: protocols,
            smtpd_tls_mandatory_ciphers: ciphers,
            smtpd_tls_ask_ccert: "yes",
            // Would demand a certificate that a CA vouches for; ours are pinned (TLS_README).
            smtpd_tls_req_ccert: "no",
            smtpd_tls_fingerprint_digest: "sha256",
            smtpd_tls_loglevel: logLevel,
            smtpd_tls_received_header: receivedHeader,
            relay_clientcerts: "$pulumi_relay_clientcerts",
            ...againstSmuggling,
            // Laptops run Postfix, which ends its lines as RFC 5321 wants it: nobody is left out.
            smtpd_forbid_bare_newline_exclusions: "",
            ...(sasl ? hubSaslOptions(sasl) : { smtpd_sasl_auth_enable: "no" }),
            smtpd_client_restrictions: "",
            smtpd_helo_restrictions: "",
            ...senderLimitOptions,
            smtpd_recipient_restrictions: "",
            smtpd_data_restrictions: "",
            smtpd_end_of_data_restrictions: "",
            // Plain `defer`: a stranger gets 450 for any address, a laptop whose grant is on its way keeps its mail.
            smtpd_relay_restrictions: sasl
                ? "permit_tls_clientcerts,permit_sasl_authenticated,defer"
                : "permit_tls_clientcerts,defer",
        },
    };
}
