/**
 * The Postfix parameters that we set or forbid, and what a version must know about them: since which version
 * each exists, what is written where it does not, and which change needs more than a reload.
 *
 * A new parameter goes here first; a role (`roles/`) then gives it a value.
 */
export interface Parameter {
    /** First version that knows it, as in RELEASE_NOTES. */
    since: string;
    /** Patches of older minor releases from which on they know it too. */
    backports?: readonly string[];
    /**
     * What an older version does without it: `omit` where nothing is lost (the older version behaves so
     * already), `refuse` where leaving it out would weaken the host, `warn` where it does good and is no promise.
     */
    missing: "omit" | "refuse" | "warn";
    /** What is so without it, for the warning. */
    without?: string;
    /** Filled by several owners together; the host reads `$pulumi_<name>`. */
    list?: true;
    /** How the value is spelt: a protocol list has two spellings. */
    value?: "protocols" | "pins" | "chain";
    /** Words for a value that are read since a version, and what those before read instead. */
    words?: { since: string; backports: readonly string[]; older: Record<string, string> };
}

const any: Parameter = { since: "2.3", missing: "refuse" };

const smuggling = "a client can hide a message with another sender inside its own (SMTP smuggling)";

export const parameters: Record<string, Parameter> = {
    // Where a machine's mail goes and who may hand it in.
    relayhost: any,
    sender_dependent_relayhost_maps: any,
    transport_maps: any,
    inet_interfaces: any,
    inet_protocols: any,
    proxy_interfaces: any,
    mydestination: any,
    mynetworks: any,
    relay_clientcerts: { since: "2.3", missing: "refuse", list: true },
    smtpd_restriction_classes: { since: "2.3", missing: "refuse", list: true },
    // Lists of our own: what checks the laptops' senders, and the classes of restrictions in it.
    laptop_sender_limits: { since: "2.3", missing: "refuse", list: true },
    laptop_sender_classes: { since: "2.3", missing: "refuse", list: true },
    smtpd_relay_restrictions: { since: "2.10", missing: "refuse" },
    maximal_queue_lifetime: any,
    bounce_queue_lifetime: any,
    delay_warning_time: any,
    myorigin: any,
    virtual_alias_maps: any,
    virtual_alias_domains: any,
    smtp_generic_maps: any,

    // Outbound TLS, smtp(8).
    smtp_tls_security_level: any,
    smtp_tls_mandatory_protocols: { since: "2.5", missing: "refuse", value: "protocols" },
    smtp_tls_protocols: { since: "2.6", missing: "refuse", value: "protocols" },
    smtp_tls_mandatory_ciphers: any,
    smtp_tls_fingerprint_digest: { since: "2.5", missing: "refuse" },
    smtp_tls_fingerprint_cert_match: { since: "2.5", missing: "refuse", value: "pins" },
    smtp_tls_chain_files: { since: "3.4", missing: "refuse", value: "chain" },
    smtp_tls_policy_maps: any,
    smtp_tls_CAfile: any,
    smtp_tls_CApath: any,
    smtp_tls_trust_anchor_file: { since: "2.11", missing: "refuse" },
    smtp_tls_secure_cert_match: any,
    // Before, it was always on.
    tls_append_default_CA: { since: "2.8", missing: "refuse" },
    smtp_dns_support_level: { since: "2.11", missing: "refuse" },
    smtp_tls_loglevel: any,
    smtp_tls_wrappermode: { since: "3.0", missing: "refuse" },
    // Since 3.10 a `TLS-Required: no` header in a message switches the pin off (RFC 8689; postconf(5)).
    tls_required_enable: { since: "3.10", missing: "omit" },

    // Inbound TLS, smtpd(8).
    smtpd_tls_security_level: any,
    smtpd_tls_mandatory_protocols: { since: "2.5", missing: "refuse", value: "protocols" },
    smtpd_tls_protocols: { since: "2.6", missing: "refuse", value: "protocols" },
    smtpd_tls_mandatory_ciphers: any,
    smtpd_tls_fingerprint_digest: { since: "2.5", missing: "refuse" },
    smtpd_tls_chain_files: { since: "3.4", missing: "refuse", value: "chain" },
    smtpd_tls_CAfile: any,
    smtpd_tls_ask_ccert: any,
    smtpd_tls_loglevel: any,
    smtpd_tls_received_header: any,

    // SMTP smuggling, CVE-2023-51764: a second message hidden in the text of the first. Versions as in postconf(5).
    smtpd_forbid_bare_newline: {
        since: "3.9",
        backports: ["3.5.23", "3.6.13", "3.7.9", "3.8.4"],
        missing: "warn",
        without: smuggling,
        // A switch before it took words: there `yes` refuses what `normalize` mends.
        words: {
            since: "3.9",
            backports: ["3.5.24", "3.6.14", "3.7.10", "3.8.5"],
            older: { normalize: "yes" },
        },
    },
    smtpd_forbid_bare_newline_exclusions: {
        since: "3.9",
        backports: ["3.5.23", "3.6.13", "3.7.9", "3.8.4"],
        missing: "omit",
    },
    smtpd_forbid_unauth_pipelining: {
        since: "3.9",
        backports: ["3.5.20", "3.6.10", "3.7.6", "3.8.1"],
        missing: "warn",
        without: smuggling,
    },
};

/**
 * Settings that would fight with one of ours though their name differs, and so must yield with it: smtpd(8) warns
 * in each process when `smtpd_tls_chain_files` and one of the older names are both set (postconf(5)).
 */
export const legacyPartners: Record<string, string[]> = {
    smtpd_tls_chain_files: [
        "cert_file",
        "key_file",
        "eccert_file",
        "eckey_file",
        "dcert_file",
        "dkey_file",
    ].map((name) => `smtpd_tls_${name}`),
    smtp_tls_chain_files: [
        "cert_file",
        "key_file",
        "eccert_file",
        "eckey_file",
        "dcert_file",
        "dkey_file",
    ].map((name) => `smtp_tls_${name}`),
};

/**
 * Parameters that count from the next start on: master(8) keeps them over a reload, says that it ignores the change,
 * or holds a lock where they point (test/e2e/reload-restart.test.ts). A change of anything else is taken by a reload.
 */
export const restartParameters = new Set([
    "inet_interfaces",
    "inet_protocols",
    "maillog_file",
    "queue_directory",
    "data_directory",
    "import_environment",
    "mail_owner",
    "setgid_group",
    "multi_instance_directories",
    "multi_instance_enable",
]);
