/** What becomes of a change while its machine cannot be reached. */
export const OnUnreachable = {
    /** The run fails. */
    Fail: "fail",
    /** The change waits for a later run, with a warning: for laptops, which sleep. */
    Pending: "pending",
} as const;
export type OnUnreachable = (typeof OnUnreachable)[keyof typeof OnUnreachable];

/** What becomes of mail in a machine's queue when our configuration leaves it: unpinned, it could go anywhere. */
export const OnDelete = {
    /** Leave everything as it is, and say so, if mail is waiting. */
    Stop: "stop",
    /** Send what is waiting first; whatever does not leave stops the removal. */
    Flush: "flush",
    /** Put what is waiting on hold (postsuper(1) -h): it stays until somebody releases it. */
    Hold: "hold",
    /** Let it go the way the machine's former configuration sends it. */
    Release: "release",
} as const;
export type OnDelete = (typeof OnDelete)[keyof typeof OnDelete];

/** Which keys a machine gets. */
export const KeyAlgorithm = {
    /** ECDSA on curve P-256: small and quick, known to every Postfix with TLS 1.2. */
    EcdsaP256: "ecdsa-p256",
    /** RSA with 3072 bits: for a peer that knows no ECDSA. */
    Rsa3072: "rsa-3072",
    /** One of each; the peer chooses. */
    Both: "both",
} as const;
export type KeyAlgorithm = (typeof KeyAlgorithm)[keyof typeof KeyAlgorithm];

/** How a laptop makes sure that it talks to its hub before it sends anything. */
export const Security = {
    /** By the hub's pinned key: neither a CA nor a resolver takes part. */
    Fingerprint: "fingerprint",
    /** Encrypted to whoever answers: safe from listeners, open to an active attacker. */
    Encrypt: "encrypt",
    /** By a certificate in the hub's name, signed by the one CA that you give. */
    Secure: "secure",
    /** By the key that the hub's TLSA record names, told by a resolver that checks DNSSEC (RFC 7672). */
    Dane: "dane",
} as const;
export type Security = (typeof Security)[keyof typeof Security];
/** The least version of TLS on a connection that must be encrypted. */
export const ProtocolFloor = {
    /** TLS 1.0, long broken: for a peer that cannot be renewed. */
    Tls10: "TLSv1",
    /** TLS 1.1, likewise. */
    Tls11: "TLSv1.1",
    /** TLS 1.2 (RFC 5246); RFC 8996 puts an end to all below. */
    Tls12: "TLSv1.2",
    /** TLS 1.3 alone (RFC 8446): both sides need an OpenSSL of 1.1.1 or later. */
    Tls13: "TLSv1.3",
} as const;
export type ProtocolFloor = (typeof ProtocolFloor)[keyof typeof ProtocolFloor];

/** How strong the ciphers of a connection must be that must be encrypted. */
export const Ciphers = {
    /** Whatever is good enough for today's mail: `tls_medium_cipherlist`. */
    Medium: "medium",
    /** `tls_high_cipherlist`. */
    High: "high",
} as const;
export type Ciphers = (typeof Ciphers)[keyof typeof Ciphers];

/** What the hub does with its port 25. */
export const PublicPort = {
    /** Takes mail from everybody, in clear too: a public MX may not insist on TLS (RFC 3207, 4). */
    Mx: "mx",
    /** Takes mail over TLS only: for a hub that no strange server sends mail to. */
    Encrypt: "encrypt",
    /** Closed: the hub serves laptops and nobody else. */
    None: "none",
} as const;
export type PublicPort = (typeof PublicPort)[keyof typeof PublicPort];

/** How safe the way from the hub to the rest of the world must be. */
export const OutboundSecurity = {
    /** In clear. */
    None: "none",
    /** Over TLS where the other side offers it. */
    May: "may",
    /** Over TLS, to whoever answers, or not at all: most of the world can be reached so, and not all of it. */
    Encrypt: "encrypt",
    /** To the keys that the other side has published by DNSSEC (RFC 7672), else as `may`. */
    Dane: "dane",
} as const;
export type OutboundSecurity = (typeof OutboundSecurity)[keyof typeof OutboundSecurity];

/** Who says whether a name and its password are right. */
export const SaslType = {
    /** Dovecot on the same hub, through its socket. */
    Dovecot: "dovecot",
    /** The Cyrus SASL library. */
    Cyrus: "cyrus",
} as const;
export type SaslType = (typeof SaslType)[keyof typeof SaslType];

/** Over which protocols Postfix talks: the words of `inet_protocols` (postconf(5)). */
export const InetProtocols = {
    /** Over IPv4 and IPv6. */
    All: "all",
    /** Over IPv4 alone. */
    Ipv4: "ipv4",
    /** Over IPv6 alone. */
    Ipv6: "ipv6",
} as const;
export type InetProtocols = (typeof InetProtocols)[keyof typeof InetProtocols];
