import type { types } from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import type { OnUnreachable } from "../postfix/words";
import type { SmartHostLink } from "./link";
import type { ReachArgs } from "./machine-args";
import type { RoadWarriorArgs } from "./road-warrior-args";

/** What may be said of a laptop in a fleet: the arguments of a `RoadWarrior` but for its hub, and the few below. */
export interface FleetLaptopArgs extends Partial<Omit<RoadWarriorArgs, "smartHost" | "connection">> {
    /**
     * SSH connection, as of every machine; its fields join those of `defaults.connection`. One that comes later as a
     * whole (an output) joins nothing.
     *
     * @default none: then `host` and `defaults` say it
     * @example `{ host: "192.0.2.101", hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI..." }`
     */
    connection?: pulumi.Input<Partial<types.input.remote.ConnectionArgs>>;
    /**
     * Short for `connection.host`. Errors: one that stands there too.
     *
     * @default none: then `connection` says it
     * @example `"192.0.2.101"`
     */
    host?: pulumi.Input<string>;
    /**
     * TCP port at which this laptop dials the hub, where that is not the link's: behind a forwarder, or where a network
     * lets nothing else out. The hub has to be found there. Becomes part of `relayhost` (postconf(5)). Errors: no whole
     * number from 1 to 65535.
     *
     * @default the link's `port`, with `implicitTls` its `implicitTlsPort`
     * @example `465`
     */
    hubPort?: number;
    /**
     * The name under which this laptop was known here so far: with it a new name is no new laptop, and it keeps its key
     * and its fragment (an alias of the resource). May be left out after the `up` that renamed it. Errors: a name that
     * another laptop has.
     *
     * @default none: it is a new laptop, or the same as before
     * @example `"alice-old"`
     */
    formerly?: string;
}

/** A laptop of a list. */
export interface NamedLaptopArgs extends FleetLaptopArgs {
    /**
     * Name of the resource, and in the hub's table. One of a kind in the stack.
     *
     * @example `"alice"`
     */
    name: string;
}

/** How the hub is reached for the one fragment there that holds the pins of a fleet's laptops. */
export interface FleetRelayAccessArgs extends ReachArgs {
    /**
     * What becomes of a change of the grant while the hub cannot be reached.
     *
     * @default OnUnreachable.Fail
     * @example `OnUnreachable.Pending`
     */
    onUnreachable?: pulumi.Input<OnUnreachable>;
    /**
     * Owners of fragments on the hub that this fleet's may replace, as an error names them; see `RelayAccess`.
     *
     * @default none
     * @example `["berlin-1a2b3c4d"]`
     */
    takeOver?: pulumi.Input<pulumi.Input<string>[]>;
}

/** Arguments of a `Fleet`. */
export interface FleetArgs {
    /**
     * The hub of all these laptops: its `link`, from this stack, or from another one by `linkOf`.
     *
     * @example `linkOf(new pulumi.StackReference("organization/postfix-stacks/prod"))`
     */
    smartHost: pulumi.Input<SmartHostLink>;
    /**
     * How the hub is reached, so that it learns of these laptops' keys by the same `up`: one `RelayAccess` with the
     * fleet's name, a fragment of its own there. Left out, nothing is granted here: the hub's stack does it, with a
     * `RelayAccess` of `identities`.
     *
     * @default none
     * @example `{ connection: { host: "192.0.2.25", user: "root", hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI..." } }`
     */
    relayAccess?: FleetRelayAccessArgs;
    /**
     * What every laptop has, unless it says otherwise; `connection`, `settings`, `services` and `tables` are joined
     * field by field, of all else the laptop's own word counts alone.
     *
     * @default none
     * @example `{ sudo: true, onUnreachable: OnUnreachable.Pending, connection: { user: "admin" } }`
     */
    defaults?: FleetLaptopArgs;
    /**
     * The laptops: by name, or as a list with names. Errors: two of one name, two at one address (`host:port`), one at
     * the hub's. Two with one SSH host key are a warning: such a disk was copied.
     *
     * @default none
     * @example `{ alice: { host: "192.0.2.101", connection: { hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI..." } } }`
     */
    laptops?: NamedLaptopArgs[] | { [name: string]: FleetLaptopArgs | null };
    /**
     * Path of a file with laptops, beside those above: CSV (`.csv`, RFC 4180), whose first line names the properties, as
     * in `name,connection.host,connection.hostKey,sudo,senders[0]`, or YAML (`.yaml`, `.yml`), which holds what `laptops`
     * may. It starts at the folder of Pulumi.yaml. A file without laptops is an empty fleet. Errors name file and line:
     * what cannot be read, an unknown column, a secret in clear.
     *
     * @default none
     * @example `"stacks/field.csv"`
     */
    laptopsFile?: string;
}
