import type * as pulumi from "@pulumi/pulumi";

/** What a laptop may send as. */
export interface SenderArgs {
    /**
     * The envelope senders that the hub takes from this laptop's key: addresses, and "@domain" for all of a domain
     * (without those below it, unless laptops are served on port 25). Whoever steals the laptop can send as nobody
     * else. It becomes a restriction class, found by `check_ccert_access` (postconf(5), RESTRICTION_CLASS_README).
     * Other senders get 450: their mail waits on the laptop. The null sender, that of bounces, is always taken. It is
     * enforced by the hub, from the grant on; it says nothing about `From:` headers, nor about mail that comes in by
     * name and password without this key. Errors: an empty list; anything but addresses and domains.
     *
     * @default any
     * @example `["alice@example.com", "@lists.example.com"]`
     */
    senders?: pulumi.Input<pulumi.Input<string>[]>;
}
