#!/bin/sh
# PID 1 of one lab: the operator's network namespace with the bridge, DNS and the hosts' disks.
#
#   operator.sh STATE DISKS tmpfs|disk
#
# All hosts run inside this PID namespace, so the end of this process is the end of all of them,
# their mounts and links included, and nothing can be left behind, whoever kills it.
set -eu
state=$1 disks=$2 upper=$3
op=$state/op

# The machine's /proc is still mounted here: this is our number as the machine sees it.
read -r stat </proc/self/stat
set -- $stat
printf '%s %s\n' "$1" "${22}" >"$op/pid"

# A bridge without an address of its own takes that of a port, and another one when the port goes:
# all hosts would then talk to nobody for half a minute.
ip -b - <<END
link set lo up
link add br0 address 02:00:0a:4d:00:fe type bridge
addr add 10.77.0.254/16 dev br0
link set br0 up
END

mkdir -p "$disks"
[ "$upper" = disk ] || mount -t tmpfs -o mode=0700 lab "$disks"

# No upstream, and every name that is not ours does not exist: nobody waits for a server out of reach.
# root: SIGHUP reads the hosts file again, in a directory that only root and the operator may enter.
dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root --group=root --pid-file="$op/dnsmasq.pid" \
    --no-resolv --no-hosts --addn-hosts="$op/hosts" --local=/#/ --bind-interfaces \
    --listen-address=10.77.0.254,127.0.0.1 --selfmx \
    --mx-host=example.com,mailhub.example.com,10 --mx-host=example.net,outside.example.net,10 \
    --log-facility="$op/dnsmasq.log" &
dns=$!
echo $dns >"$op/dns.pid" # in this PID namespace

until ss -Hlun 'sport = :53' | grep -q .; do
    kill -0 $dns || exit 1
    sleep 0.01
done
echo ok >"$op/ready"

# Each `up` may put the end off, so look again before dying.
while
    read -r end <"$op/end"
    left=$((end - $(date +%s)))
    [ $left -gt 0 ]
do
    sleep $left &
    wait $! || :
done
exec 9<"$state"
flock 9
kill -KILL -1
cd /
[ "$upper" = disk ] || umount "$disks" || :
. "${0%/*}/cgroups.sh"
mount_cgroups && forget_groups "$(lab_group)" || :
rm -rf --one-file-system "$disks" "$state"
