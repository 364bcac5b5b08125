/**
 * What one owner wants of one machine's Postfix, in today's parameter names and free of any version:
 * a dialect (`dialect.ts`) decides on the host how each of them is written there.
 *
 * A value may name a file of the same owner as `@{name}`: a chain or an authority becomes the path of its PEM file, a
 * table becomes `type:path`. The real path holds a random generation, so it is known only when the change is applied.
 */
export interface HostSettings {
    /** main.cf parameters, e.g. `{ relayhost: "[mailhub.example.com]:587" }`. */
    main: Record<string, string>;
    /**
     * This owner's part of list parameters that several owners fill together (`relay_clientcerts`). An empty
     * string takes part without adding anything. Read as `$pulumi_<parameter>`.
     */
    lists: Record<string, string>;
    /** master.cf services by `name/type`, e.g. `"587/inet"` or `"smtp/unix"`. */
    services: Record<string, ServiceSettings>;
    /** Inet services of others that must not be there, e.g. `"25/inet"`: their lines are commented out. */
    closed?: string[];
    /** Key and certificate files by name, each the content of one `*_tls_chain_files` file or several. */
    chains: Record<string, ChainEntry[]>;
    /** Files of CA certificates by name, for `*_tls_CAfile`: public PEM, one certificate or several. */
    authorities?: Record<string, string>;
    /** Lookup tables by name. */
    tables: Record<string, TableSettings>;
}

/** One line of master.cf. */
export interface ServiceSettings extends ServiceColumns {
    /** The daemon, with arguments if any, e.g. `"smtpd"`. */
    command: string;
    /** `-o name=value` in the order given. */
    options: Record<string, string>;
    /** Left out where the machine's admin has a line of their own for the service. */
    yields?: boolean;
}

/** The columns of master.cf between type and command, by the names of `postconf -F`. */
export interface ServiceColumns {
    private?: string;
    unprivileged?: string;
    chroot?: string;
    wakeup?: string;
    process_limit?: string;
}

/** A lookup table: entries, or the text of one whose order counts. */
export interface TableSettings {
    /** One of `tableTypes`; absent: `texthash`, which every Postfix has and which needs no index. */
    type?: string;
    /** Key to value. */
    entries?: Record<string, string>;
    /** Instead of entries: lines as they are, as `regexp`, `pcre` and `cidr` need them, which are read from the top. */
    text?: string;
}

/** One key with its certificate: PEM, the certificate followed by its chain if it has one. */
export interface ChainEntry {
    privateKey: string;
    certificate: string;
}

/** What a machine is to us: decides which exits are closed and what is looked at before a change. */
export const Role = {
    /** Receives mail from laptops. */
    SmartHost: "smartHost",
    /** Sends all its mail to the hub and nowhere else. */
    RoadWarrior: "roadWarrior",
    /** The pins of a set of laptops, on the hub. */
    RelayAccess: "relayAccess",
    /** What a set of laptops has proven to pin, on the hub. */
    LaptopProofs: "laptopProofs",
} as const;
export type Role = (typeof Role)[keyof typeof Role];
