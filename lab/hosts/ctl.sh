#!/bin/bash
# Runs a command on the operator's side: in its network namespace, asking the lab's DNS, as the user
# who called lab.sh, with the machine's files and the caller's environment and directory.
#
#   ctl.sh STATE UID:GID COMMAND...      (in a mount namespace of its own)
set -euo pipefail
op=$1/op caller=$2
shift 2

# The machine's resolver is out of reach for packets, but systemd-resolved and nscd answer by a socket
# file: without these two mounts a name lookup could leave the lab.
mount --bind "$op/resolv.conf" /etc/resolv.conf
sed 's/^hosts:.*/hosts: files dns/' /etc/nsswitch.conf >"$op/nsswitch.conf.$$"
mount --bind "$op/nsswitch.conf.$$" /etc/nsswitch.conf
rm -f "$op/nsswitch.conf.$$"
[ ! -d /run/nscd ] || mount -t tmpfs none /run/nscd

[ "$caller" = 0:0 ] || exec setpriv --reuid "${caller%:*}" --regid "${caller#*:}" --init-groups -- "$@"
exec "$@"
