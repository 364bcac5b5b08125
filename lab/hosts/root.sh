#!/bin/bash
# Makes the root file system of one Debian release: what every host of that release has in common.
#
#   root.sh RELEASE DIR PACKAGE_CACHE POSTFIX_VERSION EXTRA_PACKAGES
#
# Runs in a mount and a PID namespace of its own (lab.sh starts it so): whatever a package script
# mounts or starts goes with it, even after an abort, so that a half-made DIR can simply be removed.
set -euo pipefail
release=$1 dir=$2 packages=$3 postfix=$4 extra=$5

# No Python: the provider promises to need /bin/sh, coreutils, grep, sed, find, cmp, setsid and Postfix only.
include=ca-certificates,cpio,busybox,iproute2,netbase,openssh-server,openssl,procps,rsyslog,ssl-cert,sudo,swaks,tcpdump
[ "$extra" = - ] || include+=,$extra

# Names that firstboot.sh replaces by the host's own. Debian's postinst computes main.cf from them.
stock_host=stockhost stock_domain=stock.example

export DEBIAN_FRONTEND=noninteractive LC_ALL=C TZ=UTC
unset TMPDIR # a path of the machine, not of the root

say() { printf '    %s: %s\n' "$release" "$*" >&3; }

# An apt proxy or mirror of this machine serves debootstrap too, which reads neither apt's configuration.
eval "$(apt-config shell proxy Acquire::http::Proxy 2>/dev/null || :)"
[ -n "${http_proxy:-}" ] || [ -z "${proxy:-}" ] || export http_proxy=$proxy
mirror=${LAB_MIRROR:-}
[ -n "$mirror" ] || mirror=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' 2>/dev/null |
    awk '$1 == "Debian" && $2 ~ /^https?:/ { print $2; exit }' || :)

in_root() { chroot "$dir" "$@"; }

say "base system (debootstrap)"
hostname $stock_host # of this UTS namespace; the machine's own name would get into certificates
mkdir -p "$packages"
debootstrap --variant=minbase --cache-dir="$packages" --include="$include" "$release" "$dir" ${mirror:+"$mirror"}

# Package scripts must not start daemons: a chroot has the machine's network.
printf '#!/bin/sh\nexit 101\n' >"$dir/usr/sbin/policy-rc.d"
chmod 755 "$dir/usr/sbin/policy-rc.d"
mount -t proc proc "$dir/proc"
mount --bind "$packages" "$dir/var/cache/apt/archives"

say "Postfix"
printf '127.0.0.1\tlocalhost\n127.0.1.1\t%s.%s %s\n' $stock_host $stock_domain $stock_host >"$dir/etc/hosts"
printf '%s\n' $stock_host >"$dir/etc/hostname"
in_root debconf-set-selections <<END
postfix postfix/main_mailer_type select Internet Site
postfix postfix/mailname string $stock_host.$stock_domain
END
# A mirror's snapshot may be older than its index allows; debootstrap has just trusted the same one.
in_root apt-get update -q -o Acquire::Check-Valid-Until=false
# Postfix after debootstrap, not in its --include: only so the two answers above count.
# libnet-ssleay-perl (swaks --tls): its configuration fails inside debootstrap.
in_root apt-get install -q -y --no-install-recommends postfix libnet-ssleay-perl

got=$(in_root postconf -h mail_version)
case $got in
    $postfix | $postfix.*) ;;
    *)
        say "Postfix $got came, hosts/releases says $postfix"
        exit 1
        ;;
esac
# Up to Debian 12 it is systemd that has the chroot jail filled, not `postfix start`; later Postfix's own
# start does it, and the script refuses to be called.
jail=/usr/lib/postfix/configure-instance.sh
if grep -q '^INSTANCE="$1"' "$dir$jail"; then in_root $jail -; fi
in_root postfix check # makes the queue directories, which the first start would do on each host

say "users and services"
in_root useradd -m -s /bin/bash -p '*' admin
in_root useradd -m -s /bin/bash -p '*' -G sudo nosudo
for user in alice bob carol; do in_root useradd -m -s /bin/bash -p '*' $user; done
printf 'admin ALL=(ALL:ALL) NOPASSWD: ALL\n' >"$dir/etc/sudoers.d/lab"
chmod 440 "$dir/etc/sudoers.d/lab"
rm -f "$dir"/etc/ssh/ssh_host_*
mkdir -p "$dir/etc/ssh/sshd_config.d"
cat >"$dir/etc/ssh/sshd_config.d/lab.conf" <<'END'
HostKey /etc/ssh/ssh_host_ed25519_key
AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/lab_authorized_keys
PermitRootLogin yes
PasswordAuthentication yes
# Fleets of tests open many connections at once; the default (10:30:100) drops some of them at random.
MaxStartups 200
END
# A host must not read the machine's kernel log.
sed -i '/imklog/s/^[^#]/#&/' "$dir/etc/rsyslog.conf"
: >"$dir/etc/machine-id"

umount "$dir/var/cache/apt/archives" "$dir/proc"
rm -rf "$dir/usr/sbin/policy-rc.d" "$dir/etc/resolv.conf" "$dir"/var/lib/apt/lists/* \
    "$dir"/var/log/*.log "$dir"/usr/share/{doc,man,locale}/*
mkdir -p "$dir/oldroot"
say "Postfix $got, $(du -sm --one-file-system "$dir" | cut -f1) MiB"
