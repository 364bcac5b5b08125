import * as pulumi from "@pulumi/pulumi";
import { allNetworkHooks } from "../postfix/network-hooks";
import { identityChain } from "../postfix/roles/common";
import { Role } from "../postfix/settings";
import { validateRoadWarrior } from "../postfix/validate/road-warrior";
import { makeBundle } from "./bundle";
import { checkedArgs } from "./checked-args";
import type { ConnectionArgs } from "./connection";
import { credentialsOf } from "./credentials";
import type { Host } from "./host";
import type { Identity } from "./identity";
import { dialImplicitly } from "./implicit-tls";
import { InputError } from "./input-error";
import { laptopMail } from "./laptop-mail";
import type { LaptopProof } from "./laptop-proof";
import { configurationOf, makeHost, type Wanted } from "./machine";
import type { RoadWarriorArgs, RoadWarriorOptions } from "./road-warrior-args";
import { routed, warnOfSecurity } from "./routes";
import { passwordTables, sealLaptopSasl } from "./sasl";
import { sealArgs } from "./sealed-args";
import type { SenderArgs } from "./sender-args";

interface Inner {
    name: string;
    host?: Host;
    connection?: pulumi.Input<ConnectionArgs>;
    senders: SenderArgs;
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
    /** What the laptop has proven to know its hubs by: what a hub asks before it changes its key. Nothing secret. */
    public readonly proof: pulumi.Output<LaptopProof>;
    /** Whether a change waits for the laptop to be reached: the next `up` that reaches it makes it. */
    public readonly pending: pulumi.Output<boolean>;
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
    /**
     * With `bundle: true` the shell script that serves this laptop, a secret; else absent. It holds the laptop's
     * private key: get it by `pulumi stack output --show-secrets`, keep it as you keep the key.
     */
    public readonly bundle: pulumi.Output<string | undefined>;

    constructor(name: string, args: RoadWarriorArgs, opts: RoadWarriorOptions = {}) {
        const checked = checkedArgs(`RoadWarrior "${name}"`, args, validateRoadWarrior);
        const { transform, ...componentOpts } = opts;
        if (checked.bundle && transform?.host !== undefined)
            throw new InputError(`RoadWarrior "${name}"`, [
                {
                    path: "transform.host",
                    reason: "does not go with bundle: true: there is no Host to change",
                },
            ]);
        // Without the links: the laptop's keys, which wait for what is recorded here, are made before any machine is
        // touched, so that the hub can know them in the same run.
        const { smartHost, fallbackSmartHosts, senderRelays, transports, ...recorded } = {
            ...sealArgs(checked),
            ...sealLaptopSasl(checked.sasl),
        };
        super("postfix:index:RoadWarrior", name, recorded, componentOpts);

        const { chain, pins, expiry } = credentialsOf(name, checked, {
            parent: this,
            hostname: checked.hostname ?? name,
            use: "client_auth",
            generation: checked.clientKeyGeneration ?? 1,
            transform,
        });
        warnOfSecurity(this, checked.security);
        const [given, dialled] = [dialImplicitly(args), dialImplicitly(checked)];
        const { main, ...routes } = routed(given, dialled);
        const mail = laptopMail(checked);
        const tables = {
            ...routes.tables,
            ...mail.tables,
            ...passwordTables(checked.sasl, pulumi.output(given.smartHost)),
        };
        const wanted: Wanted = {
            role: Role.RoadWarrior,
            ...routes,
            main: { ...main, ...mail.main, ...checked.settings },
            services: mail.services,
            chains: { [identityChain]: chain },
            ...(checked.flushOnNetwork === false ? {} : { networkHooks: allNetworkHooks() }),
            ...(Object.keys(tables).length > 0 ? { tables } : {}),
        };
        const { connection } = checked;
        const hostOpts = { parent: this, dependsOn: opts.dependsOn, transform: transform?.host };
        // Without a bundle the check has seen that there is one.
        const host = connection && makeHost(name, { ...checked, connection }, wanted, hostOpts);

        const senders = checked.senders === undefined ? {} : { senders: checked.senders };
        this.identity = pulumi.output({ name, pins, ...senders });
        this.proof = pulumi.output({ name, pins, hubPins: host?.provenPins });
        this.pending = host?.pending ?? pulumi.output(false);
        this.certificateExpiry = expiry;
        this.postfixVersion = host?.postfixVersion ?? pulumi.output("");
        this.provenBy = host?.provenBy ?? pulumi.output("none");
        this.unmanaged = host?.unmanaged ?? pulumi.output([]);
        this.bundle = host
            ? pulumi.output(undefined)
            : makeBundle(this, configurationOf(name, checked, wanted, this));
        inner.set(this, { name, host, connection, senders });
        this.registerOutputs({
            identity: this.identity,
            proof: this.proof,
            pending: this.pending,
            certificateExpiry: this.certificateExpiry,
            postfixVersion: this.postfixVersion,
            provenBy: this.provenBy,
            unmanaged: this.unmanaged,
            bundle: this.bundle,
        });
    }

    /** The child that stands for the laptop's Postfix. */
    public get host(): Host {
        const { name, host } = innerOf(this);
        if (!host)
            throw new Error(`RoadWarrior "${name}" has a bundle and no Host: nobody reaches it over SSH`);
        return host;
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

/** The identity with all but its pins at hand, so that two laptops of one name are found before anything is made. */
export function plainIdentity(laptop: RoadWarrior): pulumi.Input<Identity> {
    const { name, senders } = innerOf(laptop);
    return { name, pins: laptop.identity.pins, ...senders } as unknown as pulumi.Input<Identity>;
}

/** The proof with its name at hand, likewise. */
export function plainProof(laptop: RoadWarrior): pulumi.Input<LaptopProof> {
    const { name } = innerOf(laptop);
    const { pins, hubPins } = laptop.proof;
    return { name, pins, hubPins } as unknown as pulumi.Input<LaptopProof>;
}

/** What it is called and how it is reached, as it was given. */
export function givenOf(laptop: RoadWarrior): { name: string; connection?: pulumi.Input<ConnectionArgs> } {
    return innerOf(laptop);
}
