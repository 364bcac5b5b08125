# shellcheck shell=sh # read by the init files
# How every kind of host boots: plugs it in, mounts its disk, enters it. Reads $1.. as init.sh's usage says.
#
# Hosts boot side by side without talking to each other; a word in the file ready is all lab.sh sees.
set -eu
exec 8<&- # of launch.sh: it would be a way out of the host's root
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
lib=$(cd "$(dirname "$0")" && pwd)
state=$1 disks=$2 operator=$3 name=$4
me=$state/hosts/$name disk=$disks/$name
read -r fqdn _ <"$me/host"

# The machine's /proc is still mounted here: this is our number as the machine sees it.
read -r stat </proc/self/stat
set -- $stat
self=$1
printf '%s %s\n' "$1" "${22}" >"$me/pid"

# Network. A PID given to ip(8) would be looked up in our own PID namespace, hence a path. The link of
# the host's former life may still be on its way out.
read -r link mac <"$me/link"
carrier=up
[ ! -e "$me/unplugged" ] || carrier=down
nsenter --net="/proc/$operator/ns/net" sh -c 'ip link del "$1" 2>/dev/null; exec ip -b -' - "$link" <<END
link add $link type veth peer name eth0 address $mac netns /proc/$self/ns/net
link set $link master br0 $carrier
END
hostname "$name"
# When the hub's own address goes (`takeover`), others it has must not go with it.
echo 1 >/proc/sys/net/ipv4/conf/all/promote_secondaries # of this network namespace
{
    echo link set lo up
    while read -r address; do echo "addr add $address/16 dev eth0"; done <"$me/addresses"
    echo link set eth0 up
} | ip -b -

# Disk. Relative paths, because overlay's options cannot hold a ':' or ','.
mkdir -p "$disk"
cd "$disk"
[ -e born ] || rm -rf up work # a first boot that was cut short starts over
mkdir -p up work root
ln -sfn "$(readlink -f "$me/root")" lower
mount -t overlay "$name" -o lowerdir=lower,upperdir=up,workdir=work root
cd root
mount -t proc -o nosuid,nodev,noexec proc proc
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs sys
mount -t tmpfs -o mode=755,nosuid dev dev
for device in null:3 zero:5 full:7 random:8 urandom:9; do
    mknod -m 666 "dev/${device%:*}" c 1 "${device#*:}"
done
mknod -m 666 dev/tty c 5 0
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts dev/pts
ln -s pts/ptmx dev/ptmx
mount -t tmpfs -o mode=1777,nosuid,nodev shm dev/shm
mount -t tmpfs -o mode=755,nosuid,nodev run run
mount -t tmpfs -o mode=1777,nosuid,nodev tmp tmp
mkdir -p run/sshd run/lock
if [ ! -e ../born ]; then
    . "$lib/firstboot.sh"
    firstboot
    : >../born
fi

enter() {
    pivot_root . .
    umount -l .
    cd /
}
