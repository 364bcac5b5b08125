import * as pulumi from "@pulumi/pulumi";
import { laptopProofSettings } from "../postfix/roles/laptop-proof";
import { relayAccessSettings } from "../postfix/roles/relay-access";
import { Role } from "../postfix/settings";
import { validateRelayAccess } from "../postfix/validate/relay-access";
import type { OnUnreachable } from "../postfix/words";
import { assertValid, checkedArgs, comesLater } from "./checked-args";
import { sealConnection } from "./connection";
import { Host, type HostArgs } from "./host";
import type { Identity } from "./identity";
import type { LaptopProof } from "./laptop-proof";
import { ownerLabel } from "./machine";
import type { ReachArgs } from "./machine-args";
import { type Transform, transformed } from "./transform";

/** Arguments of a `RelayAccess`. `connection` and its neighbours are those of the hub. */
export interface RelayAccessArgs extends ReachArgs {
    /**
     * The laptops that may relay: plain data, such as `alice.identity`, also from another stack. Their pins become
     * lines of a table in `relay_clientcerts` (postconf(5)), their `senders` what each may send as. Errors: two
     * laptops of one name, one key for two laptops, a laptop without a well-formed pin, senders that are none.
     *
     * @example `[alice.identity, { name: "bob", pins: ["5A:3C:..."] }]`
     */
    laptops: pulumi.Input<pulumi.Input<Identity>[]>;
    /**
     * What these laptops have proven to know the hub by: `alice.proof`, also from another stack. It becomes a record on
     * the hub, by which the hub refuses to change to a key that one of them does not pin. `relayFor` and `Fleet` give it.
     *
     * @default none: the hub's key cannot change without `leaveBehind`
     * @example `[alice.proof, bob.proof]`
     */
    proofs?: pulumi.Input<pulumi.Input<LaptopProof>[]>;
    /**
     * What becomes of a change while the hub cannot be reached.
     *
     * @default OnUnreachable.Fail
     * @example `OnUnreachable.Pending`
     */
    onUnreachable?: pulumi.Input<OnUnreachable>;
    /**
     * Owners of fragments on the hub that this one may replace though they hold none of its laptops' keys, as an
     * error names them: one of another program, or one of its own that was made anew while it held no laptop.
     *
     * @default none
     * @example `["hub-laptops-1a2b3c4d"]`
     */
    takeOver?: pulumi.Input<pulumi.Input<string>[]>;
}

/** Options of a `RelayAccess`. */
export interface RelayAccessOptions extends pulumi.ComponentResourceOptions {
    /**
     * Changes the arguments of the grant and of the record, past all checks of ours.
     *
     * @default none
     * @example `{ host: { allowUnknown: true } }`
     */
    transform?: {
        /** Of the grant. */
        host?: Transform<HostArgs>;
        /** Of the record of what laptops have proven. */
        proofs?: Transform<HostArgs>;
    };
}

/**
 * The pins of a set of laptops on the hub, as a fragment of its own: the hub relays for them from the moment it is
 * there, and no longer for connections opened after it has gone. `SmartHost.relayFor` makes one; make it yourself where the
 * laptops live in another stack than the hub.
 *
 * @example
 * ```ts
 * new RelayAccess("berlin", {
 *     connection: { host: "192.0.2.25", user: "root", hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI..." },
 *     laptops: [alice.identity, bob.identity],
 * });
 * ```
 */
export class RelayAccess extends pulumi.ComponentResource {
    /** Names of the laptops that the hub relays for. */
    public readonly laptopNames: pulumi.Output<string[]>;

    constructor(name: string, args: RelayAccessArgs, opts: RelayAccessOptions = {}) {
        const subject = `RelayAccess "${name}"`;
        const checked = checkedArgs(subject, args, validateRelayAccess);
        const { transform, ...componentOpts } = opts;
        // Without the proofs: the grant, which waits for what is recorded here, would wait for the laptops themselves.
        const { proofs, ...recorded } = checked;
        super(
            "postfix:index:RelayAccess",
            name,
            { ...recorded, connection: sealConnection(checked.connection) },
            componentOpts,
        );
        const laptops = pulumi.output(checked.laptops).apply((known) => {
            // Once more as a whole: whether two of them have one name shows only now.
            assertValid(subject, { ...args, laptops: known }, validateRelayAccess);
            return known;
        });
        const { services, chains } = relayAccessSettings([]);
        const now = sendersOf(checked.laptops);
        const limits = now ? relayAccessSettings(now) : laptops.apply(relayAccessSettings);
        const hostOpts = { parent: this, dependsOn: opts.dependsOn };
        const grant: HostArgs = {
            owner: ownerLabel(name),
            role: Role.RelayAccess,
            ...reachOf(checked),
            main: limits.main,
            lists: limits.lists,
            services,
            chains,
            tables: laptops.apply((known) => relayAccessSettings(known).tables),
        };
        new Host(...transformed(transform?.host, name, grant, hostOpts));
        if (proofs !== undefined) {
            const record: HostArgs = {
                owner: recordLabel(name),
                role: Role.LaptopProofs,
                ...reachOf(checked),
                ...laptopProofSettings([]),
                tables: pulumi.output(proofs).apply((known) => laptopProofSettings(known).tables),
            };
            new Host(...transformed(transform?.proofs, `${name}-proofs`, record, hostOpts));
        }
        this.laptopNames = laptops.apply((known) => known.map((laptop) => laptop.name));
        this.registerOutputs({ laptopNames: this.laptopNames });
    }
}

function reachOf({
    connection,
    sudo,
    knownHosts,
    insecureIgnoreHostKey,
    onUnreachable,
    takeOver,
}: RelayAccessArgs): Pick<HostArgs, keyof ReachArgs | "onUnreachable" | "takeOver"> {
    return { connection, sudo, knownHosts, insecureIgnoreHostKey, onUnreachable, takeOver };
}

/** Unlike the label of the grant however long the name is: by one label the one would take over the other. */
const recordLabel = (name: string): string => `${ownerLabel(name).slice(0, 33).replace(/-+$/, "")}-proofs`;

/** The laptops without their pins, which a first preview does not know; `undefined` where it may not know more of them. */
function sendersOf(laptops: RelayAccessArgs["laptops"]): Identity[] | undefined {
    if (!Array.isArray(laptops)) return undefined;
    const known: Identity[] = [];
    for (const laptop of laptops) {
        if (comesLater(laptop)) return undefined;
        const { senders = [] } = laptop as Identity;
        if (comesLater(senders) || senders.some(comesLater)) return undefined;
        known.push({ name: "", pins: [], senders });
    }
    return known;
}
