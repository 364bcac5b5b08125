/**
 * What a service of smtpd(8) may say of relaying, and what a stranger makes of it: each outcome is asserted of the judge, and
 * heard from the real Postfix of every release.
 */
interface RelayList {
    title: string;
    outcome: "open" | "closed" | "broken";
    /** Beside what is built in and the distribution's main.cf. */
    options: Record<string, string>;
    /** As whom the stranger comes, if that counts. */
    sender?: string;
}

export const relayLists: RelayList[] = [
    { title: "the distribution's own", outcome: "closed", options: {} },
    { title: "a reject", outcome: "closed", options: { smtpd_relay_restrictions: "reject" } },
    {
        title: "a plain defer",
        outcome: "closed",
        options: { smtpd_relay_restrictions: "permit_mynetworks, defer" },
    },
    {
        title: "a permit",
        outcome: "broken",
        options: { smtpd_relay_restrictions: "permit, reject_unauth_destination" },
    },
    {
        title: "a permit behind the refusal",
        outcome: "closed",
        options: { smtpd_relay_restrictions: "reject_unauth_destination, permit" },
    },
    {
        title: "nothing that refuses",
        outcome: "broken",
        options: { smtpd_relay_restrictions: "permit_mynetworks permit_sasl_authenticated" },
    },
    { title: "nothing at all", outcome: "broken", options: { smtpd_relay_restrictions: "" } },
    {
        title: "an old list for recipients only",
        outcome: "closed",
        options: {
            smtpd_relay_restrictions: "",
            smtpd_recipient_restrictions: "permit_mynetworks reject_unauth_destination",
        },
    },
    {
        title: "an old list that lets everybody in",
        outcome: "broken",
        options: {
            smtpd_relay_restrictions: "",
            smtpd_recipient_restrictions: "permit, reject_unauth_destination",
        },
    },
    {
        title: "a refusal of recipients behind a permit",
        outcome: "closed",
        options: {
            smtpd_relay_restrictions: "permit, reject_unauth_destination",
            smtpd_recipient_restrictions: "reject",
        },
    },
    {
        title: "a refusal of clients behind a permit",
        outcome: "broken",
        options: {
            smtpd_relay_restrictions: "permit, reject_unauth_destination",
            smtpd_client_restrictions: "permit_mynetworks, reject",
        },
    },
    {
        title: "a refusal of senders behind a permit",
        outcome: "broken",
        options: {
            smtpd_relay_restrictions: "permit, reject_unauth_destination",
            smtpd_sender_restrictions: "defer",
        },
    },
    {
        title: "a refusal that only warns",
        outcome: "broken",
        options: { smtpd_relay_restrictions: "warn_if_reject reject_unauth_destination, permit" },
    },
    {
        title: "a refusal if it would be permitted",
        outcome: "closed",
        options: { smtpd_relay_restrictions: "defer_if_permit, permit" },
    },
    {
        title: "networks as wide as the world",
        outcome: "open",
        options: {
            smtpd_relay_restrictions: "permit_mynetworks, reject_unauth_destination",
            mynetworks: "127.0.0.0/8 0.0.0.0/0",
        },
    },
    {
        title: "half of the world",
        outcome: "open",
        options: {
            smtpd_relay_restrictions: "permit_mynetworks, reject_unauth_destination",
            mynetworks: "0.0.0.0/1",
        },
    },
    {
        title: "networks of IPv6 that are nobody's in the world",
        outcome: "closed",
        options: {
            smtpd_relay_restrictions: "permit_mynetworks, reject_unauth_destination",
            mynetworks: "127.0.0.0/8 [fe80::]/10 [fc00::]/7",
        },
    },
    {
        title: "a table of all networks",
        outcome: "open",
        options: {
            smtpd_relay_restrictions: "permit_mynetworks, reject_unauth_destination",
            mynetworks: "static:all",
        },
    },
    {
        title: "networks by another name",
        outcome: "open",
        options: {
            smtpd_relay_restrictions: "permit_mynetworks, reject_unauth_destination",
            mynetworks: "$debug_peer_list",
            debug_peer_list: "0.0.0.0/0",
        },
    },
    {
        title: "a list by another name",
        outcome: "broken",
        options: {
            smtpd_relay_restrictions: "$smtpd_etrn_restrictions",
            smtpd_etrn_restrictions: "permit, reject_unauth_destination",
        },
    },
    {
        title: "a list by another name that refuses",
        outcome: "closed",
        options: {
            smtpd_relay_restrictions: "$smtpd_etrn_restrictions $smtpd_etrn_restrictions reject",
            smtpd_etrn_restrictions: "reject_unauth_destination",
        },
    },
    {
        title: "a condition that holds",
        outcome: "broken",
        options: { smtpd_relay_restrictions: "${mynetworks?permit,} reject" },
    },
    {
        title: "a condition that does not",
        outcome: "closed",
        options: { smtpd_relay_restrictions: "${content_filter?permit,} reject" },
    },
    {
        title: "a class that lets everybody in",
        outcome: "open",
        options: {
            smtpd_relay_restrictions: "mine, reject_unauth_destination",
            smtpd_restriction_classes: "mine",
            mine: "permit",
        },
    },
    {
        title: "a class that refuses",
        outcome: "closed",
        options: {
            smtpd_relay_restrictions: "mine, permit, reject_unauth_destination",
            smtpd_restriction_classes: "mine",
            mine: "reject",
        },
    },
    {
        title: "a class that says nothing",
        outcome: "closed",
        options: {
            smtpd_relay_restrictions: "mine, reject_unauth_destination",
            smtpd_restriction_classes: "mine",
            mine: "permit_sasl_authenticated",
        },
    },
    {
        title: "a table that lets everybody in",
        outcome: "open",
        options: { smtpd_relay_restrictions: "check_client_access static:OK, reject_unauth_destination" },
    },
    {
        title: "a table that lets nobody in",
        outcome: "broken",
        options: {
            smtpd_relay_restrictions: "check_client_access static:REJECT, permit, reject_unauth_destination",
        },
    },
    {
        title: "a table of who says the right word",
        outcome: "open",
        options: {
            smtpd_relay_restrictions:
                "check_sender_access inline:{friend@example.org=OK}, reject_unauth_destination",
        },
        sender: "friend@example.org",
    },
    {
        title: "a table of who says the right greeting",
        outcome: "open",
        options: {
            smtpd_relay_restrictions:
                "check_helo_access inline:{stranger.example.org=OK}, reject_unauth_destination",
        },
    },
    {
        title: "a table of another's address",
        outcome: "closed",
        options: {
            smtpd_relay_restrictions:
                "check_client_access inline:{ {198.51.100.7=OK}, {friend.example.org=OK} }, reject_unauth_destination",
        },
    },
    {
        title: "a table of who is refused",
        outcome: "closed",
        options: {
            smtpd_relay_restrictions:
                "check_sender_access inline:{friend@example.org=REJECT}, reject_unauth_destination",
        },
        sender: "friend@example.org",
    },
    {
        title: "a permit for whom the other list still asks",
        outcome: "closed",
        options: {
            smtpd_relay_restrictions: "permit",
            smtpd_recipient_restrictions: "permit_mynetworks, reject_unauth_destination",
        },
    },
    {
        title: "a permit beside a list that refuses others",
        outcome: "open",
        options: {
            smtpd_relay_restrictions: "permit",
            smtpd_recipient_restrictions:
                "check_helo_access inline:{stranger.example.org=OK}, reject_unauth_destination",
        },
    },
    {
        title: "a class that refuses before a permit",
        outcome: "closed",
        options: {
            smtpd_relay_restrictions: "mine, permit",
            smtpd_restriction_classes: "mine",
            mine: "warn_if_reject reject, permit_mynetworks, reject",
        },
    },
    {
        title: "what is its own is permitted, nothing else",
        outcome: "closed",
        options: { smtpd_relay_restrictions: "permit_auth_destination, reject" },
    },
    {
        title: "clients with certificates and passwords",
        outcome: "closed",
        options: {
            smtpd_relay_restrictions:
                "permit_tls_clientcerts, permit_sasl_authenticated, reject_unauth_destination",
        },
    },
    {
        title: "blocklists before the refusal",
        outcome: "closed",
        options: {
            smtpd_relay_restrictions:
                "reject_non_fqdn_recipient, reject_unknown_recipient_domain, reject_unauth_destination",
        },
    },
];
