import type { OutboundSecurity, PublicPort } from "../postfix/words";

/** On which ports the hub serves whom, and how its own mail goes out. */
export interface HubTlsArgs {
    /**
     * One more port for the same laptops, with TLS from the first byte (RFC 8314, 3.3): a line of its own in
     * master.cf, `465 inet ... smtpd` with `smtpd_tls_wrappermode = yes` (postconf(5)). A laptop uses it with
     * `implicitTls: true`, where a network spoils STARTTLS. Errors: no whole number from 1 to 65535; 25; the port of
     * the other service.
     *
     * @default none
     * @example `465`
     */
    implicitTlsPort?: number;
    /**
     * What the hub does with port 25: `mx` takes mail from everybody (`smtpd_tls_security_level = may`), `encrypt` only
     * over TLS (`= encrypt`; never where strange servers send mail to: RFC 3207, 4), `none` comments its line in
     * master.cf out (the distribution's yields, an admin's own needs `takeOver`) until this resource is removed.
     * Errors: given with mode `guest`, to whom port 25 does not belong; `none` with `port: 25`.
     *
     * @default PublicPort.Mx
     * @example `PublicPort.None`
     */
    publicPort?: PublicPort;
    /**
     * How the hub's mail leaves for the world: `smtp_tls_security_level` (postconf(5)). `dane` sets
     * `smtp_dns_support_level = dnssec` too. It needs a resolver that checks DNSSEC: where the host's does not, Postfix
     * sends as with `may` and from 3.6 on says so in its log (postconf(5), dnssec_probe). Errors: given with mode
     * `guest`.
     *
     * @default OutboundSecurity.May
     * @example `OutboundSecurity.Encrypt`
     */
    outboundSecurity?: OutboundSecurity;
    /**
     * The same for single destinations, as a table of `smtp_tls_policy_maps` (postconf(5)): next hop to level and
     * attributes. Errors: a destination or a level that Postfix does not know, an attribute that does not go with the
     * level or the host's version, `fingerprint` without a well-formed `match`; given with mode `guest`.
     *
     * @default none
     * @example `{ "example.org": "secure match=mail.example.org", "[mx.example.net]:587": "encrypt ciphers=high" }`
     */
    outboundPolicy?: { [destination: string]: string };
}
