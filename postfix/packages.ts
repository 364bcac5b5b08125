import { Role } from "./settings";

/** How a family of systems installs Postfix. */
export interface PackageManager {
    /** The command by which a system of the family is known. */
    command: string;
    /** Shell lines that install Postfix without a question, starting nothing: run as root, up to the first that fails. */
    install(role: Role): string[];
}

/**
 * What Debian's package calls a machine that sends nothing to others and listens to nobody. That is what a laptop is
 * until our configuration comes, even if none comes: a reboot may start what was just installed.
 */
const localOnly = "inet_interfaces=loopback-only default_transport=error relay_transport=error";

/**
 * The first one that a host has is used. No further package is needed: our tables are texthash, which is built in;
 * what the distribution's own aliases are made with is the package's own business.
 */
const packageManagers: PackageManager[] = [
    { command: "apt-get", install: debian },
    { command: "dnf", install: (role) => ["dnf -y install postfix", ...settled(role), ...enabled] },
    { command: "yum", install: (role) => ["yum -y install postfix", ...settled(role), ...enabled] },
    {
        command: "zypper",
        install: (role) => [
            "zypper --non-interactive install --no-recommends postfix",
            // Else SuSE's config.postfix writes main.cf anew at each start.
            `[ ! -f /etc/sysconfig/mail ] || sed -i 's/^MAIL_CREATE_CONFIG=.*/MAIL_CREATE_CONFIG="no"/' /etc/sysconfig/mail`,
            ...settled(role),
            ...enabled,
        ],
    },
    {
        command: "apk",
        install: (role) => ["apk add postfix", ...settled(role), "rc-update add postfix default"],
    },
    {
        // Without -y: a fresh list beside old packages is what Arch calls a partial upgrade.
        command: "pacman",
        install: (role) => ["pacman -S --noconfirm --needed postfix", ...settled(role), ...enabled],
    },
];

export const packageManagerCommands = packageManagers.map(({ command }) => command);

const enabled = ["[ ! -d /run/systemd/system ] || systemctl enable postfix.service"];

/** What the questions of Debian's package come to, where the package asks none. */
function settled(role: Role): string[] {
    return [`postconf -e ${role === Role.RoadWarrior ? localOnly : "inet_interfaces=all"}`];
}

/** No other mail system goes for this one unasked, and Postfix is not started before it is configured. */
function debian(role: Role): string[] {
    const kind = role === Role.RoadWarrior ? "Local only" : "Internet Site";
    const apt = "apt-get -q -o DPkg::Lock::Timeout=300";
    const install = "install --no-install-recommends postfix";
    return [
        "export DEBIAN_FRONTEND=noninteractive",
        `${apt} update || echo "going on with the package lists that are there" >&2`,
        `gone=$(${apt} -s ${install} | sed -n 's/^Remv \\([^ ]*\\).*/\\1/p' | tr '\\n' ' ')`,
        `[ -z "$gone" ] || refuse "Debian would remove \${gone}for Postfix: remove it yourself if it is not needed, then run this again"`,
        `echo "postfix postfix/main_mailer_type select ${kind}" | debconf-set-selections`,
        // Debian's own hook for whether a package may start its service: invoke-rc.d(8). An admin's stays as it is.
        "policy=/usr/sbin/policy-rc.d mark='pulumi-postfix: Postfix starts once it is configured'",
        'if grep -qs "$mark" $policy; then rm -f $policy; fi',
        "if [ ! -e $policy ]; then",
        "    trap 'rm -f $policy' EXIT",
        "    trap 'exit 1' HUP INT TERM",
        `    printf '#!/bin/sh\\n# %s\\ncase "$*" in *postfix*) exit 101 ;; esac\\n' "$mark" >$policy`,
        "    chmod 0755 $policy",
        "fi",
        `${apt} -y -o Dpkg::Options::=--force-confold ${install}`,
        // Up to Debian 12 the chroot jail is filled by what starts the service: systemd's unit, or else the init script.
        "jail=/usr/lib/postfix/configure-instance.sh",
        `if [ ! -d /run/systemd/system ] && grep -qs '^INSTANCE="$1"' $jail; then $jail -; fi`,
    ];
}

/** A script for /bin/sh that leaves a machine with Postfix on it, not running if this had to bring it. */
export function installScript(role: Role): string {
    const cases = packageManagers.flatMap(({ command, install }) => [
        `${command})`,
        ...install(role).map((line) => `    ${line}`),
        "    ;;",
    ]);
    return `set -eu
PATH=/usr/sbin:/sbin:/usr/bin:/bin
LC_ALL=C
export LC_ALL
refuse() {
    echo "$1" >&2
    exit 1
}
if command -v postconf >/dev/null && [ -f "$(postconf -d -h config_directory)/main.cf" ]; then
    echo "Postfix $(postconf -d -h mail_version) is there already"
    exit 0
fi
[ "$(id -u)" = 0 ] || refuse "installing needs root: connect as root, or set sudo: true"
for manager in ${packageManagerCommands.join(" ")} none; do
    if command -v $manager >/dev/null; then break; fi
done
case $manager in
${cases.join("\n")}
*)
    refuse "${noPackageManager}"
    ;;
esac
echo "Postfix $(postconf -d -h mail_version) was installed by $manager"
`;
}

/** The words for a system that has none of them. */
export const noPackageManager = `installPackage knows ${packageManagerCommands.join(", ")}, and this system has none of them: install Postfix with its own tools, then run this again`;
