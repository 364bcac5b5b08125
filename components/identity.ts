/** A laptop as its hub knows it: plain data without any secret, for other stacks too. */
export interface Identity {
    /** Name for people: it stands beside each pin in the hub's table. */
    name: string;
    /** Pins of the laptop's keys: SHA-256 of the public key (SPKI), in hex with colons. All of them relay. */
    pins: string[];
    /** What it may send as: addresses, and "@domain" for all of a domain. Absent: as anybody. */
    senders?: string[];
}
