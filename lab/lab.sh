#!/bin/bash
# The lab: real hosts on one machine, to test against. See README.md beside this file; `lab.sh help`.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

usage() {
    cat <<'END'
lab.sh prep [RELEASE... | --all]    make the root file systems (default: bookworm)
lab.sh up N [--release R]           hub, outside, impostor, laptop1..N; starts only what is missing
lab.sh add HOST IP [--release R] [--fqdn NAME]   one more host
                                    R-bare: without Postfix; R-systemd: systemd is PID 1; R-python: with Python
lab.sh down                         end of it all, disks included
lab.sh status | info --json         what is there
lab.sh sh HOST | exec HOST CMD...   inside the host, as root, not over SSH
lab.sh each CMD...                  CMD inside all hosts that are on, side by side; each line begins with "HOST: "
lab.sh logs HOST [-f]               its mail log
lab.sh ctl CMD...                   CMD on the operator's side of the lab's network (10.77.0.254)
lab.sh stop HOST... | start HOST...     power-cycle, disk kept
lab.sh reset HOST [--keep-host-key]     fresh disk
lab.sh upgrade HOST RELEASE         another release under its disk: settings, keys, mail and logs stay
lab.sh takeover IMPOSTOR HUB | giveback IMPOSTOR HUB     the hub's address moves
lab.sh unplug HOST [--silent] | plug HOST       the cable (--silent: no answer instead of "no route")
lab.sh hostkey HOST | key | password | ssh-config     for SSH: host key; paths of the operator's files

environment: LAB_NAME (default), LAB_DIR, LAB_TTL (2700 s, then everything dies by itself),
LAB_UPPER=tmpfs|disk, LAB_MIRROR (of Debian), PULUMI_POSTFIX_CACHE
END
}

fail() { # WHAT [REMEDY]
    printf 'lab: %s\n' "$1" >&2
    [ -z "${2:-}" ] || printf '     %s\n' "$2" >&2
    exit 1
}

case ${1:-help} in help | -h | --help) usage && exit ;; esac

if [ "$(id -u)" != 0 ]; then
    [ "$(uname)" = Linux ] || fail "needs Linux: hosts are network namespaces" "run it in a Debian 12 virtual machine"
    command -v sudo >/dev/null || fail "needs root, and there is no sudo" "run it as root"
    # sudo resets PATH and HOME whatever -E says.
    exec sudo -E -- env "PATH=$PATH" "HOME=$HOME" "LAB_CALLER=$(id -u):$(id -g)" bash "$here/lab.sh" "$@"
fi

caller=${LAB_CALLER:-0:0}
lab=${LAB_NAME:-default}
[[ $lab =~ ^[a-z0-9][a-z0-9-]{0,30}$ ]] || fail "LAB_NAME is \"$lab\"; allowed are a-z, 0-9 and -, 31 at most"
ttl=${LAB_TTL:-2700}
[[ $ttl =~ ^[1-9][0-9]{0,6}$ ]] || fail "LAB_TTL is \"$ttl\"; it is a number of seconds"
upper=${LAB_UPPER:-tmpfs}
[[ $upper =~ ^(tmpfs|disk)$ ]] || fail "LAB_UPPER is \"$upper\"; it is tmpfs or disk"
cache=${PULUMI_POSTFIX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pulumi-postfix}
labs=${LAB_DIR:-${XDG_RUNTIME_DIR:-/run}/pulumi-postfix-lab}
[[ $cache == /* && $labs == /* ]] || fail "the cache ($cache) and LAB_DIR ($labs) must be absolute paths"
state=$labs/$lab op=$state/op hosts_dir=$state/hosts

. "$here/hosts/process.sh"
. "$here/hosts/net.sh"
. "$here/hosts/roots.sh"
. "$here/hosts/power.sh"
. "$here/hosts/show.sh"

known() { # HOST: leave unless there is such a host
    [[ $1 =~ ^[a-z0-9-]+$ && -d $hosts_dir/$1 ]] ||
        fail "no host \"$1\" in lab \"$lab\"" "there are: $(host_names | tr '\n' ' ')"
}
in_host() { # HOST CMD...
    local host=$1
    shift
    known "$host"
    running "$hosts_dir/$host/pid" || fail "$host is not running" "start it: lab.sh start $host"
    nsenter -t "$pid" --net --mount --pid --uts --ipc env -i HOME=/root TERM="${TERM:-dumb}" LANG=C.UTF-8 \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}
operator_pid() {
    running "$op/pid" || fail "lab \"$lab\" is not up" "lab.sh up 3"
    printf %s "$pid"
}
in_each() { # CMD...
    local host jobs=0 failed=
    {
        failed=$(
            exec 3>&1 >&4
            while read -r host; do
                running "$hosts_dir/$host/pid" || continue
                (in_host "$host" "$@" 2>&1 </dev/null 3>&- 4>&- || echo "$host" >&3) | sed "s/^/$host: /" &
                jobs=$((jobs + 1))
                [ $((jobs % 16)) -ne 0 ] || wait
            done < <(host_names)
            wait
        )
    } 4>&1
    [ -z "$failed" ] || fail "failed on $(tr '\n' ' ' <<<"$failed"): $*"
}
need_host() { [ -n "${1:-}" ] || { usage >&2; exit 2; }; known "$1"; }
option() { # NAME DEFAULT ARGS...: value of --NAME among ARGS
    local name=$1 value=$2
    shift 2
    while [ $# -gt 0 ]; do
        [ "$1" != "--$name" ] || value=${2:-}
        shift
    done
    printf %s "$value"
}

command=$1
shift
case $command in
    prep)
        [ $# -gt 0 ] || set -- bookworm
        [ "$1" != --all ] || set -- $(every_root)
        prepare_roots "$@"
        ;;
    up)
        n=${1:-}
        [[ $n =~ ^(0|[1-9][0-9]{0,2})$ && $n -le 250 ]] || fail "up wants a number of laptops, 0 to 250; got \"$n\""
        lab_up "$n" "$(option release bookworm "$@")"
        ;;
    add)
        [ $# -ge 2 ] || { usage >&2; exit 2; }
        lab_add "$1" "$2" "$(option release bookworm "$@")" "$(option fqdn "$1.example.com" "$@")"
        ;;
    down) lab_down ;;
    status) lab_status ;;
    info) lab_info ;;
    sh)
        need_host "${1:-}"
        if [ -t 0 ]; then # a terminal of its own: the outer one has no name inside
            in_host "$1" script -qc 'exec bash -l' /dev/null
        else
            in_host "$1" bash -l
        fi
        ;;
    exec)
        need_host "${1:-}"
        [ $# -ge 2 ] || { usage >&2; exit 2; }
        in_host "$@"
        ;;
    each)
        [ $# -ge 1 ] || { usage >&2; exit 2; }
        operator_pid >/dev/null
        in_each "$@"
        ;;
    logs)
        need_host "${1:-}"
        read -r _ release _ <"$hosts_dir/$1/host"
        if [ "$(kind_of "$release")" = systemd ]; then
            if [ "${2:-}" = -f ]; then set -- "$1" -n 50 -f; fi
            in_host "$1" journalctl --no-pager -o short SYSLOG_FACILITY=2 "${@:2}" # mail
        elif [ "${2:-}" = -f ]; then
            in_host "$1" tail -n 50 -F /var/log/mail.log
        else
            disk_of "$1" sh -c 'cat up/var/log/mail.log 2>/dev/null || :' # also of a host that is off
        fi
        ;;
    ctl)
        [ $# -ge 1 ] || { usage >&2; exit 2; }
        net=/proc/$(operator_pid)/ns/net || exit
        exec nsenter --net="$net" unshare --mount --propagation slave \
            bash "$here/hosts/ctl.sh" "$state" "$caller" "$@"
        ;;
    stop)
        need_host "${1:-}"
        for name; do known "$name" && kill_hard "$hosts_dir/$name/pid"; done
        ;;
    start)
        need_host "${1:-}"
        for name; do known "$name"; done
        lab_locked
        boot "$@"
        ;;
    reset)
        need_host "${1:-}"
        lab_locked
        lab_reset "$1" "${2:-}"
        ;;
    upgrade)
        [ $# = 2 ] || { usage >&2; exit 2; }
        need_host "$1"
        lab_upgrade "$@"
        ;;
    takeover | giveback)
        need_host "${1:-}"
        need_host "${2:-}"
        lab_locked
        read -r _ _ address <"$hosts_dir/$2/host"
        if [ "$command" = takeover ]; then move_address "$address" "$2" "$1"; else move_address "$address" "$1" "$2"; fi
        ;;
    unplug | plug)
        need_host "${1:-}"
        lab_locked
        "$command" "$@"
        ;;
    hostkey)
        need_host "${1:-}"
        read -r type key _ <"$hosts_dir/$1/hostkey.pub"
        printf '%s %s\n' "$type" "$key"
        ;;
    key) operator_pid >/dev/null && printf '%s\n' "$op/key" ;;
    password) operator_pid >/dev/null && printf '%s\n' "$op/password" ;;
    ssh-config) operator_pid >/dev/null && printf '%s\n' "$op/ssh_config" ;;
    *)
        usage >&2
        fail "unknown command \"$command\""
        ;;
esac
