import type { HostSettings } from "../settings";
import type { SaslType } from "../words";

/** Names and passwords beside the laptops' keys. */
export interface HubSaslRole {
    type: SaslType;
    path?: string;
    /** Password by name, for a database of our own. */
    users?: Record<string, string>;
}

/** Name of the table in `tables`. */
export const usersTable = "sasl-users";
export const passwordTable = "sasl-password";

/** Where Dovecot's socket is by convention: below the queue directory, so that a chrooted smtpd(8) sees it too (SASL_README). */
const defaultPaths: Record<SaslType, string> = { dovecot: "private/auth", cyrus: "smtpd" };

/** Parameters of smtpd(8), for main.cf and for `-o` alike. */
export function hubSaslOptions(role: HubSaslRole): Record<string, string> {
    const { type, path = defaultPaths[type], users } = role;
    return {
        smtpd_sasl_auth_enable: "yes",
        smtpd_sasl_type: type,
        ...(users ? ownUsers : { smtpd_sasl_path: path }),
        smtpd_sasl_security_options: "noanonymous",
        smtpd_sasl_tls_security_options: "noanonymous",
        smtpd_tls_auth_only: "yes",
    };
}

/** What a name without "@" belongs to in our database; written out, so that it stays when the host's name changes. */
const saslRealm = "laptops";

const ownUsers = {
    // From one folder to another beside it: up to its 12 Debian's Postfix looks into sasl/ alone, whatever it is told.
    smtpd_sasl_path: `@{${usersTable}}`,
    cyrus_sasl_config_path: "$config_directory/pulumi-sasl",
    smtpd_sasl_local_domain: saslRealm,
};

export function hubSaslTables({ users }: HubSaslRole): HostSettings["tables"] {
    return users ? { [usersTable]: { type: "sasldb", entries: users } } : {};
}

/** What a laptop with a password sets: it is sent to a hub that has shown who it is, and to nobody else. */
export const laptopSaslMain = {
    smtp_sasl_auth_enable: "yes",
    smtp_sasl_password_maps: `@{${passwordTable}}`,
    smtp_sasl_security_options: "noplaintext, noanonymous",
    smtp_sasl_tls_security_options: "noplaintext, noanonymous",
    smtp_sasl_tls_verified_security_options: "noanonymous",
};

/** The key is the next hop as relayhost has it: of another spelling smtp(8) would find no password (postconf(5)). */
export function laptopSaslEntries(
    nextHop: string,
    username: string,
    password: string,
): Record<string, string> {
    return { [nextHop]: `${username}:${password}` };
}
