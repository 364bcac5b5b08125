# The running Postfix.

master_pid() {
    [ -f "$queue/pid/master.pid" ] || return 1
    pid='' comm=''
    { read -r pid <"$queue/pid/master.pid"; } 2>/dev/null
    [ -n "$pid" ] || return 1
    { read -r comm <"/proc/$pid/comm"; } 2>/dev/null
    [ "$comm" = master ] && say "$pid"
}

# The unit or the login's scope in which systemd has a process, by either version of control groups.
group_of() {
    sed -n -e 's,^0::,,p' -e 's,^[0-9]*:name=systemd:,,p' "/proc/$1/cgroup" 2>/dev/null |
        tr / '\n' | grep -E '\.(service|scope)$' | tail -n 1
}

# Prints the true name of a unit that starts Postfix. Debian's wrapper up to 12 does not (ExecStart=/bin/true), and an
# sshd or a cron from which somebody has started it does not either.
starts_postfix() {
    case $1 in
    pulumi-postfix-*) return 1 ;;
    *.service) systemctl cat "$1" 2>/dev/null | grep -Eq '^ExecStart=.*post(fix|multi)' || return 1 ;;
    *) return 1 ;;
    esac
    systemctl show -p Id --value "$1"
}

# The unit that owns the running master is the only one that may start and stop it: `postfix stop; postfix start`
# in a login session takes the daemon out of its unit.
unit() {
    case $unit in
    none) return 1 ;;
    ?*) say "$unit" && return ;;
    esac
    [ -d /run/systemd/system ] || return 1
    if pid=$(master_pid); then starts_postfix "$(group_of "$pid")" && return; fi
    # Debian's 13 has postfix@ for other instances only.
    starts_postfix postfix.service || starts_postfix postfix@-.service
}

# Of a master that is gone nobody could tell any more whose it was.
remember_unit() {
    unit=$(unit) || unit=none
    [ "$unit" != none ] && pid=$(master_pid) || return 0
    group=$(group_of "$pid")
    [ "$group" = "$unit" ] || stray=${group:-no unit}
}

# Started by hand, Postfix ends with the login that it belongs to, and systemctl passes it by.
tell_stray() {
    [ -n "$stray" ] || return 0
    if [ "$woken" = reload ] || [ "$woken" = none ]; then
        say "note Postfix was started by hand (in $stray), so systemctl passes it by; the next restart gives it back: systemctl stop $unit; postfix stop; systemctl start $unit"
    else
        say "note Postfix had been started by hand (in $stray), so systemctl passed it by; now it is $unit's again"
    fi
}

# After a start of ours Postfix runs, and its unit knows.
owned() {
    case $woken in reload | none) return 0 ;; esac
    postfix status >/dev/null 2>&1 || { ailing "postfix status says that it does not run"; return 1; }
    [ "$unit" != none ] || return 0
    pid=$(master_pid) && [ "$(group_of "$pid")" = "$unit" ] && systemctl is-active --quiet "$unit" ||
        ailing "Postfix runs, but not as $unit, which is $(systemctl is-active "$unit")"
}

restart_command() { if name=$(unit); then say "systemctl restart $name"; else say "postfix stop; postfix start"; fi; }

stop_postfix() {
    master_pid >/dev/null || return 0
    if name=$(unit); then
        # A master outside its unit (started by hand) is not stopped by systemd.
        systemctl stop "$name" >/dev/null 2>&1
        master_pid >/dev/null && postfix stop >/dev/null 2>&1
    elif [ -x /etc/init.d/postfix ] && command -v rc-service >/dev/null 2>&1; then
        rc-service postfix stop >/dev/null 2>&1
    else
        postfix stop >/dev/null 2>&1
    fi
    tries=0
    while master_pid >/dev/null && [ $tries -lt 50 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
}

# A daemon whose master was killed serves its client to the end, and keeps the port from the next master until then.
is_orphan() {
    daemons=$(postconf -h -x daemon_directory 2>/dev/null)
    case $(readlink "/proc/$1/exe" 2>/dev/null) in
    "$daemons/master" | "$daemons/master "*) return 1 ;;
    "$daemons"/*) ;;
    *) return 1 ;;
    esac
    # One of another instance has a master of its own (postmulti(1)).
    case $(readlink "/proc/$(cut -d ' ' -f 4 "/proc/$1/stat" 2>/dev/null)/exe" 2>/dev/null) in
    "$daemons/master" | "$daemons/master "*) return 1 ;;
    esac
}

end_orphans() {
    for signal in TERM KILL; do
        tries=0
        while [ $tries -lt 20 ]; do
            found=
            for process in /proc/[0-9]*; do
                case $(readlink "$process/exe" 2>/dev/null) in */master | '') continue ;; */postfix/*) ;; *) continue ;; esac
                ! is_orphan "${process#/proc/}" || { found=yes && kill -s $signal "${process#/proc/}" 2>/dev/null; }
            done
            [ -n "$found" ] || return 0
            sleep 0.1
            tries=$((tries + 1))
        done
    done
}

start_postfix() {
    woken=start
    follow_log
    if name=$(unit); then
        systemctl reset-failed "$name" >/dev/null 2>&1
        # Not start: while a child of a dead master lives, the unit counts as active.
        systemctl restart "$name" >/dev/null 2>&1
    elif [ -x /etc/init.d/postfix ] && command -v rc-service >/dev/null 2>&1; then
        end_orphans
        (with_cores && rc-service postfix start) >/dev/null 2>&1
    else
        end_orphans
        (unset MAIL_CONFIG && with_cores && postfix start) >/dev/null 2>&1
    fi
}

# Where the host will not have it Postfix starts all the same.
with_cores() {
    ulimit -S -c "$PULUMI_POSTFIX_CORES" || :
    unset PULUMI_POSTFIX_CORES
}

activate() {
    master_pid >/dev/null || set -- start
    woken=$1
    case $1 in
    reload) postfix reload >/dev/null 2>&1 ;;
    restart)
        stop_postfix
        start_postfix
        ;;
    start) start_postfix ;;
    esac
}

# Lines "PORT ADDRESS INODE" of everything that listens. Addresses as the kernel prints them.
listeners() {
    for table in /proc/net/tcp /proc/net/tcp6; do
        [ -r "$table" ] || continue
        while read -r _ address _ state _ _ _ _ _ inode _; do
            [ "$state" = 0A ] && say "$((0x${address##*:})) ${address%:*} $inode"
        done <"$table"
    done
}

owner_of_socket() {
    # master first: its children inherit the socket, and are Postfix all the same.
    for folder in "/proc/$(master_pid)/fd" /proc/[0-9]*/fd; do
        case $(ls -l "$folder" 2>/dev/null) in *"-> socket:[$1]"*) ;; *) continue ;; esac
        pid=${folder#/proc/}
        pid=${pid%%/*}
        is_orphan "$pid" || say "$pid $(cat "/proc/$pid/comm" 2>/dev/null)"
        return
    done
    say "? ?"
}

# An address at which a listener on this port can be reached from here.
reach() {
    listeners | while read -r port address _; do
        [ "$port" = "$1" ] || continue
        case $address in
        00000000) say 127.0.0.1 ;;
        # Postfix's sockets are of one protocol each.
        00000000000000000000000000000000) say ::1 ;;
        ????????)
            a=${address%??????} b=${address%????} c=${address%??}
            say "$((0x${address#??????})).$((0x${c#????})).$((0x${b#??})).$((0x$a))"
            ;;
        # Four words of 32 bits, each in the order of the machine; a little-endian one, as all that Postfix is on.
        *) say "$address" | sed 's/\(..\)\(..\)\(..\)\(..\)/\4\3\2\1/g; s/..../&:/g; s/:$//' ;;
        esac
    done | head -n 1
}

# Ports of the inet services of master.cf, by the names that services have there.
master_ports() {
    while read -r service type _; do
        [ "$type" = inet ] || continue
        case ${service##*:} in
        smtp) say 25 ;;
        submission) say 587 ;;
        smtps | submissions) say 465 ;;
        *[!0-9]*) ;;
        *) say "${service##*:}" ;;
        esac
    done <"$master"
}

# The first sendmail(1) of the host that is another mail server's. Postfix's own hands its mail to postdrop(1); a
# script may lead anywhere.
foreign_sendmail() {
    for file in "$(postconf -h -x sendmail_path 2>/dev/null)" /usr/sbin/sendmail /usr/lib/sendmail; do
        [ -f "$file" ] && [ "$(head -c 2 "$file")" != '#!' ] || continue
        grep -q postdrop "$file" || { say "$file" && return; }
    done
}

waiting_mail() {
    find "$queue/maildrop" "$queue/incoming" "$queue/active" "$queue/deferred" -type f 2>/dev/null
}

queue_length() { say $(($(waiting_mail | wc -l))); }
