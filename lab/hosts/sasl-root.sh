#!/bin/bash
# Makes the root of a host on which Postfix can ask for passwords, out of the root of its release: Dovecot, not
# started, and the tools and mechanisms of Cyrus SASL.
#
#   sasl-root.sh RELEASE DIR PACKAGE_CACHE BASE
#
# Runs in a mount and a PID namespace of its own, as root.sh does.
set -euo pipefail
release=$1 dir=$2 packages=$3 base=$4

export DEBIAN_FRONTEND=noninteractive LC_ALL=C TZ=UTC
unset TMPDIR

say() { printf '    %s: %s\n' "$release" "$*" >&3; }
in_root() { chroot "$dir" "$@"; }

eval "$(apt-config shell proxy Acquire::http::Proxy 2>/dev/null || :)"
[ -n "${http_proxy:-}" ] || [ -z "${proxy:-}" ] || export http_proxy=$proxy

say "a copy with Dovecot and Cyrus SASL"
cp -a "$base/." "$dir"
rm -f "$dir/.made-by"
printf '#!/bin/sh\nexit 101\n' >"$dir/usr/sbin/policy-rc.d"
chmod 755 "$dir/usr/sbin/policy-rc.d"
cp /etc/resolv.conf "$dir/etc/resolv.conf"
mount -t proc proc "$dir/proc"
mkdir -p "$packages"
mount --bind "$packages" "$dir/var/cache/apt/archives"
in_root apt-get update -q -o Acquire::Check-Valid-Until=false
in_root apt-get install -q -y --no-install-recommends dovecot-core libsasl2-modules sasl2-bin

umount "$dir/var/cache/apt/archives" "$dir/proc"
rm -rf "$dir/usr/sbin/policy-rc.d" "$dir/etc/resolv.conf" "$dir"/var/lib/apt/lists/* "$dir"/var/log/*.log \
    "$dir"/usr/share/{doc,man,locale}/*
say "Dovecot $(in_root dovecot --version)"
