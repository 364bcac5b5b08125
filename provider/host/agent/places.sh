#!/bin/sh
# What runs on a host: probe, apply, prove. POSIX sh, the tools that every Debian, Alpine and RPM system has (coreutils, grep, sed,
# find, cmp, setsid; systemd's and SELinux's where they are), and Postfix: no interpreter, no package.
#
# The provider sends this text on stdin of `/bin/sh -s`, followed by the variables and payload() of one operation
# and a call of its main function. So nothing of it stands in argv or in the environment, and nothing stays on
# the host but what docs/host.md lists. While it works it has a folder below /run, which a power cut empties.
#
# Answers are lines on stdout: `name=value`, `name:base64`, `step <what begins>`, at the end `result <word>`.

set -u
umask 077
# Root's own may speak of another Postfix than the one whose main.cf is edited here.
unset MAIL_CONFIG ENV CDPATH
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH
LC_ALL=C
export LC_ALL
# This shell has keys in its memory. A Postfix that it starts gets the host's own limit back.
PULUMI_POSTFIX_CORES=${PULUMI_POSTFIX_CORES:-$(ulimit -S -c)}
export PULUMI_POSTFIX_CORES
ulimit -S -c 0

say() { printf '%s\n' "$*"; }
blob() { printf '%s:' "$1"; base64 | tr -d '\n'; echo; }
digest() { sum=$(sha256sum <"$1") && say "${sum%% *}"; }
newline='
'

finish() {
    say "result $*"
    exit 0
}

# Where things are.

locate() {
    able
    # Each postconf(1) costs a machine ten milliseconds: what can be asked at once is.
    both=$(postconf -d -h mail_version config_directory)
    version=${both%%"$newline"*}
    config=${both#*"$newline"}
    [ -f "$config/main.cf" ] || finish no-main-cf "$config/main.cf"
    find_room
    places || finish broken-main-cf "$(postconf -x -h queue_directory 2>&1 | tail -n 1)"
    # The file behind a symlink is the one to replace, or the link would become a plain file.
    main=$(readlink -f "$config/main.cf")
    master=$(readlink -f "$config/master.cf")
    staging=$room/config
}

able() {
    [ "$(id -u)" = 0 ] || finish not-root "$(id -un)"
    command -v postconf >/dev/null 2>&1 || finish no-postfix "$(package_manager)"
}

# As much as they need who do not work themselves but wait for it.
find_room() {
    jobs=/run/pulumi-postfix
    [ -d /run ] || jobs=/var/run/pulumi-postfix
    room=$jobs/${job:-probe-$$}
    home=$config/pulumi
    has_ipv6 || spare_ipv6
}

package_manager() { for manager in ${managers:-}; do if command -v "$manager" >/dev/null 2>&1; then say "$manager" && return; fi; done; }

# Loopback has an address as long as IPv6 is on.
has_ipv6() { { read -r _ </proc/net/if_inet6; } 2>/dev/null; }

# With IPv6 off, an address of it in inet_interfaces (`localhost` has one) ends every Postfix command. Until the change
# is made they read the host's main.cf with IPv4 alone.
spare_ipv6() {
    postmap -q pulumi-postfix-probe 'inline:{x=y}' 2>&1 |
        grep -Eq 'fatal: (parameter inet_interfaces|could not find any active network)' || return 0
    [ -n "${job:-}" ] || trap 'rm -rf "$room"; rmdir "$jobs" 2>/dev/null' EXIT
    mkdir -p "$room/ipv4" &&
        { cat "$config/main.cf" && printf '\ninet_protocols = ipv4\n'; } >"$room/ipv4/main.cf" || return 0
    cold "$room/ipv4/main.cf"
    MAIL_CONFIG=$room/ipv4
    export MAIL_CONFIG
}

# A change may move them.
places() {
    both=$(postconf -x -h queue_directory maillog_file 2>/dev/null) || return 1
    queue=${both%%"$newline"*}
    maillog=${both#"$queue"}
    maillog=${maillog#"$newline"}
}
