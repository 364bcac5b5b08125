import type * as pulumi from "@pulumi/pulumi";

/** What reaches past our own arguments into a machine's Postfix, as far as its other lines are concerned. */
export interface HatchArgs {
    /**
     * Let `settings` and the options of services have names that the machine's Postfix does not know and nothing
     * there reads as `$name`. Without it a preview fails and lists the nearest known names (postconf(1), -d).
     *
     * @default false
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
     */
    exclusive?: pulumi.Input<boolean>;
}
