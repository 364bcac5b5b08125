/**
 * The Postfix parameters that we set or forbid, and what a version must know about them: since which version
 * each exists, what is written where it does not, and which change needs more than a reload.
 *
 * A new parameter goes here first; a role (`roles/`) then gives it a value.
 */
export interface Parameter {
    /** First version that knows it, as in RELEASE_NOTES. */
    since: string;
    /**
     * What an older version does without it: `omit` where nothing is lost (the older version behaves so
     * already), `refuse` where leaving it out would weaken the host.
     */
    missing: "omit" | "refuse";
    /** Filled by several owners together; the host reads `$pulumi_<name>`. */
    list?: true;
    /** How the value is spelt: a protocol list has two spellings. */
    value?: "protocols" | "pins" | "chain";
}

const any: Parameter = { since: "2.3", missing: "refuse" };

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
    smtpd_relay_restrictions: { since: "2.10", missing: "refuse" },
    maximal_queue_lifetime: any,
    bounce_queue_lifetime: any,

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
