# shellcheck shell=bash disable=SC2154 # variables of the script that reads this file
# The cached roots, one for each Debian release: $cache/roots/RELEASE. RELEASE-bare is the same without Postfix,
# RELEASE-systemd the same with systemd as PID 1, RELEASE-sasl the same with Dovecot and Cyrus SASL, RELEASE-python the
# same with Python (bench/: Ansible needs it); each is made out of the first by hosts/KIND-root.sh.

root_of() { printf '%s/roots/%s' "$cache" "$1"; }

kind_of() { case $1 in *-bare) echo bare ;; *-systemd) echo systemd ;; *-sasl) echo sasl ;; *-python) echo python ;; esac; } # RELEASE[-KIND]
plain() { local kind && kind=$(kind_of "$1") && printf %s "${1%"${kind:+-}$kind"}"; } # RELEASE[-KIND] -> RELEASE

release_row() { # RELEASE -> "POSTFIX EXTRA"
    awk -v name="$(plain "$1")" '$1 == name { print $2, $3; found = 1 } END { exit !found }' "$here/hosts/releases" ||
        fail "no Debian release \"$1\" in lab/hosts/releases" \
            "there are: $(release_names | tr '\n' ' ')"
}

release_names() { awk '/^[^#]/ { print $1 }' "$here/hosts/releases"; }

every_root() { # systemd: of those releases only on which tests have such a host
    release_names
    release_names | sed 's/$/-bare/'
    release_names | sed 's/$/-sasl/'
    printf '%s\n' bookworm-systemd trixie-systemd
}

root_stamp() { # RELEASE: what a root is made by
    local kind
    kind=$(kind_of "$1")
    {
        release_row "$1" && grep -v '^ *#' "$here/hosts/root.sh"
        [ -z "$kind" ] || cat "$here/hosts/copied-root.sh" "$here/hosts/$kind-root.sh" | grep -v '^ *#'
    } | cksum
}

root_ready() { [ "$(cat "$(root_of "$1")/.made-by" 2>/dev/null)" = "$(root_stamp "$1")" ]; }

prepare_roots() { # RELEASE...: side by side, as many as there are processors
    local release job rc=0 jobs=()
    # Each in a process group of its own: the only way to end all that one has started, also by Ctrl-C.
    set -m
    trap 'for job in "${jobs[@]}"; do kill -KILL -- "-$job"; done 2>/dev/null; exit 130' INT TERM
    for release; do
        while [ "$(jobs -r | wc -l)" -ge "$(nproc)" ]; do wait -n || rc=$?; done
        (prepare_root "$release") </dev/null &
        jobs+=($!)
    done
    for job in ${jobs[@]+"${jobs[@]}"}; do wait "$job" || rc=$?; done
    set +m
    trap - INT TERM
    return $rc
}

prepare_root() { # RELEASE
    local release=$1 root postfix extra temp log missing lock started=$SECONDS tool ticker maker kind rc=0
    release_row "$release" >/dev/null # a wrong name ends here
    root=$(root_of "$release")
    remove_old "$root"
    ! root_ready "$release" || return 0
    kind=$(kind_of "$release")
    [ -z "$kind" ] || prepare_root "$(plain "$release")"
    missing=$(for tool in debootstrap:debootstrap ip:iproute2 unshare:util-linux; do
        command -v "${tool%:*}" >/dev/null || printf '%s ' "${tool#*:}"
    done)
    [ -z "$missing" ] || fail "missing here: $missing" "apt-get install -y $missing (lab/setup.sh does it)"

    log=$cache/logs/root-$release.log temp=$root.making
    owned_by_caller "$cache" "$cache/logs" "$cache/roots"
    exec {lock}>"$root.lock"
    flock -n "$lock" || { echo "lab: waiting for another process that makes $release"; flock "$lock"; }
    if ! root_ready "$release"; then
        echo "lab: making Debian $release for the lab, one to two minutes (log: $log)"
        read -r postfix extra < <(release_row "$release")
        maker=(root.sh "$release" "$temp" "$cache/packages/$release" "$postfix" "$extra")
        [ -z "$kind" ] || maker=("$kind-root.sh" "${maker[@]:1:3}" "$(root_of "$(plain "$release")")")
        rm -rf --one-file-system "$temp"
        mkdir -p "$temp"
        while sleep 15 >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do # a sign of life
            printf '    %s: %s\n' "$release" "$(tail -n 1 "$log")"
        done {lock}>&- &
        ticker=$!
        # The work holds the lock too: should only this script be killed, nobody begins beside it.
        unshare --mount --pid --uts --fork --kill-child --propagation private --mount-proc \
            bash "$here/hosts/${maker[0]}" "${maker[@]:1}" 3>&1 >"$log" 2>&1 </dev/null || rc=$?
        kill $ticker
        if [ $rc != 0 ]; then
            tail -n 15 "$log" >&2
            fail "could not make the root of Debian $release" "the whole log: $log"
        fi
        root_stamp "$release" >"$temp/.made-by"
        # A running lab may stand on the old one: it goes when nobody does any more.
        [ ! -d "$root" ] || mv "$root" "$root.old.$$"
        mv "$temp" "$root"
        rm -rf --one-file-system "$cache/packages/$release"
        echo "lab: Debian $release is ready ($((SECONDS - started)) s)"
    fi
    exec {lock}>&-
    remove_old "$root"
}

remove_old() { # ROOT: former ones on which no running host stands (launch.sh holds a lock)
    local old
    for old in "$1".old.*; do
        [ ! -d "$old" ] || flock -n -x "$old" rm -rf --one-file-system "$old" || :
    done
}

owned_by_caller() { # DIR...: made, and not left to root when sudo brought us here
    local dir
    for dir; do
        [ -d "$dir" ] || { mkdir -p "$dir" && chown "$caller" "$dir"; }
    done
}
