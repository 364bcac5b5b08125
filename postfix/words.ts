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

/** Over which protocols Postfix talks: the words of `inet_protocols` (postconf(5)). */
export const InetProtocols = {
    /** Over IPv4 and IPv6. */
    All: "all",
    Ipv4: "ipv4",
    Ipv6: "ipv6",
} as const;
export type InetProtocols = (typeof InetProtocols)[keyof typeof InetProtocols];
