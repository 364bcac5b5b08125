import { nearestName } from "./nearest";

/** Restrictions of smtpd(8) that stand alone, new and old names: postconf(5), smtpd_*_restrictions. */
const plain = `
    defer defer_if_permit defer_if_reject defer_unauth_destination permit permit_auth_destination
    permit_inet_interfaces permit_mx_backup permit_mynetworks permit_naked_ip_address permit_sasl_authenticated
    permit_tls_all_clientcerts permit_tls_clientcerts reject reject_authenticated_sender_login_mismatch
    reject_invalid_helo_hostname reject_invalid_hostname reject_known_sender_login_mismatch reject_maps_rbl
    reject_multi_recipient_bounce reject_non_fqdn_helo_hostname reject_non_fqdn_hostname reject_non_fqdn_recipient
    reject_non_fqdn_sender reject_plaintext_session reject_sender_login_mismatch reject_unauth_destination
    reject_unauth_pipelining reject_unauthenticated_sender_login_mismatch reject_unknown_address
    reject_unknown_client reject_unknown_client_hostname reject_unknown_forward_client_hostname
    reject_unknown_helo_hostname reject_unknown_hostname reject_unknown_recipient_domain
    reject_unknown_reverse_client_hostname reject_unknown_sender_domain reject_unlisted_recipient
    reject_unlisted_sender reject_unverified_recipient reject_unverified_sender check_relay_domains
    check_recipient_maps warn_if_reject`
    .trim()
    .split(/\s+/);

/** Those that the next word belongs to: a table, a domain, a service, a time. */
export const withArgument =
    /^(check_\w+_access|check_policy_service|reject_rbl_client|reject_rhsbl_\w+|permit_dnswl_client|permit_rhswl_client|sleep)$/;

/** Parameters whose value is such a list. */
export const restrictionList =
    /^smtpd_(client|helo|sender|relay|recipient|data|end_of_data|etrn)_restrictions$/;

/**
 * Words in a list of restrictions that smtpd(8) would not know, as sentences. It starts with them all the same, and
 * then answers each recipient with 451: nothing that looks at a running Postfix sees it before the next mail.
 */
export function unknownRestrictions(value: string, classes: readonly string[]): string[] {
    const words = value.replace(/\{[^{}]*\}/g, " {} ").split(/[\s,]+/);
    return words.filter(Boolean).flatMap((word, index, all) => {
        const name = word.toLowerCase();
        const argument = index > 0 && withArgument.test((all[index - 1] ?? "").toLowerCase());
        // Tables, `$name`, and what an access table may say are left to Postfix.
        if (argument || !/^[A-Za-z_]+$/.test(word) || /^[A-Z]+$/.test(word)) return [];
        if (plain.includes(name) || withArgument.test(name) || classes.includes(word)) return [];
        const meant = nearestName(name, [...plain, ...classes]);
        return [`no restriction of smtpd(8): "${word}"${meant ? `; did you mean ${meant}?` : ""}`];
    });
}
