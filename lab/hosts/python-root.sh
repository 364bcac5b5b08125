#!/bin/bash
# Makes the root of a host that Ansible can work on, out of the root of its release: the same with Python.
#
#   python-root.sh RELEASE DIR PACKAGE_CACHE BASE
#
# Runs in a mount and a PID namespace of its own, as root.sh does.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/copied-root.sh"
say "a copy with Python"
use_packages
in_root apt-get install -q -y --no-install-recommends python3

umount "$dir/var/cache/apt/archives" "$dir/proc"
rm -rf "$dir/usr/sbin/policy-rc.d" "$dir/etc/resolv.conf" "$dir"/var/lib/apt/lists/* "$dir"/var/log/*.log \
    "$dir"/usr/share/{doc,man,locale}/*
say "$(in_root python3 --version)"
