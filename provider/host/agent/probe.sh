# Probe.

probe_main() {
    # A shell's start file may have said something, and not ended its line.
    echo
    locate
    say "version=$version"
    say "config=$config"
    say "queue=$(queue_length)"
    say "hostname=$(hostname 2>/dev/null || uname -n)"
    say "fqdn=$(hostname -f 2>/dev/null || postconf -h myhostname)"
    say "maptypes=$(postconf -m | tr '\n' ' ')"
    unknown_names
    pid=$(master_pid) || pid=
    say "master=$pid"
    # A Postfix that is off must be able to bind its own ports too.
    [ -n "$pid" ] || wanted_ports="$wanted_ports $(master_ports | tr '\n' ' ')"
    probe_sasl
    listeners | while read -r port address inode; do
        case " $wanted_ports " in *" $port "*) ;; *) continue ;; esac
        # Whatever a dead Postfix has left is ended before the next start.
        holder=$(owner_of_socket "$inode")
        [ -z "$holder" ] || say "listen=$port $address $holder"
    done
    has_ipv6 || say "ipv6=off"
    say "sendmail=$(foreign_sendmail)"
    if [ -f "$home/journal" ]; then say "journal=$(cat "$home/journal")"; fi
    blob main.cf <"$main"
    blob master.cf <"$master"
    for directory in "$home"/*/*/; do
        [ -f "${directory}pins" ] || continue
        name=${directory#"$home"/}
        blob "pins ${name%/}" <"${directory}pins"
    done
    probe_laptops
    probe_network
    find_live
    probe_places
    if [ -n "$live" ] && [ -d "$home/$live" ]; then
        for file in "$home/$live"/*; do
            [ -f "$file" ] || continue
            say "file=$(stat -c '%a %U:%G' "$file") $(digest "$file") ${file##*/}"
            case $file in
            # An index is made of the table beside it.
            */pins | *.db | *.lmdb | *.cdb | */built.sums) ;;
            *.pem) sed -n '/BEGIN CERTIFICATE/,/END CERTIFICATE/p' "$file" | blob "content ${file##*/}" ;;
            *) blob "content ${file##*/}" <"$file" ;;
            esac
        done
    fi
    probe_named
    for file in $certificate_files; do
        [ -f "$file" ] || continue
        sed -n '/^-----BEGIN CERTIFICATE-----/,/^-----END CERTIFICATE-----/p' "$file" | blob "certificate $file"
    done
    # Of a key that is not ours only what kind of thing it is.
    for file in $key_files; do
        [ -f "$file" ] || continue
        say "key $file=$(sed -n 's/^-----BEGIN \(.*\)-----.*/\1/p; s/^Proc-Type: 4,ENCRYPTED.*/ENCRYPTED/p' "$file" | tr '\n' ,)"
    done
    finish probed
}

# A state that is older than the last change names a folder that is no longer in use.
find_live() {
    [ -n "$live" ] && ! in_use "$live" || return 0
    for directory in "$home/${live%%/*}"/*/; do
        name=${directory#"$home"/}
        if in_use "${name%/}"; then live=${name%/}; fi
    done
}

in_use() { grep -qF "$home/$1/" "$main" "$master"; }

# Whose keys may relay, by name, and what they have proven.
probe_laptops() {
    [ -n "$asked_laptops" ] || return 0
    for file in "$home"/*/*/clients "$home"/*/*/proofs; do
        name=${file#"$home"/}
        [ -f "$file" ] && in_use "${name%/*}" || continue
        blob "${name##*/} ${name%/*}" <"$file"
    done
}

# How the folders lie in which the live files are, and whether what was made of tables is still what was made.
probe_places() {
    [ -n "$live" ] || return 0
    set -- "$home" "$home/backup" "$home/backup/first" "$home/${live%%/*}" "$home/$live"
    if [ -d "$home-sasl" ]; then
        say "group=$(id -gn "$(postconf -h mail_owner)")"
        set -- "$@" "$home-sasl" "$home-sasl/${live%%/*}" "$home-sasl/$live" "$home-sasl/$live"/*
    fi
    stat -c 'place=%a %U:%G %n' "$@" 2>/dev/null
    [ ! -f "$home/$live/built.sums" ] ||
        sha256sum -c "$home/$live/built.sums" 2>/dev/null | sed -n 's/^\(.*\): FAILED.*/altered=\1/p'
}

# Which of the names asked for this Postfix does not know. Older names stand in the defaults of newer ones only.
unknown_names() {
    [ -n "$asked_names" ] || return 0
    # Expanded, because many take theirs from another: what a parameter takes shows only there.
    defaults=$(postconf -d -x 2>/dev/null)
    say "$defaults" | grep -E "^($(printf '%s|' $asked_names | sed 's/|$//')) =" | blob defaults
    known=$(say "$defaults" | sed 's/ =.*//')
    read_by_others=$(postconf -d -h 2>/dev/null | grep -oE '[$][{(]?[A-Za-z0-9_]+' | tr -d '${(' | sort -u)
    unknown=$(printf '%s\n' $asked_names | grep -vxF -e "$known" -e "$read_by_others")
    [ -n "$unknown" ] || return 0
    # shellcheck disable=SC2086 # names are words
    say "unknown=$(say $unknown)"
    say "$known" | blob parameters
}

# What settings and services name that is not ours: files by what kind of thing they hold, daemons and tables that are
# no good.
probe_named() {
    for file in $asked_files; do
        kinds=
        if [ -d "$file" ]; then
            kinds=folder
        elif [ -f "$file" ]; then
            kinds="file $(sed -n 's/^-----BEGIN \(.*\)-----.*/\1/p' "$file" | tr '\n' ,)"
        fi
        say "named $file=$kinds"
    done
    [ -z "$asked_daemons" ] || daemons=$(postconf -h -x daemon_directory)
    for daemon in $asked_daemons; do
        case $daemon in /*) program=$daemon ;; *) program=$daemons/$daemon ;; esac
        [ -x "$program" ] || say "nodaemon=$program $daemon"
    done
    for table in $asked_tables; do
        told=$(postmap -q pulumi-postfix-probe "$table" 2>&1 | grep -F -e "${table#*:}" -e fatal: -e error:)
        # A warning beside it is not why the table cannot be read.
        said=$(say "$told" | grep -e fatal: -e error: -e 'is unavailable' | tail -n 1)
        [ -n "$said" ] || said=$(say "$told" | tail -n 1)
        [ -z "$said" ] || say "badtable=$table ${said#postmap: }"
    done
}

# What runs programs when the network comes back, what sends the queue then, and what of ours does.
probe_network() {
    for path in $network_paths; do
        [ -e "$path" ] || continue
        say "there=$path"
        [ -f "$path" ] && [ -x "$path" ] && grep -Eq 'sendmail -q|postqueue -f' "$path" && say "flushes=$path"
    done
    for hook in $hook_patterns; do
        [ -e "$hook" ] || [ -L "$hook" ] || continue
        if is_ours "$hook" "${hook##*-pulumi-postfix-}"; then whose=ours; else whose=foreign; fi
        say "hook=$(stat -c '%a %U:%G' "$hook") $(digest "$hook" 2>/dev/null) $whose $hook"
    done
}

# is_ours HOOK OWNER
is_ours() { [ -f "$1" ] && [ ! -L "$1" ] && grep -qxF "# pulumi-postfix $2" "$1"; }

probe_sasl() {
    say "sasl.server=$(postconf -a 2>/dev/null | tr '\n' ' ')"
    say "sasl.client=$(postconf -A 2>/dev/null | tr '\n' ' ')"
    if command -v saslpasswd2 >/dev/null 2>&1; then say "sasl.passwd=yes"; fi
    names='' seen=''
    for directory in /usr/lib/*/sasl2 /usr/lib64/sasl2 /usr/lib/sasl2 /usr/local/lib/sasl2; do
        [ -d "$directory" ] || continue
        seen=yes
        for file in "$directory"/lib*.so*; do
            name=${file##*/lib}
            names="$names ${name%%.so*}"
        done
    done
    # Without such a folder they may be built in: nothing can be said.
    if [ -n "$seen" ]; then say "sasl.mechanisms=$names"; fi
    names=''
    for socket in $wanted_sockets; do
        case $socket in /*) file=$socket ;; *) file=$queue/$socket ;; esac
        if [ -S "$file" ]; then names="$names $socket"; fi
    done
    say "sasl.sockets=$names"
}
