import type * as pulumi from "@pulumi/pulumi";
import type { BundleArgs } from "./bundle-args";
import type { ConnectionArgs } from "./connection";
import type { MachineTransforms } from "./credentials";
import type { LaptopMailArgs } from "./laptop-args";
import type { SmartHostLink } from "./link";
import type { LoginArgs, WantedArgs } from "./machine-args";
import type { NetworkArgs } from "./network-args";
import type { RouteArgs } from "./route-args";
import type { LaptopLoginArgs } from "./sasl-args";
import type { SenderArgs } from "./sender-args";

/** Arguments of a `RoadWarrior`. */
export interface RoadWarriorArgs
    extends WantedArgs,
        LoginArgs,
        BundleArgs,
        RouteArgs,
        NetworkArgs,
        SenderArgs,
        LaptopLoginArgs,
        LaptopMailArgs {
    /**
     * The hub: its `link`, from this stack or by `linkOf`. It becomes `relayhost`,
     * `smtp_tls_security_level = fingerprint` and `smtp_tls_fingerprint_cert_match` (postconf(5), TLS_README); see
     * `security` for other levels.
     * Errors: a link without pins, with a malformed pin, or of a version that is not known here; a hub that is this
     * machine itself.
     *
     * @example `hub.link`
     */
    smartHost: pulumi.Input<SmartHostLink>;
    /**
     * SSH connection, as `ReachArgs` of the hub describes it: the fields of `@pulumi/command`'s
     * `remote.ConnectionArgs`, with a `hostKey`. Required, unless `bundle` is set.
     *
     * Errors: a missing or malformed hostKey, an unknown field, a port that is no number from 1 to 65535, a private
     * key that is no PEM or OpenSSH key.
     *
     * @default none: with `bundle` alone
     * @example `{ host: "192.0.2.101", user: "admin", hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI..." }`
     */
    connection?: pulumi.Input<ConnectionArgs>;
    /**
     * Dial the hubs' `implicitTlsPort`, with TLS from the first byte (RFC 8314, 3.3), instead of their `port` with
     * STARTTLS: `smtp_tls_wrappermode = yes` (postconf(5)). Errors: a hub that has no such port.
     *
     * @default false
     * @example `true`
     */
    implicitTls?: boolean;
    /**
     * Name in the laptop's client certificate. The hub looks at the key alone; the name stands in its log.
     *
     * @default the resource's name
     * @example `"alice.example.com"`
     */
    hostname?: pulumi.Input<string>;
    /**
     * Which of its keys the laptop uses. One more gives it a new one: the hub knows it by the same run, mail sent in
     * between waits on the laptop.
     *
     * @default 1
     * @example `2`
     */
    clientKeyGeneration?: number;
}

/** Options of a `RoadWarrior`. */
export interface RoadWarriorOptions extends pulumi.ComponentResourceOptions {
    /**
     * Changes the arguments of single children, past all checks of ours.
     *
     * @default none
     * @example `{ certificate: { validityPeriodHours: 8760 } }`
     */
    transform?: MachineTransforms;
}
