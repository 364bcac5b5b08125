# shellcheck shell=bash disable=SC2034 # variables of the script that reads this file
# What KIND-root.sh begins with: a copy of its release's root, in which packages can come and go and nothing starts.
#
#   KIND-root.sh RELEASE DIR PACKAGE_CACHE BASE
#
# Runs in a mount and a PID namespace of its own, as root.sh does.
release=$1 dir=$2 packages=$3 base=$4

export DEBIAN_FRONTEND=noninteractive LC_ALL=C TZ=UTC
unset TMPDIR

say() { printf '    %s: %s\n' "$release" "$*" >&3; }
in_root() { chroot "$dir" "$@"; }

eval "$(apt-config shell proxy Acquire::http::Proxy 2>/dev/null || :)"
[ -n "${http_proxy:-}" ] || [ -z "${proxy:-}" ] || export http_proxy=$proxy

cp -a "$base/." "$dir"
rm -f "$dir/.made-by"
printf '#!/bin/sh\nexit 101\n' >"$dir/usr/sbin/policy-rc.d"
chmod 755 "$dir/usr/sbin/policy-rc.d"
cp /etc/resolv.conf "$dir/etc/resolv.conf"
mount -t proc proc "$dir/proc"

use_packages() { # from here on apt finds what there is
    mkdir -p "$packages"
    mount --bind "$packages" "$dir/var/cache/apt/archives"
    in_root apt-get update -q -o Acquire::Check-Valid-Until=false
}
