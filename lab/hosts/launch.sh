#!/bin/sh
# Powers hosts on. Runs inside the lab's PID, mount and network namespace (operator.sh):
#
#   launch.sh STATE DISKS OPERATOR_PID NAME...
#
# Another kind of host is another init file beside init.sh: chosen here.
set -eu
hosts=$(dirname "$0")
state=$1 disks=$2 operator=$3
shift 3
for name; do
    : >"$state/hosts/$name/ready"
    rm -f "$state/hosts/$name/pid"
    init=init.sh
    [ ! -e "$state/hosts/$name/root/etc/systemd/system/lab-ready.service" ] || init=init-systemd.sh
    (
        # The lock keeps `prep` from removing this release's root while a host stands on it. It is held by the
        # parent of PID 1 and not by the host, to which it would be a way out of its root.
        exec 8<"$state/hosts/$name/root/"
        flock -s 8
        exec setsid unshare --net --mount --pid --uts --ipc --fork --kill-child --propagation private \
            /bin/sh "$hosts/$init" "$state" "$disks" "$operator" "$name"
    ) </dev/null >"$state/hosts/$name/console.log" 2>&1 &
done
