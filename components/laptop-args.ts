import type * as pulumi from "@pulumi/pulumi";

/** What a laptop does with its own mail: what comes from its programs, and what waits. */
export interface LaptopMailArgs {
    /**
     * How long mail may wait before it is returned to its sender: a whole number with a unit of Postfix, `s`, `m`,
     * `h`, `d` or `w`, up to `100d`. Becomes `maximal_queue_lifetime` and `bounce_queue_lifetime` (postconf(5)), whose
     * default of five days ends in a bounce when a laptop is away for a week.
     *
     * @default "14d"
     * @example `"30d"`
     */
    queueLifetime?: pulumi.Input<string>;
    /**
     * After which time the sender is told that a mail still waits, written like `queueLifetime` and shorter than it;
     * `"0h"` for never. Becomes `delay_warning_time` (postconf(5)). The note goes to the hub too, so a sender gets it
     * where the hub takes the laptop's mail but not this one; while the hub is out of reach it waits with the mail.
     *
     * @default "1d"
     * @example `"0h"`
     */
    delayWarningTime?: pulumi.Input<string>;
    /**
     * On which of its addresses the laptop accepts mail: `"loopback-only"`, `"all"`, or addresses. Whatever it is, only
     * mail from the laptop itself is relayed: `mynetworks` stays the loopback. Becomes `inet_interfaces` (postconf(5)).
     *
     * @default "loopback-only"
     * @example `"127.0.0.1"`
     */
    inetInterfaces?: pulumi.Input<string>;
    /**
     * Domains whose mail the laptop delivers to its own users instead of sending it to the hub. Becomes `mydestination`
     * (postconf(5)).
     *
     * @default none: all mail goes to the hub (STANDARD_CONFIGURATION_README, null client)
     * @example `["$myhostname", "localhost"]`
     */
    mydestination?: pulumi.Input<pulumi.Input<string>[]>;
    /**
     * Domain that is put behind an address without one, as programs of the laptop use them: cron(8) writes to `root`.
     * A domain, a parameter such as `$mydomain`, or the path of a file with the domain. Becomes `myorigin`
     * (postconf(5)).
     *
     * @default what the machine has
     * @example `"example.com"`
     */
    myorigin?: pulumi.Input<string>;
    /**
     * Address that gets the mail for root and for the system's accounts (`daemon`, `www-data`, ...), such as that of
     * cron(8), and for the laptop's own postmaster. Becomes a table of `virtual_alias_maps` (virtual(5)), since without
     * local delivery nobody reads aliases(5); it is sent by the hub like all mail.
     *
     * @default none: such mail goes to the hub as `root@` the laptop's name
     * @example `"admin@example.com"`
     */
    rootMail?: pulumi.Input<string>;
    /**
     * What becomes of the laptop's local addresses, which nobody else could answer, when mail leaves it: in sender,
     * recipients and headers. Keys as in generic(5): `"alice"` at each name of the laptop, `"alice@laptop.localdomain"`,
     * or `"@laptop.localdomain"` for everybody there; values are an address, or `"@example.com"` to exchange the domain
     * alone. Becomes `smtp_generic_maps` (postconf(5)).
     *
     * @default none
     * @example `{ alice: "alice.cooper@example.com", "@laptop.localdomain": "@example.com" }`
     */
    genericAddresses?: { [local: string]: pulumi.Input<string> };
    /**
     * Whether smtp(8) runs in Postfix's chroot (master(5)). There it asks the name servers that stood in the copy of
     * /etc/resolv.conf when Postfix was started, which are wrong in the next network. Set by lines of ours for
     * `smtp/unix` and `relay/unix` in master.cf; a line of the machine's admin for one of them stays unless this is
     * given, and then yields only to `takeOver`. With `true` the jail needs its copies of files in /etc, which Debian's
     * package makes at each start.
     *
     * @default false
     * @example `true`
     */
    chroot?: boolean;
}
