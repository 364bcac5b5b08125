/** What a laptop must know of its hub: plain data without any secret, for other stacks too. */
export interface SmartHostLink {
    /** Form of this record. A laptop refuses one that it does not know. */
    version: number;
    /** Name under which laptops dial the hub. */
    hostname: string;
    /** TCP port of the laptops' service. */
    port: number;
    /** TCP port of the same service with TLS from the first byte, where the hub has one. */
    implicitTlsPort?: number;
    /** Pins of the hub's keys, the next one included: SHA-256 of the public key (SPKI), in hex with colons. */
    pins: string[];
    /** Digest of the pins: "sha256". */
    digest: string;
    /** Certificates in PEM of the CA that vouches for the hub's name, if there is one. */
    certificateAuthority?: string;
}
