# shellcheck shell=bash disable=SC2154 # variables of the script that reads this file
# The life of a lab and its hosts.
#
# $state/op            the operator's side: pid, end (epoch), key, password, known_hosts, ssh_config, hosts (DNS)
# $state/hosts/NAME    host ("FQDN RELEASE ADDRESS"), addresses (now), link, pid, ready, console.log, hostkey.pub
# $(disks)/NAME        up, work, root of its overlay; seen only in the operator's mount namespace. Until the next boot:
#                      kept (a host key), former (up and lower of the release before)

host_names() { [ ! -d "$hosts_dir" ] || ls -v "$hosts_dir"; }

lab_locked() { # one change at a time; `down` removes the directory that holds the lock, hence the loop
    while :; do
        [ -d "$state" ] || fail "lab \"$lab\" is not up" "lab.sh up 3"
        exec 9<"$state"
        take_turn
        [ /proc/$$/fd/9 -ef "$state" ] && return 0
    done
}

take_turn() { flock -n 9 || { echo "lab: waiting for another lab.sh that changes \"$lab\"" >&2; flock 9; }; }

disks() { cat "$op/disks"; }

disk_of() { # HOST CMD...: CMD in the directory of the host's disk
    local host=$1
    shift
    nsenter -t "$(operator_pid)" --mount sh -c 'cd "$0" && exec "$@"' "$(disks)/$host" "$@"
}

lab_up() { # N RELEASE
    local n=$1 release=$2 i started=$EPOCHREALTIME names
    prepare_root "$release"
    start_operator
    add_host hub mailhub.example.com 10.77.0.1 "$release"
    add_host outside outside.example.net 10.77.0.2 "$release"
    add_host impostor impostor.example.org 10.77.0.3 "$release"
    for ((i = 1; i <= n; i++)); do add_host "laptop$i" "laptop$i.example.com" "10.77.1.$i" "$release"; done
    mapfile -t names < <(host_names)
    boot "${names[@]}"
    printf 'lab: %s is up: %s hosts, %s s\n' "$lab" ${#names[@]} \
        "$(awk -v a="$started" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }')"
}

lab_add() { # HOST IP RELEASE FQDN
    local octet='(0|[1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-5])' name
    [[ $1 =~ ^[a-z][a-z0-9-]{0,30}$ ]] || fail "a host's name is a-z, 0-9 and -, beginning with a letter; got \"$1\""
    [[ $2 =~ ^10\.77\.$octet\.$octet$ ]] || fail "the address must be in 10.77.0.0/16; got \"$2\""
    [[ $4 =~ ^[a-z0-9-]+(\.[a-z0-9-]+)+$ ]] || fail "--fqdn wants a full host name; got \"$4\""
    for name in $(host_names); do
        [ "$name" = "$1" ] || ! grep -qxF "$2" "$hosts_dir/$name/addresses" || fail "$2 is $name's"
    done
    prepare_root "$3"
    lab_locked
    add_host "$1" "$4" "$2" "$3"
    boot "$1"
}

start_operator() {
    local tries=0
    for tool in dnsmasq ss ssh-keygen openssl nsenter setpriv; do
        command -v $tool >/dev/null || fail "missing here: $tool" "lab/setup.sh installs what the lab needs"
    done
    mkdir -p "$labs"
    while :; do
        mkdir -p "$op" "$hosts_dir"
        exec 9<"$state"
        take_turn
        ! [ /proc/$$/fd/9 -ef "$state" ] || break
    done
    chmod 700 "$state"
    chown "$caller" "$state" "$op"
    local end=$((EPOCHSECONDS + ttl)) old=0
    if running "$op/pid"; then
        old=$(<"$op/end")
        [ "$old" -ge "$end" ] || echo "$end" >"$op/end"
        return
    fi
    # Nothing can be left of a former operator but files.
    clear_state
    mkdir -p "$op" "$hosts_dir"
    chown "$caller" "$op"
    echo "$end" >"$op/end"
    if [ "$upper" = disk ]; then echo "$cache/lab-disks/$lab"; else echo "$state/disks"; fi >"$op/disks"
    make_credentials
    printf 'nameserver 10.77.0.254\nsearch example.com\noptions timeout:2\n' >"$op/resolv.conf"
    echo 10.77.0.254 operator.example.com operator >"$op/hosts"
    : >"$op/ready"
    become setsid unshare --net --mount --pid --fork --kill-child --propagation private \
        /bin/sh "$here/hosts/operator.sh" "$state" "$(disks)" "$upper" </dev/null >"$op/console.log" 2>&1 &
    until [ -s "$op/ready" ]; do
        tries=$((tries + 1))
        if [ $tries -gt 500 ] || { [ $tries -gt 50 ] && ! running "$op/pid"; }; then
            tail -n 5 "$op/console.log" >&2
            fail "the operator's namespace of lab \"$lab\" did not start" "its log: $op/console.log"
        fi
        sleep 0.02
    done
}

make_credentials() {
    (
        umask 077
        ssh-keygen -q -t ed25519 -N '' -C "operator of lab $lab" -f "$op/key"
        openssl rand -hex 12 >"$op/password"
        openssl passwd -6 -stdin <"$op/password" >"$op/password.hash"
    )
    chown "$caller" "$op/key" "$op/key.pub" "$op/password"
}

add_host() { # NAME FQDN IP RELEASE: known, not yet on
    local dir=$hosts_dir/$1
    [ ! -d "$dir" ] || return 0
    mkdir "$dir.new"
    printf '%s %s %s\n' "$2" "$4" "$3" >"$dir.new/host"
    printf '%s\n' "$3" >"$dir.new/addresses"
    link_of "$3" >"$dir.new/link"
    ln -s "$(root_of "$4")" "$dir.new/root"
    mv "$dir.new" "$dir"
    printf '%s %s %s\n' "$3" "$2" "$1" >>"$op/hosts"
    dns_stale=yes
}

boot() { # HOST...: those that are not on
    local name waiting=() left deadline operator said
    operator=$(operator_pid)
    if [ -n "${dns_stale:-}" ]; then # its number is one of the lab's PID namespace
        nsenter -t "$operator" --pid sh -c 'kill -HUP "$0"' "$(<"$op/dns.pid")"
    fi
    for name; do running "$hosts_dir/$name/pid" || waiting+=("$name"); done
    [ ${#waiting[@]} -gt 0 ] || { write_ssh; return; }
    (become nsenter -t "$operator" --mount --pid --net \
        sh "$here/hosts/launch.sh" "$state" "$(disks)" "$operator" "${waiting[@]}" </dev/null)
    deadline=$((EPOCHSECONDS + 30 + ${#waiting[@]}))
    while [ ${#waiting[@]} -gt 0 ]; do
        left=()
        for name in "${waiting[@]}"; do
            if [ -s "$hosts_dir/$name/ready" ]; then
                read -r said <"$hosts_dir/$name/ready"
                [ "$said" = ok ] || echo "lab: $name is on, but: $said (lab.sh logs $name)" >&2
                continue
            fi
            if [ -s "$hosts_dir/$name/pid" ] && ! running "$hosts_dir/$name/pid" ||
                [ $EPOCHSECONDS -gt $deadline ]; then
                boot_failed "$name"
            fi
            left+=("$name")
        done
        waiting=(${left[@]+"${left[@]}"})
        [ ${#waiting[@]} -eq 0 ] || sleep 0.03
    done
    write_ssh
}

boot_failed() { # HOST
    tail -n 10 "$hosts_dir/$1/console.log" >&2
    disk_of "$1" tail -n 10 up/var/log/mail.log >&2 2>/dev/null || :
    fail "$1 did not come up (its last lines are above)" "the rest: $hosts_dir/$1/console.log; lab.sh logs $1"
}

write_ssh() {
    local name fqdn address type key
    {
        for name in $(host_names); do
            [ -s "$hosts_dir/$name/hostkey.pub" ] || continue
            read -r fqdn _ address <"$hosts_dir/$name/host"
            read -r type key _ <"$hosts_dir/$name/hostkey.pub"
            printf '%s,%s,%s %s %s\n' "$name" "$fqdn" "$address" "$type" "$key"
        done
    } >"$op/known_hosts"
    {
        for name in $(host_names); do
            read -r fqdn _ address <"$hosts_dir/$name/host"
            printf 'Host %s %s %s\n    HostName %s\n    HostKeyAlias %s\n' "$name" "$fqdn" "$address" "$address" "$name"
        done
        cat <<END
Host *
    User root
    IdentityFile "$op/key"
    IdentitiesOnly yes
    UserKnownHostsFile "$op/known_hosts"
    GlobalKnownHostsFile /dev/null
    StrictHostKeyChecking yes
    # 80 ms less than the default of OpenSSH 9, of 230 ms
    KexAlgorithms ^curve25519-sha256
END
    } >"$op/ssh_config"
    chown "$caller" "$op/known_hosts" "$op/ssh_config"
}

lab_reset() { # HOST [--keep-host-key]
    local keep=
    case $2 in '') ;; --keep-host-key) keep=yes ;; *) fail "reset knows --keep-host-key; got \"$2\"" ;; esac
    operator_pid >/dev/null
    kill_hard "$hosts_dir/$1/pid"
    disk_of "$1" sh -euc '
        rm -rf kept
        [ -z "$0" ] || { mkdir kept && mv up/etc/ssh/ssh_host_ed25519_key* kept/; }
        rm -rf born up work' "$keep"
    boot "$1"
}

lab_upgrade() { # HOST RELEASE[-KIND]
    local fqdn release address kind
    read -r fqdn release address <"$hosts_dir/$1/host"
    kind=$(kind_of "$release")
    [ "$1" != impostor ] || fail "the impostor cannot be upgraded: its disk is made for its release"
    [ "$kind" != bare ] && [ "$kind" = "$(kind_of "$2")" ] ||
        fail "$1 is of the kind \"$release\", which cannot become \"$2\"" "give a release of the same kind, with Postfix"
    prepare_root "$2"
    lab_locked
    operator_pid >/dev/null
    kill_hard "$hosts_dir/$1/pid"
    disk_of "$1" sh -euc 'rm -rf former; mkdir former; mv up lower former/; rm -rf born work'
    printf '%s %s %s\n' "$fqdn" "$2" "$address" >"$hosts_dir/$1/host"
    ln -sfn "$(root_of "$2")" "$hosts_dir/$1/root"
    boot "$1"
}

clear_state() {
    local disks=$state/disks
    [ ! -s "$op/disks" ] || disks=$(<"$op/disks")
    [ "$disks" != "$cache/lab-disks/$lab" ] || rm -rf --one-file-system "$disks"
    unshare --mount --propagation private sh -c '. "$0"; state=$1; mount_cgroups && forget_groups "$(lab_group)"' \
        "$here/hosts/cgroups.sh" "$state" || :
    find "$state" -xdev -mindepth 1 -delete
}

lab_down() {
    local left net=
    [ -d "$state" ] || { echo "lab: $lab is not up"; return; }
    lab_locked
    ! running "$op/pid" || net=$(readlink "/proc/$pid/ns/net")
    kill_hard "$op/pid"
    clear_state
    rmdir "$state" "$labs" "$cache/lab-disks" 2>/dev/null || :
    [ -z "$net" ] || for left in $(find /proc -maxdepth 3 -path '/proc/[0-9]*/ns/net' -lname "${net/\[/\\[}" 2>/dev/null); do
        left=${left#/proc/}
        left=${left%%/*}
        case " $(ancestors) " in *" $left "*) ;; *)
            echo "lab: still running in its network: $left $(tr '\0' ' ' <"/proc/$left/cmdline" 2>/dev/null)" >&2 ;;
        esac
    done
    echo "lab: $lab is down"
}

ancestors() {
    local p=$$ stat
    while [ "$p" -gt 1 ]; do
        printf '%s ' "$p"
        stat=$(<"/proc/$p/stat")
        set -- ${stat##*) }
        p=$2
    done
}
