import type * as pulumi from "@pulumi/pulumi";
import type { Security } from "../postfix/words";
import type { SmartHostLink } from "./link";

/** Where a laptop's mail goes, and what a hub has to show before it gets any. */
export interface RouteArgs {
    /**
     * What the hubs have to show, for all mail of this laptop (smtp_tls_security_level, postconf(5)). `fingerprint`: a
     * pinned key. `encrypt`: nothing; the mail is safe from listeners, but whoever stands between can pass for the hub
     * and read and change it, and every run warns. `secure`: a certificate in the hub's name by the CA of
     * `certificateAuthority` and by no other. `dane`: the key of the hub's TLSA record, written as `dane-only` since
     * plain `dane` sends in clear where it finds none; it is as good as the laptop's resolver, which must check DNSSEC
     * on the laptop itself (TLS_README, RFC 7672). Nothing weaker than `encrypt` exists here. A change to something
     * weaker looks at the queue first: what waits because a hub was not proven stays, unless `onDelete` says otherwise.
     *
     * @default Security.Fingerprint
     * @example `Security.Secure`
     */
    security?: Security;
    /**
     * Certificate of the CA that vouches for the hubs at security `secure`, in PEM; several one after the other are
     * trusted alike, each for every hub. It becomes smtp_tls_CAfile (postconf(5)), and the distribution's own CAs are
     * left out. Errors: no PEM, a private key, another security.
     *
     * @default what the hubs' links name
     * @example `fs.readFileSync("ca.pem", "utf8")`
     */
    certificateAuthority?: pulumi.Input<string>;
    /**
     * Further hubs, in the order in which they are tried when the one before is out of reach or cannot be proven:
     * `relayhost = [first]:587, [second]:587` (postconf(5)). Each has a policy line of its own with its own pins
     * (smtp_tls_policy_maps), so that no hub's key passes for another's. Errors: as for `smartHost`; a hub that stands
     * there twice.
     *
     * @default none
     * @example `[second.link]`
     */
    fallbackSmartHosts?: pulumi.Input<pulumi.Input<SmartHostLink>[]>;
    /**
     * Hubs for what certain senders write, before all others (sender_dependent_relayhost_maps, postconf(5)): by
     * address or `@domain`. Errors: another key; as for `smartHost`.
     *
     * @default none
     * @example `{ "@work.example": work.link }`
     */
    senderRelays?: { [sender: string]: pulumi.Input<SmartHostLink> };
    /**
     * Hubs for certain destinations, before the sender's and all others (transport_maps, transport(5)): by address,
     * `domain`, or `.domain` for all below it. Errors: another key; as for `smartHost`.
     *
     * @default none
     * @example `{ "work.example": work.link, ".work.example": work.link }`
     */
    transports?: { [destination: string]: pulumi.Input<SmartHostLink> };
}
