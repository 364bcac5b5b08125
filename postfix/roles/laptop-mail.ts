import type { HostSettings, TableSettings } from "../settings";

/** What a laptop does with its own mail, see `LaptopMailArgs`. */
export interface LaptopMail {
    queueLifetime?: string;
    delayWarningTime?: string;
    inetInterfaces?: string;
    mydestination?: string[];
    myorigin?: string;
    rootMail?: string;
    genericAddresses?: Record<string, string>;
}

/** A laptop may be away for long: 5 days, Postfix's own, end in a bounce. */
export const defaultQueueLifetime = "14d";
export const defaultDelayWarningTime = "1d";

export const rootTable = "root";
export const genericTable = "generic";

export function laptopMailMain(mail: LaptopMail): Record<string, string> {
    const lifetime = mail.queueLifetime ?? defaultQueueLifetime;
    return {
        inet_interfaces: mail.inetInterfaces ?? "loopback-only",
        // Empty: all mail goes to the hub, root's too (STANDARD_CONFIGURATION_README, null client).
        mydestination: (mail.mydestination ?? []).join(", "),
        maximal_queue_lifetime: lifetime,
        bounce_queue_lifetime: lifetime,
        delay_warning_time: mail.delayWarningTime ?? defaultDelayWarningTime,
        ...(mail.myorigin === undefined ? {} : { myorigin: mail.myorigin }),
        ...(mail.rootMail === undefined ? {} : rootMain(mail.rootMail)),
        ...(mail.genericAddresses === undefined ? {} : genericMain(mail.genericAddresses)),
    };
}

/** Stands for arguments of which only is known which of them are given: parameters and tables have the same names. */
export function sampleMail(given: Record<string, unknown>): LaptopMail {
    return {
        myorigin: given.myorigin === undefined ? undefined : "",
        rootMail: given.rootMail === undefined ? undefined : "",
        genericAddresses: given.genericAddresses === undefined ? undefined : {},
    };
}

export function laptopMailTables(mail: LaptopMail): Record<string, TableSettings> {
    return {
        ...(mail.rootMail === undefined ? {} : { [rootTable]: { entries: rootEntries(mail) } }),
        ...(mail.genericAddresses === undefined
            ? {}
            : { [genericTable]: { entries: mail.genericAddresses } }),
    };
}

/**
 * Accounts that only programs have, of base-passwd (Debian) and setup (Fedora), and of services that run jobs. An
 * account of people stays what it is.
 */
const systemAccounts = [
    "adm",
    "backup",
    "bin",
    "daemon",
    "ftp",
    "games",
    "gnats",
    "irc",
    "list",
    "lp",
    "mail",
    "man",
    "messagebus",
    "mysql",
    "news",
    "nobody",
    "operator",
    "postfix",
    "postgres",
    "proxy",
    "sshd",
    "sync",
    "sys",
    "systemd-network",
    "systemd-resolve",
    "uucp",
    "www-data",
    "_apt",
];

/** To whom Postfix and other mail servers write about their troubles (postconf(5), 2bounce_notice_recipient). */
const postmasters = ["postmaster", "mailer-daemon"];

/** A bare name stands for the one at `$myorigin` (virtual(5)). */
function rootEntries({ rootMail = "", myorigin }: LaptopMail): Record<string, string> {
    // At a domain that the laptop shares with others these are people of that domain.
    const names = ["root", ...systemAccounts, ...(myorigin === undefined ? postmasters : [])];
    return Object.fromEntries(names.map((name) => [name, rootMail]));
}

/** The machine's names, known to main.cf alone; a table has no `$name`. */
const ownDomains = ["$myhostname", "localhost", "localhost.$mydomain"];

function rootMain(rootMail: string): Record<string, string> {
    return {
        virtual_alias_maps: `@{${rootTable}} ${atOwnDomains(["root", ...postmasters].map((name) => [name, rootMail]))}`,
        // Its default are these tables, and `alice@backup` would be nobody's in a domain called backup (postconf(5)).
        virtual_alias_domains: "",
    };
}

function genericMain(addresses: Record<string, string>): Record<string, string> {
    const bare = Object.entries(addresses).filter(([local]) => !local.includes("@"));
    return {
        smtp_generic_maps: [`@{${genericTable}}`, ...(bare.length > 0 ? [atOwnDomains(bare)] : [])].join(" "),
    };
}

function atOwnDomains(entries: [name: string, address: string][]): string {
    const all = entries.flatMap(([name, address]) =>
        ownDomains.map((domain) => `{${name}@${domain} = ${address}}`),
    );
    return `inline:{ ${all.join(", ")} }`;
}

/** The two services by which mail leaves (postconf(5), default_transport, relay_transport), as the stock lines are. */
export function laptopServices(chroot: boolean | undefined): HostSettings["services"] {
    const columns = { chroot: chroot ? "y" : "n", ...(chroot === undefined ? { yields: true } : {}) };
    return {
        "smtp/unix": { command: "smtp", options: {}, ...columns },
        "relay/unix": {
            command: "smtp",
            // As the stock line of 13 has it; that of 11 and 12 says the same, but for further instances.
            options: {
                syslog_name: "${multi_instance_name?{$multi_instance_name}:{postfix}}/$service_name",
            },
            ...columns,
        },
    };
}
