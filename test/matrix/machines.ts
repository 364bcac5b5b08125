import { configuration, lab, labInfo, on, readOn } from "../e2e/lab";
import { type Release, releases } from "../e2e/releases";

/** A laptop of one release and the hub of another, or the same, through which it sends. */
export interface Pair {
    hub: Release;
    laptop: Release;
    /** The laptop's host: there is one for each pair. */
    host: string;
}

export const pairs: Pair[] = releases.flatMap((hub) =>
    releases.map((laptop) => ({ hub, laptop, host: `${laptop.debian}-at-${hub.debian}` })),
);

export const hosts = [...releases.map(({ hub }) => hub), ...pairs.map(({ host }) => host)];

/** Hubs that want the floor on their public port too; the others take what other mail servers have. */
export const strict = ["hub-bullseye", "hub-sid"];

/** Brings up a hub of every release and all the laptops, and gives the program's config. */
export function bootAll(): { hubs: unknown[] } {
    for (const [row, { debian, hub }] of releases.entries()) {
        lab("add", hub, `10.77.10.${row + 1}`, "--release", debian, "--fqdn", `mail${hub}.example.com`);
        for (const [column, { host, laptop }] of laptopsOf(hub).entries()) {
            lab("add", host, `10.77.${12 + row}.${column + 1}`, "--release", laptop.debian);
        }
    }
    const known = new Map(labInfo().hosts.map((host) => [host.name, host]));
    const machine = (name: string) => {
        const { ip: host, fqdn: hostname, hostKey } = known.get(name) ?? { ip: "", fqdn: "", hostKey: "" };
        return { name, hostname, connection: { host, user: "root", hostKey } };
    };
    return {
        hubs: releases.map(({ hub }) => ({
            ...machine(hub),
            settings: strict.includes(hub) ? { smtpd_tls_protocols: ">=TLSv1.2" } : {},
            laptops: laptopsOf(hub).map(({ host }) => machine(host)),
        })),
    };
}

const laptopsOf = (hub: string) => pairs.filter((pair) => pair.hub.hub === hub);

export const hostname = (hub: string): string => `mail${hub}.example.com`;

export const postfixOn = (host: string): string => on(host, "postconf -h mail_version").trim();

/** What a line of the mail log says, whenever and whichever process. */
const message = (line: string) => line.replace(/^.*? postfix\S*\[\d+\]: /, "");

/** How all hosts stand, to be compared with how they stand later. */
export class Before {
    private readonly files = new Map(hosts.map((host) => [host, configuration(host)]));
    private readonly logged: Map<string, string>;

    constructor() {
        // What a distribution's own configuration has to complain of it says when the first visitor comes.
        for (const host of hosts) on(host, "posttls-finger -c -l may '[127.0.0.1]:25' 2>&1");
        this.logged = new Map(hosts.map((host) => [host, readOn(host, "/var/log/mail.log")]));
    }

    configuration = (host: string): string => this.files.get(host) ?? "";

    /** What the host's Postfix has logged since. */
    log = (host: string): string =>
        readOn(host, "/var/log/mail.log").slice(this.logged.get(host)?.length ?? 0);

    /** The same without what it had said before too: that may be said again until our configuration counts. */
    news(host: string): string[] {
        const lines = this.log(host).split("\n");
        const ours = lines.findLastIndex((line) => /: (daemon started|reload) -- version /.test(line));
        const known = new Set(this.logged.get(host)?.split("\n").map(message));
        return lines.filter((line, index) => index > ours || !known.has(message(line)));
    }
}
