import type { Machine } from "./machine";
import { allPoints, latePoints, type Point } from "./points";

export type Slot = "hub" | "grant" | "laptop1" | "laptop2";
export type Action = "create" | "update" | "delete";

/** What the operator's side of a blow may lay hands on. */
export interface Reach {
    machine: Machine;
    killProvider(): void;
    interruptProvider(): void;
    cancel(): void;
    powerCycle(): void;
    /** Postfix's master was killed. */
    killed(): void;
}

/** One way to break a change. All of it comes from outside: nothing in what is shipped knows of it. */
export interface Kind {
    name: string;
    /** How often it is dealt, in one round of all kinds. */
    weight: number;
    suits?(slot: Slot, action: Action, restarts: boolean): boolean;
    /** The agent may end in the middle, so that nobody is there to put things right before the next change. */
    agentDies?: boolean;
    /** Postfix may die in the instant between the change's last look at it and its end. */
    killsPostfix?: boolean;
    /** So may the files of keys become other ones. */
    changesKeys?: boolean;
    /** A change that went through may find its old folders not to be removed; the next one does it. */
    clearsLater?: boolean;
    /** Done before the change, and undone behind it. `amount` is below 32. */
    prepare?(machine: Machine, amount: number): Promise<unknown>;
    mend?(machine: Machine): Promise<unknown>;
    /** At one of these points this is done on the host, in Perl, and this on the operator's side. */
    points?: readonly Point[];
    blow?: string;
    act?(reach: Reach): void;
    /** The change itself is one that nobody can see to be wrong before it is made. */
    spoils?: boolean;
    /** Whether what was prepared was met with. */
    met?(machine: Machine): Promise<boolean>;
}

const onHub = (slot: Slot): boolean => slot === "hub" || slot === "grant";
const isLaptop = (slot: Slot): boolean => !onHub(slot);
const sh = (line: string): string => `system(q(${line}));`;
const agent = "/run/pulumi-postfix/";

/** A small file system in place of /etc/postfix; what lies below stays reachable, so that no file is ever missing. */
const smallDisk = (options: string) => `set -e; mkdir -p /mnt/below; mount --bind / /mnt/below
    mkdir -p /mnt/small; mount -t tmpfs -o mode=755,${options} small /mnt/small; cp -a /etc/postfix/. /mnt/small/
    mount --move /mnt/small /etc/postfix`;
const bigDisk = `set -e; rm -f /etc/postfix/filler*; cd /mnt/below/etc/postfix
    (cd /etc/postfix && find . -mindepth 1 ! -path ./main.cf ! -path ./master.cf -print0 | cpio -0pdmu --quiet /mnt/below/etc/postfix)
    for f in main.cf master.cf; do
        cmp -s /etc/postfix/$f $f || { cp -a /etc/postfix/$f /mnt/below/etc/.$f && mv /mnt/below/etc/.$f $f; }
    done
    find . -mindepth 1 | sort -r | while read -r f; do [ -e "/etc/postfix/$f" ] || rm -rf "$f"; done
    cd /; umount -l /etc/postfix; umount -l /mnt/below`;
const fill = "head -c 100M /dev/zero >/etc/postfix/filler 2>/dev/null";

const readOnly = "mount --bind /etc/postfix /etc/postfix && mount -o remount,bind,ro /etc/postfix";
const writable = "umount -l /etc/postfix";

/** Another program in the place of one of Postfix's, until it is taken away. */
const inPlaceOf = (program: string, script: string) =>
    `set -e; rm -f /var/tmp/met; [ -e /var/tmp/real${program} ] || { mkdir -p /var/tmp/real${program}; rmdir /var/tmp/real${program}; cp -p ${program} /var/tmp/real${program}; }
    printf '%s\\n' '#!/bin/sh' '${script}' 'exec /var/tmp/real${program} "$@"' >/var/tmp/stand-in; chmod 755 /var/tmp/stand-in
    mount --bind /var/tmp/stand-in ${program}`;
const isMet = async (machine: Machine) => (await machine.run("[ -e /var/tmp/met ]")).code === 0;
const smtpd = "/usr/lib/postfix/sbin/smtpd";

export const kinds: Kind[] = [
    {
        name: "SSH connection cut",
        weight: 3,
        points: allPoints,
        blow: `slay("^sshd: root\\@notty");`,
    },
    { name: "agent killed", weight: 4, points: allPoints, blow: `slay("${agent}");`, agentDies: true },
    {
        name: "agent's working shell killed",
        weight: 2,
        points: allPoints,
        blow: `slay("^/bin/sh\\\\0${agent}.*/run\\\\0locked");`,
        agentDies: true,
    },
    {
        name: "host loses power",
        weight: 4,
        points: allPoints,
        // All but PID 1 and this; of the host's own end, which follows, nobody could tell any more.
        blow: "$hit = 1; struck(); kill 9, -1; sleep 60;",
        act: (reach) => reach.powerCycle(),
        agentDies: true,
    },
    { name: "provider killed", weight: 3, points: allPoints, act: (reach) => reach.killProvider() },
    { name: "provider interrupted", weight: 1, points: allPoints, act: (reach) => reach.interruptProvider() },
    { name: "run cancelled", weight: 1, points: allPoints, act: (reach) => reach.cancel() },
    {
        name: "postfix reload fails",
        weight: 2,
        suits: (_, __, restarts) => !restarts,
        prepare: (machine) =>
            machine.get(
                inPlaceOf("/usr/sbin/postfix", '[ "$1" != reload ] || { touch /var/tmp/met; exit 1; }'),
            ),
        met: isMet,
        mend: (machine) => machine.get("umount /usr/sbin/postfix"),
    },
    {
        name: "postfix start fails once",
        weight: 1,
        suits: (_, __, restarts) => restarts,
        prepare: (machine) =>
            machine.get(
                inPlaceOf(
                    "/usr/sbin/postfix",
                    '[ "$1" != start ] || [ -e /var/tmp/met ] || { touch /var/tmp/met; exit 1; }',
                ),
            ),
        met: isMet,
        mend: (machine) => machine.get("umount /usr/sbin/postfix"),
    },
    {
        name: "postfix start fails",
        weight: 1,
        suits: (_, __, restarts) => restarts,
        prepare: (machine) =>
            machine.get(
                inPlaceOf("/usr/sbin/postfix", '[ "$1" != start ] || { touch /var/tmp/met; exit 1; }'),
            ),
        met: isMet,
        mend: (machine) => machine.get("umount /usr/sbin/postfix"),
    },
    {
        name: "disk full",
        weight: 2,
        prepare: async (machine, amount) => {
            await machine.get(smallDisk("size=4m"));
            await machine.run(`${fill}; truncate -s -$((${amount} * 4096)) /etc/postfix/filler`);
        },
        met: async () => true,
        mend: (machine) => machine.get(bigDisk),
    },
    {
        name: "disk full in mid-change",
        weight: 2,
        prepare: (machine) => machine.get(smallDisk("size=4m")),
        points: allPoints,
        blow: `${sh(fill)} $hit = 1;`,
        mend: (machine) => machine.get(bigDisk),
    },
    {
        name: "no inode left",
        weight: 1,
        prepare: async (machine, amount) => {
            await machine.get(smallDisk("size=4m"));
            const used = Number(await machine.get("df --output=iused /etc/postfix | tail -n 1"));
            await machine.get(`mount -o remount,nr_inodes=${used + amount} /etc/postfix`);
        },
        met: async () => true,
        mend: (machine) => machine.get(bigDisk),
    },
    {
        name: "/run full",
        weight: 2,
        prepare: async (machine, amount) => {
            await machine.get("mount -o remount,size=4m /run");
            await machine.run(
                `head -c 100M /dev/zero >/run/filler; truncate -s -$((${amount} * 4096)) /run/filler`,
            );
        },
        met: async () => true,
        mend: (machine) => machine.get("rm -f /run/filler && mount -o remount,size=64m /run"),
    },
    {
        name: "read-only file system",
        weight: 1,
        prepare: (machine) => machine.get(readOnly),
        met: async () => true,
        mend: (machine) => machine.get(writable),
    },
    {
        name: "read-only in mid-change",
        weight: 2,
        clearsLater: true,
        points: allPoints,
        blow: `${sh(readOnly)} $hit = 1;`,
        mend: (machine) => machine.get(`mountpoint -q /etc/postfix && ${writable} || true`),
    },
    {
        name: "Postfix dies behind the reload",
        weight: 2,
        points: latePoints,
        blow: `my @pids = find("^/usr/lib/postfix/sbin/master\\\\0"); $hit = kill 9, @pids if @pids && job() && !said("^result ");`,
        act: (reach) => reach.killed(),
        killsPostfix: true,
    },
    {
        name: "a value that only shows at run time",
        weight: 2,
        suits: (slot, action) => slot !== "grant" && action !== "delete",
        spoils: true,
        met: async () => true,
    },
    {
        name: "a daemon dies with the new settings",
        weight: 1,
        suits: onHub,
        points: ["the commit begins"],
        blow: `${sh(`cp -p /bin/false /var/tmp/false && mount --bind /var/tmp/false ${smtpd}`)}
            sleep(0.002) until said("^step put the old") || !job(); ${sh(`umount -l ${smtpd}`)} $hit = 1;`,
        mend: (machine) => machine.get(`mountpoint -q ${smtpd} && umount -l ${smtpd} || true`),
    },
    {
        name: "a daemon dies with any settings",
        weight: 1,
        suits: onHub,
        points: ["the commit begins"],
        blow: `${sh(`cp -p /bin/false /var/tmp/false && mount --bind /var/tmp/false ${smtpd}`)} $hit = 1;`,
        mend: (machine) => machine.get(`mountpoint -q ${smtpd} && umount -l ${smtpd} || true`),
    },
    {
        name: "port taken in mid-change",
        weight: 2,
        suits: (slot, action) => slot === "hub" && action === "create",
        points: ["the staged files are there"],
        blow: `use IO::Socket::INET; my $child = fork; if ($child == 0) { close STDOUT; close STDERR; setpgrp;
                my $l = IO::Socket::INET->new(Listen => 1, ReuseAddr => 1, LocalPort => 587) or die; sleep 1 while -e "/run/squat"; exit }
            open(my $f, ">", "/run/squat"); $hit = 1;`,
        mend: (machine) => machine.get("rm -f /run/squat; sleep 1.5"),
    },
    {
        name: "another key served than intended",
        weight: 2,
        suits: (slot) => slot === "hub",
        points: ["the commit begins"],
        prepare: (machine) =>
            machine.get(
                "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=other -keyout /var/tmp/k -out /var/tmp/c 2>/dev/null && cat /var/tmp/k /var/tmp/c >/var/tmp/other.pem",
            ),
        blow: `for (grep { fresh($_) } glob("$etc/pulumi/hub-*/*/*.pem")) { system("cat /var/tmp/other.pem >$_"); $hit++; }`,
        changesKeys: true,
    },
    {
        name: "an impostor at the hub's address",
        weight: 2,
        suits: (slot, action) => isLaptop(slot) && action !== "delete",
        met: async () => true,
    },
];
