#!/bin/bash
# Makes the root of a host on which Postfix can ask for passwords, out of the root of its release: Dovecot, not
# started, and the tools and mechanisms of Cyrus SASL.
#
#   sasl-root.sh RELEASE DIR PACKAGE_CACHE BASE
#
# Runs in a mount and a PID namespace of its own, as root.sh does.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/copied-root.sh"
say "a copy with Dovecot and Cyrus SASL"
use_packages
in_root apt-get install -q -y --no-install-recommends dovecot-core libsasl2-modules sasl2-bin

umount "$dir/var/cache/apt/archives" "$dir/proc"
rm -rf "$dir/usr/sbin/policy-rc.d" "$dir/etc/resolv.conf" "$dir"/var/lib/apt/lists/* "$dir"/var/log/*.log \
    "$dir"/usr/share/{doc,man,locale}/*
say "Dovecot $(in_root dovecot --version)"
