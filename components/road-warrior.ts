import * as pulumi from "@pulumi/pulumi";
import { allNetworkHooks } from "../postfix/network-hooks";
import { identityChain } from "../postfix/roles/common";
import { Role } from "../postfix/settings";
import { validateRoadWarrior } from "../postfix/validate/road-warrior";
import { checkedArgs, comesLater } from "./checked-args";
import type { ConnectionArgs } from "./connection";
import { type CredentialTransforms, credentialsOf } from "./credentials";
import type { Host, HostArgs } from "./host";
import type { Identity } from "./identity";
import { InputError } from "./input-error";
import type { SmartHostLink } from "./link";
import { makeHost } from "./machine";
import type { MachineArgs } from "./machine-args";
import type { NetworkArgs } from "./network-args";
import type { RouteArgs } from "./route-args";
import { routed, warnOfSecurity } from "./routes";
import { sealArgs } from "./sealed-args";
import type { Transform } from "./transform";

/** Arguments of a `RoadWarrior`. */
export interface RoadWarriorArgs extends MachineArgs, RouteArgs, NetworkArgs {
    /**
     * The hub: its `link`, from this stack or by a StackReference's `requireOutput`. It becomes `relayhost`,
     * `smtp_tls_security_level = fingerprint` and `smtp_tls_fingerprint_cert_match` (postconf(5), TLS_README); see
     * `security` for other levels.
     * Errors: a link without pins, with a malformed pin, or of a version that is not known here; a hub that is this
     * machine itself.
     *
     * @example `hub.link`
     */
    smartHost: pulumi.Input<SmartHostLink>;
    /**
     * Name in the laptop's client certificate. The hub looks at the key alone; the name stands in its log.
     *
     * @default the resource's name
     */
    hostname?: pulumi.Input<string>;
    /**
     * Which of its keys the laptop uses. One more gives it a new one: the hub knows it by the same run, mail sent in
     * between waits on the laptop.
     *
     * @default 1
     */
    clientKeyGeneration?: number;
}

/** Options of a `RoadWarrior`. */
export interface RoadWarriorOptions extends pulumi.ComponentResourceOptions {
    /** Changes the arguments of single children, past all checks of ours. */
    transform?: CredentialTransforms & { host?: Transform<HostArgs> };
}

interface Inner {
    name: string;
    host: Host;
    connection: pulumi.Input<ConnectionArgs>;
}

/** What is no output: kept apart, because every field of a component class would have to be plain data. */
const inner = new WeakMap<RoadWarrior, Inner>();

/**
 * A laptop: a Postfix that sends all its mail to the hub, over TLS to that hub's key, or not at all.
 *
 * @example
 * ```ts
 * const alice = new RoadWarrior("alice", {
 *     smartHost: hub.link,
 *     connection: { host: "192.0.2.101", user: "admin", hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI..." },
 *     sudo: true,
 *     onUnreachable: OnUnreachable.Pending,
 * });
 * hub.relayFor("laptops", [alice]);
 * ```
 */
export class RoadWarrior extends pulumi.ComponentResource {
    /** How the hub knows the laptop: its name and the pins of its key. Nothing secret. */
    public readonly identity: pulumi.Output<Identity>;
    /** When the first of the certificates in use ends (RFC 3339). */
    public readonly certificateExpiry: pulumi.Output<string>;
    /** Version of Postfix on the laptop. */
    public readonly postfixVersion: pulumi.Output<string>;
    /** Who has seen the hub show a pinned key to this laptop: "postfix", "ssh", "none", or "unproven" so far. */
    public readonly provenBy: pulumi.Output<string>;
    /**
     * What others have set in the laptop's main.cf, as "name = value": neither this package nor the distribution. As of
     * the last change or refresh; passwords in it are left out.
     */
    public readonly unmanaged: pulumi.Output<string[]>;

    constructor(name: string, args: RoadWarriorArgs, opts: RoadWarriorOptions = {}) {
        const checked = checkedArgs(`RoadWarrior "${name}"`, args, validateRoadWarrior);
        const { transform, ...componentOpts } = opts;
        // Without the links: the laptop's keys, which wait for what is recorded here, are made before any machine is
        // touched, so that the hub can know them in the same run.
        const { smartHost, fallbackSmartHosts, senderRelays, transports, ...recorded } = sealArgs(checked);
        super("postfix:index:RoadWarrior", name, recorded, componentOpts);

        const { chain, pins, expiry } = credentialsOf(name, checked, {
            parent: this,
            hostname: checked.hostname ?? name,
            use: "client_auth",
            generation: checked.clientKeyGeneration ?? 1,
            transform,
        });
        warnOfSecurity(this, checked.security);
        const { main, ...routes } = routed(args, checked);
        const host = makeHost(
            name,
            checked,
            {
                role: Role.RoadWarrior,
                ...routes,
                main: { ...main, ...checked.settings },
                chains: { [identityChain]: chain },
                ...(checked.flushOnNetwork === false ? {} : { networkHooks: allNetworkHooks() }),
            },
            { parent: this, dependsOn: opts.dependsOn, transform: transform?.host },
        );

        this.identity = pulumi.output({ name, pins });
        this.certificateExpiry = expiry;
        this.postfixVersion = host.postfixVersion;
        this.provenBy = host.provenBy;
        this.unmanaged = host.unmanaged;
        inner.set(this, { name, host, connection: checked.connection });
        this.registerOutputs({
            identity: this.identity,
            certificateExpiry: this.certificateExpiry,
            postfixVersion: this.postfixVersion,
            provenBy: this.provenBy,
            unmanaged: this.unmanaged,
        });
    }

    /** The child that stands for the laptop's Postfix. */
    public get host(): Host {
        return innerOf(this).host;
    }
}

function innerOf(laptop: RoadWarrior): Inner {
    const found = inner.get(laptop);
    if (!found)
        throw new Error(
            "this RoadWarrior was made by another copy of pulumi-postfix: `npm ls pulumi-postfix`",
        );
    return found;
}

/** The identity with its name at hand, so that two laptops of one name are found before anything is made. */
export function plainIdentity(laptop: RoadWarrior): pulumi.Input<Identity> {
    return { name: innerOf(laptop).name, pins: laptop.identity.pins } as unknown as pulumi.Input<Identity>;
}

/** A hub that relays for itself sends its mail round in a loop. */
export function refuseHubAsLaptop(
    subject: string,
    hub: pulumi.Input<ConnectionArgs>,
    laptops: RoadWarrior[],
): void {
    const hubAddress = plainAddress(hub);
    if (hubAddress === undefined) return;
    const problems = laptops.flatMap((laptop, index) => {
        const { name, connection } = innerOf(laptop);
        if (plainAddress(connection) !== hubAddress) return [];
        const reason = `"${name}" is reached at ${hubAddress}, as the hub is: a machine cannot be its own hub`;
        return [{ path: `laptops[${index}]`, reason }];
    });
    if (problems.length > 0) throw new InputError(subject, problems);
}

/** Where a connection leads, if that is known now. Behind a jump host, equal addresses may be different machines. */
function plainAddress(connection: pulumi.Input<ConnectionArgs>): string | undefined {
    if (comesLater(connection)) return undefined;
    const { host, port = 22, proxy } = connection as ConnectionArgs;
    if (typeof host !== "string" || typeof port !== "number" || proxy !== undefined) return undefined;
    return `${host.toLowerCase().replace(/\.$/, "")}:${port}`;
}
