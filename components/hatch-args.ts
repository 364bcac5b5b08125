import type * as pulumi from "@pulumi/pulumi";

/** One line of master.cf(5) of your own. */
export interface ServiceArgs {
    /**
     * The daemon with its arguments: the last column of master.cf(5), without `-o`.
     *
     * @example `"smtpd"`, `"pipe flags=Rq user=filter argv=/usr/local/bin/filter"`
     */
    command: pulumi.Input<string>;
    /**
     * Parameters of this service alone: an `-o name=value` each (master(5)).
     *
     * @default none
     * @example `{ smtpd_tls_wrappermode: "yes" }`
     */
    options?: { [parameter: string]: pulumi.Input<string> };
    /**
     * Column of master.cf(5): "y", "n" or "-".
     *
     * @default "n" for inet, else "-"
     * @example `"n"`
     */
    private?: pulumi.Input<string>;
    /**
     * Column of master.cf(5): "y", "n" or "-".
     *
     * @default "-"
     * @example `"n"`
     */
    unprivileged?: pulumi.Input<string>;
    /**
     * Column of master.cf(5): "y", "n" or "-".
     *
     * @default "n"
     * @example `"y"`
     */
    chroot?: pulumi.Input<string>;
    /**
     * Column of master.cf(5): seconds, with a "?" if it may stay asleep.
     *
     * @default "-"
     * @example `"60?"`
     */
    wakeup?: pulumi.Input<string>;
    /**
     * Column of master.cf(5): at most so many processes.
     *
     * @default "-"
     * @example `"5"`
     */
    process_limit?: pulumi.Input<string>;
}

/** A lookup table of your own (DATABASE_README): give either `entries` or `text`. */
export interface TableArgs {
    /**
     * `texthash`, `hash`, `btree`, `lmdb`, `cdb`, which postmap(1) builds where it has to, or one whose lines are
     * tried from the top, with `text`: `regexp`, `pcre`, `cidr`. Errors: a type that the machine's Postfix does not
     * have (postconf(1), -m).
     *
     * @default "texthash", which every Postfix has
     * @example `"regexp"`
     */
    type?: pulumi.Input<string>;
    /**
     * Value by key. May be secret outputs: they stay secret in the state, and the file is 0600.
     *
     * @default none: the table is of `text`
     * @example `{ "root@alice.example.com": "admin@example.com" }`
     */
    entries?: { [key: string]: pulumi.Input<string> };
    /**
     * Lines as they are. May be a secret output.
     *
     * @default none: the table is of `entries`
     * @example `"/^Received:.*localhost/ IGNORE"`
     */
    text?: pulumi.Input<string>;
}

/** What reaches past our own arguments into a machine's Postfix, as far as its other lines are concerned. */
export interface HatchArgs {
    /**
     * Services of your own in master.cf(5), by name and type. A line of the machine's admin for the same service or
     * port yields only to `takeOver`; the distribution's yields by itself, unless something listens there. Errors: a
     * service that this resource has itself, two for one port, on a laptop one that leads around the pin.
     *
     * @default none
     * @example `{ "465/inet": { command: "smtpd", options: { smtpd_tls_wrappermode: "yes" } } }`
     */
    services?: { [service: string]: ServiceArgs };
    /**
     * Lookup tables of your own, by name: `settings` and the options of `services` name them as `@{name}`, which
     * becomes `type:path`. They lie in the resource's folder, 0600 root, and change with the settings in one commit.
     * Errors: a name that this resource uses itself, a type that the machine lacks, a `@{name}` without a table, a
     * table in a parameter that every user's commands read (`authorized_*_users`) or behind `proxy:`.
     *
     * @default none
     * @example `{ generic: { entries: { "root@alice.local": "alice@example.com" } } }`
     */
    tables?: { [table: string]: TableArgs };
    /**
     * Let `settings` and the options of services have names that the machine's Postfix does not know and nothing
     * there reads as `$name`. Without it a preview fails and lists the nearest known names (postconf(1), -d).
     *
     * @default false
     * @example `true`
     */
    allowUnknown?: pulumi.Input<boolean>;
    /**
     * Have main.cf to ourselves: every line of others is commented out, the distribution's too, so that only our
     * settings and Postfix's built-in defaults count; a line that somebody adds is drift. What the machine is called
     * and where its Postfix lies stays (`myhostname`, `compatibility_level`, `queue_directory`, `alias_maps` and the
     * like; docs/host.md lists them). Removing the resource brings all lines back. master.cf is left as it is, and a
     * service there that reads a `$name` of main.cf gets nothing for it. Does not go with mode `guest`.
     *
     * @default false
     * @example `true`
     */
    exclusive?: pulumi.Input<boolean>;
}
