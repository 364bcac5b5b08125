#!/bin/sh
# PID 1 of one host with systemd: boots it and becomes systemd. Arguments as init.sh.
. "$(dirname "$0")/cgroups.sh"
state=$1 name=$4
if [ "${5:-}" != grouped ]; then
    # systemd owns the control group that it finds itself in: one of this host's own, which it sees as the root of all.
    mount_cgroups
    group=$(lab_group)/$name
    forget_groups "$group"
    mkdir -p "$group"
    echo 0 >"$group/cgroup.procs"
    umount /sys/fs/cgroup
    exec unshare --cgroup /bin/sh "$0" "$@" grouped
fi
. "$(dirname "$0")/boot.sh"
mount -t cgroup2 cgroup2 sys/fs/cgroup
# lab-ready.service writes into it and takes it away.
: >run/lab-ready
mount --bind "$me/ready" run/lab-ready
enter
# As a container: it leaves alone what belongs to the machine.
exec env -i container=lxc PATH="$PATH" /lib/systemd/systemd --unit=multi-user.target
