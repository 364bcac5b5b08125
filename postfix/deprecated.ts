import type { ProblemSink } from "./problems";
import { restrictionList } from "./restrictions";
import { atLeast, parseVersion } from "./version";

/** A name that Postfix still reads, or read once, and its successor. */
interface Outdated {
    /** First version whose manual or postconf(1) calls it obsolete: DEPRECATION_README, postconf(5). */
    since: string;
    /** First version without it. */
    removed?: string;
    /** What does the same today; absent where the default is right. */
    instead?: string;
}

const level = (daemon: string, since: string): Outdated => ({
    since,
    instead: `${daemon}_tls_security_level`,
});

/** What postconf(1) of 3.9 and 3.11 warns of; older releases keep silent about the same names. */
const parameters: Record<string, Outdated> = {
    smtp_use_tls: level("smtp", "2.3"),
    smtpd_use_tls: level("smtpd", "2.3"),
    lmtp_use_tls: level("lmtp", "2.3"),
    postscreen_use_tls: level("postscreen", "2.8"),
    tlsproxy_use_tls: level("tlsproxy", "2.8"),
    smtp_enforce_tls: level("smtp", "2.3"),
    smtpd_enforce_tls: level("smtpd", "2.3"),
    lmtp_enforce_tls: level("lmtp", "2.3"),
    postscreen_enforce_tls: level("postscreen", "2.8"),
    tlsproxy_enforce_tls: level("tlsproxy", "2.8"),
    tlsproxy_client_use_tls: { since: "3.9", instead: "tlsproxy_client_security_level" },
    tlsproxy_client_enforce_tls: { since: "3.9", instead: "tlsproxy_client_security_level" },
    tlsproxy_client_level: { since: "3.11", instead: "tlsproxy_client_security_level" },
    smtp_tls_per_site: { since: "2.3", instead: "smtp_tls_policy_maps" },
    lmtp_tls_per_site: { since: "2.3", instead: "lmtp_tls_policy_maps" },
    tlsproxy_client_per_site: { since: "3.9", instead: "tlsproxy_client_policy_maps" },
    tlsproxy_client_policy: { since: "3.11", instead: "tlsproxy_client_policy_maps" },
    smtp_tls_enforce_peername: level("smtp", "2.3"),
    lmtp_tls_enforce_peername: level("lmtp", "2.3"),
    smtpd_tls_dh1024_param_file: { since: "3.9" },
    // Read by nothing from 3.6 on; smtpd_tls_dh512_param_file neither.
    smtpd_tls_eecdh_grade: { since: "3.6" },
    smtpd_tls_dh512_param_file: { since: "3.6" },
    smtp_cname_overrides_servername: { since: "3.11" },
    lmtp_cname_overrides_servername: { since: "3.11" },
    disable_dns_lookups: { since: "2.11", instead: "smtp_dns_support_level" },
    fallback_relay: { since: "2.3", instead: "smtp_fallback_relay" },
    virtual_maps: { since: "2.0", instead: "virtual_alias_maps" },
    authorized_verp_clients: { since: "3.11", instead: "smtpd_authorized_verp_clients" },
    smtpd_client_connection_limit_exceptions: {
        since: "2.2",
        instead: "smtpd_client_event_limit_exceptions",
    },
    smtp_per_record_deadline: { since: "3.7", instead: "smtp_per_request_deadline" },
    lmtp_per_record_deadline: { since: "3.7", instead: "lmtp_per_request_deadline" },
    smtpd_per_record_deadline: { since: "3.7", instead: "smtpd_per_request_deadline" },
    postscreen_blacklist_action: { since: "3.6", instead: "postscreen_denylist_action" },
    postscreen_whitelist_interfaces: { since: "3.6", instead: "postscreen_allowlist_interfaces" },
    postscreen_dnsbl_whitelist_threshold: { since: "3.6", instead: "postscreen_dnsbl_allowlist_threshold" },
    postscreen_dnsbl_ttl: { since: "3.1", instead: "postscreen_dnsbl_max_ttl" },
    permit_mx_backup_networks: { since: "3.9", instead: "relay_domains" },
};

/** Words in the lists of restrictions: RELEASE_NOTES of 3.9. */
const restrictions: Record<string, Outdated> = {
    permit_mx_backup: { since: "3.9", instead: "relay_domains" },
    permit_naked_ip_address: { since: "2.3", removed: "3.9", instead: "permit_mynetworks" },
    reject_maps_rbl: { since: "2.3", removed: "3.9", instead: "reject_rbl_client" },
    check_relay_domains: { since: "2.3", removed: "3.9", instead: "reject_unauth_destination" },
};

/** Sentences about what is outdated in one setting on this version; nothing of the value but its words is repeated. */
export function deprecations(name: string, value: string, version: string): string[] {
    const known = parseVersion(version);
    if (!known) return [];
    const words = restrictionList.test(name) ? wordsOf(value) : [];
    const found: [string, Outdated | undefined][] = [
        [name, own(parameters, name)],
        ...words.map((word): [string, Outdated | undefined] => [word, own(restrictions, word)]),
    ];
    return found.flatMap(([outdated, about]) => {
        if (!about || !atLeast(known, about.since) || isRemoved(about, version)) return [];
        return [`${outdated} is deprecated since Postfix ${about.since}: ${remedy(about)}`];
    });
}

/** Restrictions that this version has no more: each recipient would be answered with 451. */
export function removedRestrictions(name: string, value: string, version: string, at: ProblemSink): void {
    if (!restrictionList.test(name)) return;
    for (const word of wordsOf(value)) {
        const about = own(restrictions, word);
        if (about && isRemoved(about, version))
            at.add("", `"${word}" is gone since Postfix ${about.removed}: ${remedy(about)}`);
    }
}

const own = (table: Record<string, Outdated>, name: string): Outdated | undefined =>
    Object.hasOwn(table, name) ? table[name] : undefined;

const wordsOf = (value: string): string[] => [...new Set(value.toLowerCase().split(/[\s,{}]+/))];

function isRemoved({ removed }: Outdated, version: string): boolean {
    const known = parseVersion(version);
    return removed !== undefined && known !== undefined && atLeast(known, removed);
}

const remedy = ({ instead }: Outdated): string =>
    instead === undefined ? "leave it out, the default is right" : `use ${instead} instead`;
