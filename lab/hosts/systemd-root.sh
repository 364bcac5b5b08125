#!/bin/bash
# Makes the root of a host with systemd as PID 1, out of the root of its release. As on a fresh Debian 12 there is no
# syslog daemon: the journal is all that keeps a log.
#
#   systemd-root.sh RELEASE DIR PACKAGE_CACHE BASE
#
# Runs in a mount and a PID namespace of its own, as root.sh does.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/copied-root.sh"
say "a copy with systemd"
use_packages
# libpam-systemd: a login over SSH gets a scope of its own, which ends with it.
in_root apt-get install -q -y --no-install-recommends systemd-sysv libpam-systemd dbus
in_root apt-get purge -q -y rsyslog

say "what runs"
# Nothing that wants the Internet, disks, the machine's kernel, or consoles that a host does not have.
in_root systemctl mask -q apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
    e2scrub_reap.service fstrim.timer getty.target systemd-modules-load.service sys-kernel-debug.mount \
    sys-kernel-tracing.mount sys-fs-fuse-connections.mount dev-hugepages.mount
cat >"$dir/etc/systemd/system/lab-ready.service" <<'END'
[Unit]
Description=Tells the lab that this host is up
After=ssh.service postfix.service postfix@-.service

[Service]
Type=oneshot
ExecStart=/bin/sh -c 'if postfix status; then echo ok; else echo "Postfix did not start"; fi >/run/lab-ready'
ExecStart=umount /run/lab-ready

[Install]
WantedBy=multi-user.target
END
in_root systemctl enable -q lab-ready.service
: >"$dir/etc/machine-id"

umount "$dir/var/cache/apt/archives" "$dir/proc"
rm -rf "$dir/usr/sbin/policy-rc.d" "$dir/etc/resolv.conf" "$dir"/var/lib/apt/lists/* "$dir"/var/log/*.log \
    "$dir"/var/log/journal/* "$dir"/usr/share/{doc,man,locale}/*
say "systemd $(in_root systemctl --version | awk 'NR == 1 { print $2 }')"
