import * as pulumi from "@pulumi/pulumi";
import { SmartHostMode, smartHostSettings } from "../postfix/roles/smart-host";
import { tlsOf } from "../postfix/roles/tls";
import { Role } from "../postfix/settings";
import { linkVersion } from "../postfix/validate/link";
import { defaultPort, validateSmartHost } from "../postfix/validate/smart-host";
import { checkedArgs } from "./checked-args";
import { joinPins, type Pins } from "./credentials";
import type { Host } from "./host";
import { refuseHubAsLaptop } from "./hub-as-laptop";
import { hubCredentials } from "./hub-credentials";
import type { SmartHostLink } from "./link";
import { makeHost } from "./machine";
import { RelayAccess, type RelayAccessArgs, type RelayAccessOptions } from "./relay-access";
import { plainIdentity, plainProof, type RoadWarrior } from "./road-warrior";
import { hubSasl, sealHubSasl, userTables } from "./sasl";
import { sealArgs } from "./sealed-args";
import { authorityCertificate } from "./signed-certificate";
import type { SmartHostArgs, SmartHostOptions } from "./smart-host-args";

interface Inner {
    name: string;
    host: Host;
    reach: Pick<
        SmartHostArgs,
        "connection" | "sudo" | "knownHosts" | "insecureIgnoreHostKey" | "onUnreachable"
    >;
    opts: pulumi.ComponentResourceOptions;
}

/** What is no output: kept apart, because every field of a component class would have to be plain data. */
const inner = new WeakMap<SmartHost, Inner>();

/**
 * The hub: a Postfix that relays for laptops whose keys it knows, and for nobody else.
 *
 * @example
 * ```ts
 * const hub = new SmartHost("hub", {
 *     hostname: "mailhub.example.com",
 *     connection: { host: "192.0.2.25", user: "root", hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI..." },
 * });
 * const alice = new RoadWarrior("alice", { smartHost: hub.link, connection: { ... } });
 * hub.relayFor("laptops", [alice]);
 * ```
 */
export class SmartHost extends pulumi.ComponentResource {
    /** What laptops need of the hub, in this stack or another: address, port, pins. Nothing secret. */
    public readonly link: pulumi.Output<SmartHostLink>;
    /** Pins of the keys in use. */
    public readonly pins: pulumi.Output<string[]>;
    /** Pins of the keys whose turn comes with the next generation, and of those in `nextPins`. */
    public readonly nextPins: pulumi.Output<string[]>;
    /** When the first of the certificates in use ends (RFC 3339); empty for `certificateFiles`. */
    public readonly certificateExpiry: pulumi.Output<string>;
    /** Version of Postfix on the hub. */
    public readonly postfixVersion: pulumi.Output<string>;
    /** Who has seen the hub show its key: "postfix", "ssh", "none", or "unproven" so far. */
    public readonly provenBy: pulumi.Output<string>;
    /**
     * What others have set in the hub's main.cf, as "name = value": neither this package nor the distribution. As of
     * the last change or refresh; passwords in it are left out.
     */
    public readonly unmanaged: pulumi.Output<string[]>;

    constructor(name: string, args: SmartHostArgs, opts: SmartHostOptions = {}) {
        const checked = checkedArgs(`SmartHost "${name}"`, args, validateSmartHost);
        const { transform, ...componentOpts } = opts;
        const recorded = { ...sealArgs(checked), ...sealHubSasl(checked.sasl) };
        super("postfix:index:SmartHost", name, recorded, componentOpts);

        const mode = checked.mode ?? SmartHostMode.Dedicated;
        const port = checked.port ?? defaultPort;
        const { implicitTlsPort } = checked;
        const ports = { port, ...(implicitTlsPort ? { implicitTlsPort } : {}) };
        const credentials = hubCredentials(name, checked, { parent: this, transform });
        const settings = credentials.settings(
            smartHostSettings({
                mode,
                port,
                identity: [],
                settings: {},
                tls: tlsOf(checked),
                hubTls: checked,
                sasl: hubSasl(checked.sasl),
            }),
        );
        const host = makeHost(
            name,
            checked,
            {
                role: Role.SmartHost,
                ...credentials.args,
                ...(checked.leaveBehind === undefined ? {} : { leaveBehind: checked.leaveBehind }),
                main: { ...settings.main, ...checked.settings },
                lists: settings.lists,
                services: settings.services,
                closed: settings.closed,
                tables: { ...settings.tables, ...userTables(checked.sasl) },
                proof: { serves: { ...ports, pins: credentials.serves } },
            },
            { parent: this, dependsOn: opts.dependsOn, transform: transform?.host },
        );

        const pins = credentials.pins(host);
        this.pins = pulumi.output(pins);
        this.nextPins = pulumi.output(credentials.nextPins);
        this.certificateExpiry = credentials.expiry;
        this.postfixVersion = host.postfixVersion;
        this.provenBy = host.provenBy;
        this.unmanaged = host.unmanaged;
        this.link = makeLink(host, checked, ports, heldPins(host, joinPins(pins, credentials.nextPins)));
        const { connection, sudo, knownHosts, insecureIgnoreHostKey, onUnreachable } = checked;
        const reach = { connection, sudo, knownHosts, insecureIgnoreHostKey, onUnreachable };
        inner.set(this, { name, host, reach, opts: componentOpts });
        this.registerOutputs({
            link: this.link,
            pins: this.pins,
            nextPins: this.nextPins,
            certificateExpiry: this.certificateExpiry,
            postfixVersion: this.postfixVersion,
            provenBy: this.provenBy,
            unmanaged: this.unmanaged,
        });
    }

    /** The child that stands for the hub's Postfix. */
    public get host(): Host {
        return innerOf(this).host;
    }

    /**
     * Lets the hub relay for a set of laptops: one change on the hub, however many they are. Call it once for each
     * set; from another stack use `RelayAccess` with the laptops' identities.
     *
     * @param name
     *  Name of the set. The resource is called `<hub>-<name>`.
     * @param laptops
     *  Laptops of this program; what they are known by goes into the grant.
     * @param args
     *  What the grant says otherwise than the hub: how it is reached, `onUnreachable`, `takeOver`, `transform`.
     * @param opts
     *  Options of the `RelayAccess`, which depends on the hub.
     */
    public relayFor(
        name: string,
        laptops: RoadWarrior[],
        args: Omit<Partial<RelayAccessArgs>, "laptops"> = {},
        opts: RelayAccessOptions = {},
    ): RelayAccess {
        const { name: hubName, host, reach, opts: hubOpts } = innerOf(this);
        const fullName = `${hubName}-${name}`;
        // Beside the hub, not below it: "depends on the hub" takes in its children, and a laptop that says so would
        // wait for a grant that waits for the laptop's key.
        const { parent, provider, providers } = hubOpts;
        const relayOpts = pulumi.mergeOptions({ parent, provider, providers, dependsOn: [host] }, opts);
        const identities = laptops.map((laptop) => plainIdentity(laptop));
        refuseHubAsLaptop(`relayFor("${name}") of SmartHost "${hubName}"`, reach.connection, laptops);
        const proofs = laptops.map((laptop) => plainProof(laptop));
        return new RelayAccess(fullName, { ...reach, proofs, ...args, laptops: identities }, relayOpts);
    }
}

function innerOf(hub: SmartHost): Inner {
    const found = inner.get(hub);
    if (!found)
        throw new Error("this SmartHost was made by another copy of pulumi-postfix: `npm ls pulumi-postfix`");
    return found;
}

/**
 * The pins of the key in use and of the next one; and of the one before, while the change from it is not proven. So they
 * wait for the hub, and are missing after a run in which it failed: no laptop drops the pin of a key that is in use.
 */
function heldPins(host: Host, pins: Pins): pulumi.Output<string[]> {
    return pulumi
        .all([pulumi.output(pins), host.provenServes])
        .apply(([wanted, still]) => [...new Set([...wanted, ...(still ?? [])])]);
}

/** Plain data, and the edge to the hub's Host: no laptop turns to a hub that does not serve the key yet. */
function makeLink(
    host: Host,
    { hostname, signedBy: ca }: SmartHostArgs,
    ports: { port: number; implicitTlsPort?: number },
    pins: Pins,
): pulumi.Output<SmartHostLink> {
    // By the URN, which is known in a preview and after a failed update, where outputs of the Host are not.
    const dialled = pulumi.all([hostname, host.urn]).apply(([name]) => name);
    // Not by `all`, so that a first preview shows name and port though no pin is known yet.
    return pulumi.output({
        version: linkVersion,
        hostname: dialled,
        ...ports,
        pins,
        digest: "sha256",
        ...(ca === undefined ? {} : { certificateAuthority: authorityCertificate(ca) }),
    });
}
