#!/bin/sh
# Powers hosts on. Runs inside the lab's PID, mount and network namespace (operator.sh):
#
#   launch.sh STATE DISKS OPERATOR_PID NAME...
#
# Another kind of host (real systemd as PID 1, say) is another init file beside init.sh: chosen here.
set -eu
hosts=$(dirname "$0")
state=$1 disks=$2 operator=$3
shift 3
for name; do
    : >"$state/hosts/$name/ready"
    rm -f "$state/hosts/$name/pid"
    setsid unshare --net --mount --pid --uts --ipc --fork --kill-child --propagation private \
        /bin/sh "$hosts/init.sh" "$state" "$disks" "$operator" "$name" \
        </dev/null >"$state/hosts/$name/console.log" 2>&1 &
done
