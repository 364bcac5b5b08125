import type * as pulumi from "@pulumi/pulumi";
import type { SmartHostMode } from "../postfix/roles/smart-host";
import type { KeyAlgorithm } from "../postfix/words";
import type { HubCertificateArgs } from "./certificate-args";
import type { MachineTransforms } from "./credentials";
import type { HubTlsArgs } from "./hub-tls-args";
import type { MachineArgs } from "./machine-args";
import type { HubLoginArgs } from "./sasl-args";

/** Arguments of a `SmartHost`. */
export interface SmartHostArgs extends MachineArgs, HubCertificateArgs, HubTlsArgs, HubLoginArgs {
    /**
     * The name under which laptops dial the hub. It becomes their `relayhost = [hostname]:port` (postconf(5)) and the
     * name in the hub's certificate. Errors: anything but letters, digits, hyphens and dots (RFC 1123, 2.1), more
     * than 64 characters (RFC 5280, ub-common-name).
     *
     * @example `"mailhub.example.com"`
     */
    hostname: pulumi.Input<string>;
    /**
     * How much of the hub's Postfix is ours. `dedicated`: its TLS in main.cf too (`smtpd_tls_chain_files` and
     * others). `guest`: only a service of our own in master.cf, with every setting as its `-o` (master(5)); the
     * admin's certificate, restrictions and users stay as they are.
     *
     * @default SmartHostMode.Dedicated
     * @example `SmartHostMode.Guest`
     */
    mode?: SmartHostMode;
    /**
     * TCP port of the laptops' service, a line of its own in master.cf: `587 inet ... smtpd` (submission, RFC 6409).
     * 25 is the hub's public port, shared with other mail; it goes with mode `dedicated` only. Errors: no whole number
     * from 1 to 65535; a port that something else listens on.
     *
     * @default 587
     * @example `2525`
     */
    port?: number;
    /**
     * Which of its keys the hub uses. One more makes it change to the next key, which its laptops have pinned since
     * their last run. Errors: a step other than one more, or a next key that was not announced yet: either would lock
     * out every laptop.
     *
     * @default 1
     * @example `2`
     */
    keyGeneration?: number;
    /**
     * Algorithm of the next key, where it is to be another one than `keyAlgorithm`: laptops learn its pin by their next
     * run, the step of `keyGeneration` after it takes it into use, and `keyAlgorithm` then says the same.
     *
     * @default keyAlgorithm
     * @example KeyAlgorithm.Rsa3072
     */
    nextKeyAlgorithm?: KeyAlgorithm;
    /**
     * Laptops, by the names of their identities, that the next step of `keyGeneration` may cut off: their mail waits
     * until a run of theirs has given them the new pin. Without it a step is refused as long as one of the laptops that
     * may relay, of any fleet, has not proven to pin the hub's next key. Take it out again when the step is made.
     *
     * @default none
     * @example `["old-laptop"]`
     */
    leaveBehind?: string[];
}

/** Options of a `SmartHost`. */
export interface SmartHostOptions extends pulumi.ComponentResourceOptions {
    /**
     * Changes the arguments of single children, past all checks of ours.
     *
     * @default none
     * @example `{ certificate: (args) => { args.ipAddresses = ["192.0.2.25"]; } }`
     */
    transform?: MachineTransforms;
}
