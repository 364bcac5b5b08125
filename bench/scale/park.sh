#!/usr/bin/env bash
# PID 1 of one measurement: the disks of the simulated machines, what they have in common, and their two networks.
#
#   park.sh COMMAND...      reads SCALE_WORK, SCALE_ROOT
#
# The command finds the process ids that hold the networks in SCALE_LAPTOPS_NET and SCALE_HUB_NET.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# Temporary folders of the runs end with this namespace too.
mount -t tmpfs -o mode=0700 park "$SCALE_WORK"
mkdir "$SCALE_WORK"/{disks,base,laptop,tmp}
export TMPDIR=$SCALE_WORK/tmp
ln -s "$SCALE_ROOT" "$SCALE_WORK/root"

mkdir "$SCALE_WORK/base/dev"
for device in null:3 zero:5 full:7 random:8 urandom:9; do
    mknod -m 666 "$SCALE_WORK/base/dev/${device%:*}" c 1 "${device#*:}"
done
ln -s /proc/self/fd "$SCALE_WORK/base/dev/fd"

mkdir -p "$SCALE_WORK/laptop/usr/sbin" "$SCALE_WORK/laptop/usr/lib/postfix/sbin" "$SCALE_WORK/laptop/usr/lib/stand-ins"
cp -a "$SCALE_ROOT/usr/sbin/postfix" "$SCALE_WORK/laptop/usr/lib/stand-ins/postfix"
ln -s /bin/sleep "$SCALE_WORK/laptop/usr/lib/stand-ins/qmgr"
for name in postfix postlog sendmail; do install -m 755 "$here/stand-ins/$name" "$SCALE_WORK/laptop/usr/sbin/$name"; done
for name in master smtp; do install -m 755 "$here/stand-ins/$name" "$SCALE_WORK/laptop/usr/lib/postfix/sbin/$name"; done

ip link set lo up
unshare --net sleep infinity &
export SCALE_LAPTOPS_NET=$!
unshare --net sleep infinity &
export SCALE_HUB_NET=$!
own=$(readlink /proc/self/ns/net)
for net in "$SCALE_LAPTOPS_NET" "$SCALE_HUB_NET"; do
    while [ "$(readlink "/proc/$net/ns/net")" = "$own" ]; do sleep 0.01; done
done
ip link add laptops netns "/proc/$SCALE_LAPTOPS_NET/ns/net" type veth peer name hub netns "/proc/$SCALE_HUB_NET/ns/net"
for side in "laptops $SCALE_LAPTOPS_NET 10.88.0.2" "hub $SCALE_HUB_NET 10.88.0.1"; do
    read -r link net address <<<"$side"
    nsenter --net="/proc/$net/ns/net" ip -b - <<END
link set lo up
addr add $address/24 dev $link
link set $link up
END
done

"$@" &
command=$!
code=0
wait $command || code=$?
exit $code
