#!/bin/bash
# Makes the root of a host that has never had Postfix, out of the root of its release. The packages that it would
# need lie in it as the only source apt knows: no packet of a host leaves the lab.
#
#   bare-root.sh RELEASE DIR PACKAGE_CACHE BASE
#
# Runs in a mount and a PID namespace of its own, as root.sh does.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/copied-root.sh"
depot=/srv/packages
say "a copy without Postfix"
in_root apt-get purge -q -y postfix
in_root apt-get autoremove -q -y --purge
rm -rf "$dir"/etc/{postfix,mailname,aliases*} "$dir"/var/{spool,lib}/postfix
for entry in passwd:userdel:postfix group:groupdel:postfix group:groupdel:postdrop; do
    IFS=: read -r database remove name <<<"$entry"
    ! in_root getent "$database" "$name" >/dev/null || in_root "$remove" "$name"
done

say "its packages"
mkdir -p "$dir$depot"
use_packages
in_root apt-get install -q -y --no-install-recommends --download-only postfix
cp "$packages"/*.deb "$dir$depot"
for file in "$dir$depot"/*.deb; do
    dpkg-deb --field "$file"
    printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' \
        "${file##*/}" "$(stat -c %s "$file")" "$(sha256sum <"$file" | cut -d' ' -f1)"
done >"$dir$depot/Packages"
rm -rf "$dir"/etc/apt/sources.list.d/* "$dir"/var/lib/apt/lists/*
printf 'deb [trusted=yes] file:%s ./\n' "$depot" >"$dir/etc/apt/sources.list"

umount "$dir/var/cache/apt/archives" "$dir/proc"
rm -rf "$dir/usr/sbin/policy-rc.d" "$dir/etc/resolv.conf" "$dir"/var/log/*.log
say "$(find "$dir$depot" -name '*.deb' | wc -l) packages"
