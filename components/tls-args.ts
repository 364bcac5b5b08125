import type { Ciphers, ProtocolFloor } from "../postfix/words";

/** What hub and laptop say of TLS. */
export interface TlsArgs {
    /**
     * How much of TLS stands in the mail log, from 0 (nothing) to 4 (every byte: for finding faults only). It becomes
     * `smtp_tls_loglevel` and `smtpd_tls_loglevel` (postconf(5)). With 0 on a laptop its own Postfix cannot tell what
     * key it met: the hub's key is then looked at through SSH. Errors: no whole number from 0 to 4.
     *
     * @default 1
     * @example `2`
     */
    tlsLogLevel?: number;
    /**
     * Write protocol, cipher and the client's certificate into the `Received:` line of each message:
     * `smtpd_tls_received_header` (postconf(5)). It is for people; anybody on the way can change it.
     *
     * @default true
     * @example `false`
     */
    receivedHeader?: boolean;
    /**
     * The least version of TLS where TLS is a must: `smtp_tls_mandatory_protocols` and
     * `smtpd_tls_mandatory_protocols` (postconf(5)), as `>=TLSv1.2` or, before Postfix 3.6, as exclusions of all
     * below. TLS 1.3 stays on. Less than TLSv1.2 is warned of (RFC 8996), and the machine's own OpenSSL may refuse it
     * all the same. Port 25 of a public MX is left as Postfix has it: what may come in clear would only come in clear.
     *
     * @default ProtocolFloor.Tls12
     * @example `ProtocolFloor.Tls13`
     */
    protocolFloor?: ProtocolFloor;
    /**
     * Grade of ciphers where TLS is a must: `smtp_tls_mandatory_ciphers` and `smtpd_tls_mandatory_ciphers`
     * (postconf(5)).
     *
     * @default Ciphers.High
     * @example `Ciphers.Medium`
     */
    ciphers?: Ciphers;
}
