#!/bin/sh
# PID 1 of one simulated machine: a root of its own on the lab's Debian root, entered for good.
#
#   machine.sh NAME FQDN laptop|hub      reads SCALE_WORK
#
# Prints its process id as the servers see it when the machine is up; reaps what its jobs leave.
set -eu
name=$1 fqdn=$2 kind=$3
repo=$(cd "$(dirname "$0")/../.." && pwd)
# The park's /proc is still mounted here.
read -r stat </proc/self/stat

mkdir -p "$SCALE_WORK/disks/$name/up" "$SCALE_WORK/disks/$name/work" "$SCALE_WORK/disks/$name/root"
cd "$SCALE_WORK"
lower=base:root
[ "$kind" = hub ] || lower=laptop:base:root
mount -t overlay "$name" -o "lowerdir=$lower,upperdir=disks/$name/up,workdir=disks/$name/work" "disks/$name/root"
cd "disks/$name/root"
mount -t proc -o nosuid,nodev,noexec proc proc
hostname "$name"
echo "$name" >etc/hostname
printf '127.0.0.1\tlocalhost\n127.0.1.1\t%s %s\n10.88.0.1\tmailhub.example.com\n' "$fqdn" "$name" >etc/hosts
[ "$kind" != hub ] || printf '127.0.0.1\tlocalhost\n10.88.0.1\tmailhub.example.com hub\n' >etc/hosts
: >etc/resolv.conf
root=$PWD domain=${fqdn#*.}
. "$repo/lab/hosts/firstboot.sh"
firstboot_postfix
touch -d '1 day ago' etc/postfix/main.cf etc/postfix/master.cf
pivot_root . .
umount -l .
cd /
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
unset SCALE_WORK
[ "$kind" != hub ] || /usr/sbin/rsyslogd >/dev/null 2>&1
postfix start >/dev/null 2>&1 </dev/null
echo "${stat%% *}"
exec >/dev/null 2>&1 </dev/null
sleep infinity &
wait
