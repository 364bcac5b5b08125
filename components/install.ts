import type { remote } from "@pulumi/command";
import { type CommandTarget, remoteScript } from "./remote-commands";

/** Postfix from the machine's own distribution, once. It stays when the resource goes. */
export function installPostfix(name: string, target: CommandTarget): remote.Command {
    return remoteScript(`${name}-install`, target, script);
}

/**
 * "Local only" answers the package's one question (debconf, postfix/main_mailer_type) with the least that starts a
 * working Postfix: it listens on loopback alone until our configuration comes. `No configuration` would leave no
 * main.cf at all.
 */
const script = `set -eu
PATH=/usr/sbin:/sbin:/usr/bin:/bin
if command -v postconf >/dev/null 2>&1; then
    echo "Postfix $(postconf -h mail_version) is there already"
    exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
    echo "installPackage knows Debian and its relatives only: install Postfix with this system's own tools" >&2
    exit 1
fi
if [ "$(id -u)" != 0 ]; then
    echo "installing needs root: connect as root, or set sudo: true" >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
echo "postfix postfix/main_mailer_type select Local only" | debconf-set-selections
apt-get -q -o DPkg::Lock::Timeout=300 update
apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold install --no-install-recommends postfix
postconf -h mail_version
`;
