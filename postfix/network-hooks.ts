/** What brings a machine's network up, and runs the programs of a folder when it has done so. */
export interface NetworkManager {
    /** Its name in `networkHooks` of a `Host`. */
    name: string;
    /** It is on a machine that has this folder, */
    directory: string;
    /** and one of these, where other packages bring the folder too. */
    programs?: string[];
    /** Conditions of the shell, in the words of this manager, under which the network is back. */
    when: string;
    /** A program of Debian's postfix package that it runs; some releases of it send the queue. */
    packaged: string;
    /** It does so only by one of these. */
    packagedThrough?: string[];
}

export const networkManagers: NetworkManager[] = [
    {
        // NetworkManager-dispatcher(8): interface and action are arguments; a portal's login changes connectivity.
        name: "NetworkManager",
        directory: "/etc/NetworkManager/dispatcher.d",
        when: `case "$1 $2" in "lo "*) exit 0 ;; *" up" | *" vpn-up") ;; *" connectivity-change") [ "\${CONNECTIVITY_STATE:-}" = FULL ] || exit 0 ;; *) exit 0 ;; esac`,
        packaged: "/etc/network/if-up.d/postfix",
        packagedThrough: [
            "/etc/NetworkManager/dispatcher.d/01-ifupdown",
            "/usr/lib/NetworkManager/dispatcher.d/01-ifupdown",
        ],
    },
    {
        // networkd-dispatcher(8): all that is said stands in the environment; the folder is the event.
        name: "networkd-dispatcher",
        directory: "/etc/networkd-dispatcher/routable.d",
        when: `[ "\${IFACE:-}" != lo ] || exit 0`,
        packaged: "/usr/lib/networkd-dispatcher/routable.d/postfix",
    },
    {
        // interfaces(5): IFACE, and MODE=start in if-up.d.
        name: "ifupdown",
        directory: "/etc/network/if-up.d",
        programs: ["/sbin/ifup", "/usr/sbin/ifup"],
        when: `[ "\${IFACE:-}" != lo ] && [ "\${MODE:-start}" = start ] || exit 0`,
        packaged: "/etc/network/if-up.d/postfix",
    },
];

/** What a hook does; there is one word so far. */
export const hookWord = "flush";

/** `networkHooks` of a `Host` that wants one for each manager which is there. */
export const allNetworkHooks = (): Record<string, string> =>
    Object.fromEntries(networkManagers.map(({ name }) => [name, hookWord]));

/** What is looked for on a machine: which of them are there, and which flush the queue. */
export const networkPaths: string[] = [
    ...new Set(
        networkManagers.flatMap(({ directory, programs = [], packaged, packagedThrough = [] }) => [
            directory,
            ...programs,
            packaged,
            ...packagedThrough,
        ]),
    ),
];

/** The last of a folder: a package's own program, which may tell a chroot jail of the new resolver, comes before. */
const prefix = "zz-pulumi-postfix-";

/** The shell's pattern for the hooks of all owners in all folders. */
export const hookPatterns = networkManagers.map(({ directory }) => `${directory}/${prefix}*`);

/** Where an owner's hook lies: a name that run-parts(8) takes. */
export const hookPath = ({ directory }: NetworkManager, owner: string): string =>
    `${directory}/${prefix}${owner}`;

/** By this line a hook is known as the owner's own. */
const hookMark = (owner: string): string => `# pulumi-postfix ${owner}`;

/**
 * Sends what waits in the queue, in the background, so that no manager has to wait for it. A jailed smtp(8) asks the
 * resolver that its jail names, which is the one of the network before.
 */
export function hookText({ when }: NetworkManager, owner: string): string {
    return `#!/bin/sh
${hookMark(owner)}
# The network is back: what waits in Postfix's queue leaves now, and not when its next try is due.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
${when}
command -v postqueue >/dev/null 2>&1 || exit 0
{
    jail=$(postconf -h queue_directory)/etc/resolv.conf
    [ ! -f "$jail" ] || cp -L /etc/resolv.conf "$jail"
    postqueue -f
} </dev/null >/dev/null 2>&1 &
exit 0
`;
}

/** What a machine has of all this. */
export interface NetworkFacts {
    /** Those of `networkPaths` that exist. */
    there: string[];
    /** Those of them that are programs which send the queue. */
    flushes: string[];
}

/** Whether a hook of ours is needed there: the manager is, and the distribution's own does not do the same. */
export function needsHook(manager: NetworkManager, { there, flushes }: NetworkFacts): boolean {
    const has = (path: string): boolean => there.includes(path);
    if (!has(manager.directory) || !(manager.programs?.some(has) ?? true)) return false;
    return !(flushes.includes(manager.packaged) && (manager.packagedThrough?.some(has) ?? true));
}
