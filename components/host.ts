import * as pulumi from "@pulumi/pulumi";
import type { Role } from "../postfix/settings";
import type { OnDelete, OnUnreachable } from "../postfix/words";
import type { CertificateFilesArgs } from "./certificate-args";
import { comesLater } from "./checked-args";
import { type ConnectionArgs, sealConnection } from "./connection";
import { warnWithoutProvider } from "./named-provider";
import { sealPairs } from "./sealed-args";

/** A line of master.cf: a daemon, its options and columns. */
export interface HostServiceArgs {
    /** The daemon with its arguments, e.g. `"smtpd"`: the last column of master.cf(5). */
    command: pulumi.Input<string>;
    /** `-o name=value`, in the order given. */
    options: pulumi.Input<{ [name: string]: pulumi.Input<string> }>;
    /** Column of master.cf(5): "y", "n" or "-". @default "n" for inet, else "-" */
    private?: pulumi.Input<string>;
    /** Column of master.cf(5): "y", "n" or "-". @default "-" */
    unprivileged?: pulumi.Input<string>;
    /** Column of master.cf(5): "y", "n" or "-". @default "n" */
    chroot?: pulumi.Input<string>;
    /** Column of master.cf(5): seconds, with a "?" if it may stay asleep. @default "-" */
    wakeup?: pulumi.Input<string>;
    /** Column of master.cf(5): at most so many processes. @default "-" */
    process_limit?: pulumi.Input<string>;
    /** Left out where the machine's admin has a line of their own for the service. @default false */
    yields?: pulumi.Input<boolean>;
}

/** A lookup table: entries, or the text of one whose order counts (DATABASE_README). */
export interface HostTableArgs {
    /** `texthash`, `hash`, `btree`, `lmdb`, `cdb`; with `text`: `regexp`, `pcre`, `cidr`. @default "texthash" */
    type?: pulumi.Input<string>;
    /** Key to value. */
    entries?: pulumi.Input<{ [key: string]: pulumi.Input<string> }>;
    /** Lines as they are. */
    text?: pulumi.Input<string>;
}

/** One key with its certificate. */
export interface HostChainArgs {
    /** PEM. Marked as secret in any case. */
    privateKey: pulumi.Input<string>;
    /** PEM: the certificate, and what vouches for it, if anything. */
    certificate: pulumi.Input<string>;
}

/** What a hub has to show after a change: one of these keys on this port. */
export interface HostServesArgs {
    /** TCP port of the laptops' service. */
    port: pulumi.Input<number>;
    /** Port of the same service with TLS from the first byte. */
    implicitTlsPort?: pulumi.Input<number>;
    /** Pins of the keys it may show; absent: those of `certificateFiles`, as they lie on the machine. */
    pins?: pulumi.Input<pulumi.Input<string>[]>;
}

/** What a laptop has to meet after a change: one of these keys at the hub. */
export interface HostReachesArgs {
    /** The hub, as in relayhost. */
    host: pulumi.Input<string>;
    /** The hub's port. */
    port: pulumi.Input<number>;
    /** It speaks TLS from the first byte there. @default false */
    implicitTls?: pulumi.Input<boolean>;
    /** Pins of the hub. */
    pins: pulumi.Input<pulumi.Input<string>[]>;
}

/** What has to be seen before a change counts as done. */
export interface HostProofArgs {
    /** For a hub. */
    serves?: pulumi.Input<HostServesArgs>;
    /** For a laptop. */
    reaches?: pulumi.Input<HostReachesArgs>;
    /** For a laptop: its further hubs. */
    alsoReaches?: pulumi.Input<pulumi.Input<HostReachesArgs>[]>;
}

/** Arguments of a `Host`: what one owner wants of one machine's Postfix. The components make them. */
export interface HostArgs {
    /**
     * Readable label of the fragment in main.cf and master.cf: lower-case letters, digits and "-", at most 40. The
     * provider adds a random part when it creates the fragment and keeps both in the id.
     */
    owner: pulumi.Input<string>;
    /** What the machine is to us: decides which exits are closed and what is looked at before a change. */
    role: pulumi.Input<Role>;
    /** How the machine is reached. A change never replaces the resource; changed credentials re-apply nothing. */
    connection: pulumi.Input<ConnectionArgs>;
    /** Run everything through `sudo -n`. @default false */
    sudo?: pulumi.Input<boolean>;
    /** Path of a known_hosts file on the operator's machine, where `connection.hostKey` is not given. */
    knownHosts?: pulumi.Input<string>;
    /** Trust any host key. Whoever sits between gets the keys. @default false */
    insecureIgnoreHostKey?: pulumi.Input<boolean>;
    /** What becomes of a change while the machine cannot be reached. @default "fail" */
    onUnreachable?: pulumi.Input<OnUnreachable>;
    /** Settings of the machine's admin that may yield: parameters, services such as "submission/inet", or "*". */
    takeOver?: pulumi.Input<pulumi.Input<string>[]>;
    /** What becomes of waiting mail when the fragment is removed. @default "stop" */
    onDelete?: pulumi.Input<OnDelete>;
    /** Something before this resource installs Postfix: a preview may not find it yet. @default false */
    installPackage?: pulumi.Input<boolean>;
    /** Write names that the machine's Postfix does not know. @default false */
    allowUnknown?: pulumi.Input<boolean>;
    /** main.cf has no other lines than these and the installation's. @default false */
    exclusive?: pulumi.Input<boolean>;
    /** Which of the hub's keys is in use. Moves on by one at a time, to a key that `announces` named before. */
    keyGeneration?: pulumi.Input<number>;
    /**
     * What each of the network's own tools does when the network is back, where the machine has it: `"flush"` sends
     * what waits in the queue.
     *
     * @example `{ NetworkManager: "flush", "networkd-dispatcher": "flush", ifupdown: "flush" }`
     */
    networkHooks?: pulumi.Input<{ [tool: string]: pulumi.Input<string> }>;
    /** Pins of the hub's next key, which the laptops get beforehand. */
    announces?: pulumi.Input<pulumi.Input<string>[]>;
    /** Names of laptops that a change of the hub's key may cut off until their next run. */
    leaveBehind?: pulumi.Input<pulumi.Input<string>[]>;
    /** Files with a key and its certificate that lie on the machine already: read there for `servedPins`. */
    certificateFiles?: pulumi.Input<pulumi.Input<CertificateFilesArgs>[]>;
    /** main.cf parameters; `@{name}` stands for the path of a chain, authority or table of this owner. */
    main: pulumi.Input<{ [parameter: string]: pulumi.Input<string> }>;
    /** This owner's part of list parameters that several owners fill together. */
    lists?: pulumi.Input<{ [parameter: string]: pulumi.Input<string> }>;
    /** master.cf services by name and type, e.g. `"587/inet"` or `"smtp/unix"`. */
    services?: pulumi.Input<{ [service: string]: pulumi.Input<HostServiceArgs> }>;
    /** Inet services of others that must not be there, e.g. `"25/inet"`. */
    closed?: pulumi.Input<pulumi.Input<string>[]>;
    /** Key and certificate files by name. */
    chains?: pulumi.Input<{ [chain: string]: pulumi.Input<pulumi.Input<HostChainArgs>[]> }>;
    /** Files of CA certificates by name: public PEM, for `smtp_tls_CAfile` and `smtpd_tls_CAfile` (postconf(5)). */
    authorities?: pulumi.Input<{ [authority: string]: pulumi.Input<string> }>;
    /** Lookup tables by name. */
    tables?: pulumi.Input<{ [table: string]: pulumi.Input<HostTableArgs> }>;
    /** What has to be seen before a change counts as done. */
    proof?: pulumi.Input<HostProofArgs>;
}

/**
 * One owner's fragment of one machine's Postfix, as the provider keeps it: applied whole or not at all, and taken out
 * again byte for byte. The components make it; use it directly only for what they do not offer.
 */
export class Host extends pulumi.CustomResource {
    /** What the machine last proved to have of the inputs of the same name. */
    declare readonly owner: pulumi.Output<string>;
    /** What the machine is to us. */
    declare readonly role: pulumi.Output<Role>;
    /** Which of the hub's keys it last proved to use. */
    declare readonly keyGeneration: pulumi.Output<number | undefined>;
    /** The settings in main.cf that it last proved to have. */
    declare readonly main: pulumi.Output<{ [parameter: string]: string }>;
    /** The lines of master.cf that it last proved to have. */
    declare readonly services: pulumi.Output<{ [service: string]: unknown } | undefined>;
    /** `mail_version` of the machine. */
    declare readonly postfixVersion: pulumi.Output<string>;
    /** Who saw the pinned key: Postfix itself, we through SSH, nobody asked ("none"), or nobody yet ("unproven"). */
    declare readonly provenBy: pulumi.Output<string>;
    /** Pins of the keys in `certificateFiles`, as they lie on the machine; absent without such files. */
    declare readonly servedPins: pulumi.Output<string[] | undefined>;
    /**
     * What the last refresh found that is not as it was left, though every setting counts as written: a folder's mode, a
     * database of passwords, a second line for a parameter of ours. Absent when all is well; the next `up` mends it.
     */
    declare readonly spoiled: pulumi.Output<string[] | undefined>;
    /** Whether the wanted change waits for the machine to be reached. */
    declare readonly pending: pulumi.Output<boolean>;
    /**
     * A laptop: pins of its hubs that it had when it was last proven, or "any" where it looks at no key; absent: it has
     * proven nothing yet.
     */
    declare readonly provenPins: pulumi.Output<string[] | undefined>;
    /** A hub: pins of the keys that it was last proven to show; laptops keep them until it is proven to show others. */
    declare readonly provenServes: pulumi.Output<string[] | undefined>;
    /** Random name of the folder with the keys and tables in use; a new one for every change on the machine. */
    declare readonly generation: pulumi.Output<string>;
    /**
     * What others have set in main.cf, as "name = value": neither a resource of ours nor the distribution. As of the
     * last change or refresh.
     */
    declare readonly unmanaged: pulumi.Output<string[]>;
    /** Form of the state, for later releases. */
    declare readonly schema: pulumi.Output<number>;

    constructor(name: string, args: HostArgs, opts?: pulumi.CustomResourceOptions) {
        const outputs = {
            postfixVersion: undefined,
            provenBy: undefined,
            servedPins: undefined,
            spoiled: undefined,
            pending: undefined,
            provenPins: undefined,
            provenServes: undefined,
            generation: undefined,
            unmanaged: undefined,
            schema: undefined,
        };
        const inputs = {
            ...args,
            connection: sealConnection(args.connection),
            chains: sealChains(args.chains),
        };
        warnWithoutProvider();
        // No `version` in the options: the state would name a provider of that version for ever.
        super("postfix:index:Host", name, { ...inputs, ...outputs }, opts);
    }
}

/** Marks each private key as a secret, and whatever cannot be looked into as a secret whole. */
export function sealChains(chains: HostArgs["chains"]): HostArgs["chains"] {
    if (chains === undefined || comesLater(chains)) return chains && pulumi.secret(chains);
    const sealed = Object.entries(
        chains as { [chain: string]: pulumi.Input<pulumi.Input<HostChainArgs>[]> },
    ).map(([name, entries]) => [name, sealPairs(entries)]);
    return Object.fromEntries(sealed);
}
