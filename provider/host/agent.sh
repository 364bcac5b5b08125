#!/bin/sh
# What runs on a host: probe, apply, prove. POSIX sh, coreutils and Postfix, nothing else.
#
# The provider sends this text on stdin of `/bin/sh -s`, followed by the variables and payload() of one operation
# and a call of its main function. So nothing of it stands in argv or in the environment, and nothing stays on
# the host but `<config_directory>/pulumi`. While it works it has a folder below /run, which a power cut empties.
#
# Answers are lines on stdout: `name=value`, `name:base64`, `step <what begins>`, at the end `result <word>`.

set -u
umask 077
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH
LC_ALL=C
export LC_ALL

say() { printf '%s\n' "$*"; }
blob() { printf '%s:' "$1"; base64 | tr -d '\n'; echo; }
digest() { sha256sum <"$1" | cut -d ' ' -f 1; }

finish() {
    say "result $*"
    exit 0
}

# --- where things are -------------------------------------------------------------------------------------------

locate() {
    [ "$(id -u)" = 0 ] || finish not-root "$(id -un)"
    command -v postconf >/dev/null 2>&1 || finish no-postfix "$(package_manager)"
    version=$(postconf -d -h mail_version)
    config=$(postconf -d -h config_directory)
    [ -f "$config/main.cf" ] || finish no-main-cf "$config/main.cf"
    postconf -h queue_directory >/dev/null 2>&1 ||
        finish broken-main-cf "$(postconf -h queue_directory 2>&1 | tail -n 1)"
    places
    # The file behind a symlink is the one to replace, or the link would become a plain file.
    main=$(readlink -f "$config/main.cf")
    master=$(readlink -f "$config/master.cf")
    home=$config/pulumi
    jobs=/run/pulumi-postfix
    [ -d /run ] || jobs=/var/run/pulumi-postfix
    room=$jobs/${job:-none}
    staging=$room/config
}

package_manager() { for manager in ${managers:-}; do if command -v "$manager" >/dev/null 2>&1; then say "$manager" && return; fi; done; }

# A change may move them.
places() {
    queue=$(postconf -x -h queue_directory 2>/dev/null)
    maillog=$(postconf -x -h maillog_file 2>/dev/null)
}

# --- the mail log, wherever it is -------------------------------------------------------------------------------

# Where a word of ours arrives: a file that merely exists may be that of a log daemon long gone.
find_log() {
    log=
    word="pulumi-postfix: change $job"
    postlog -t postfix/pulumi "$word" >/dev/null 2>&1 || return 0
    tries=0
    while [ $tries -lt 20 ]; do
        for file in "$maillog" /var/log/mail.log /var/log/maillog /var/log/mail /var/log/messages /var/log/syslog; do
            # What a process's own output is called would be read for ever.
            case $file in "" | /dev/*) continue ;; esac
            [ -f "$file" ] && tail -c 65536 "$file" 2>/dev/null | grep -qF "$word" || continue
            log=$file
            return 0
        done
        if journalctl -n 1000 -o cat --no-pager 2>/dev/null | grep -qF "$word"; then
            log=journal
            return 0
        fi
        sleep 0.1
        tries=$((tries + 1))
    done
}

log_mark() {
    case $log in
    "") mark= ;;
    journal)
        # What was said before must not come in behind the mark.
        journalctl --sync >/dev/null 2>&1
        mark=$(journalctl -n 1 --show-cursor --no-pager 2>/dev/null | sed -n 's/^-- cursor: //p' | tail -n 1)
        ;;
    *) mark=$(wc -c 2>/dev/null <"$log") || mark=0 ;;
    esac
}

# Called before a Postfix starts that may log to another place than the one before.
follow_log() {
    set -- "$maillog"
    places
    [ "$maillog" != "$1" ] || return 0
    case $maillog in
    "") find_log ;;
    /dev/*) log= ;;
    *) log=$maillog ;;
    esac
    log_mark
}

log_since() {
    case $log in
    "") ;;
    journal) journalctl --after-cursor="$mark" -o short --no-pager 2>/dev/null | grep ' postfix' ;;
    *)
        [ -f "$log" ] || return 0
        # Shorter than it was: rotated in between.
        [ "$(wc -c <"$log")" -ge "$mark" ] || mark=0
        tail -c "+$((mark + 1))" "$log" | grep 'postfix'
        ;;
    esac
}

# What the check of the staged files says to the log is about their place, and hides what matters.
tell_log() { log_since | grep -vF "$jobs/" | tail -n 20 | while IFS= read -r line; do say "log $line"; done; }

# Daemons that die. A command that somebody gives wrongly meanwhile, by cron or by hand, is no fault of a change.
fatal_lines() {
    commands='sendmail|postalias|postcat|postconf|postdrop|postfix|postfix-script|postkick|postlock|postlog|postmap|postmulti|postqueue|postsuper|posttls-finger'
    log_since | grep -E ': (fatal|panic):|throttling' | grep -Ev "/($commands)\[[0-9]+\]: "
}

# --- the running Postfix ----------------------------------------------------------------------------------------

master_pid() {
    [ -f "$queue/pid/master.pid" ] || return 1
    pid=$(tr -d ' \n' <"$queue/pid/master.pid")
    [ -n "$pid" ] && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = master ] && say "$pid"
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

start_postfix() {
    woken=start
    follow_log
    if name=$(unit); then
        systemctl reset-failed "$name" >/dev/null 2>&1
        # Not start: while a child of a dead master lives, the unit counts as active.
        systemctl restart "$name" >/dev/null 2>&1
    elif [ -x /etc/init.d/postfix ] && command -v rc-service >/dev/null 2>&1; then
        rc-service postfix start >/dev/null 2>&1
    else
        postfix start >/dev/null 2>&1
    fi
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
    for fd in "/proc/$(master_pid)/fd"/* /proc/[0-9]*/fd/*; do
        if [ "$(readlink "$fd" 2>/dev/null)" = "socket:[$1]" ]; then
            pid=${fd#/proc/}
            pid=${pid%%/*}
            say "$pid $(cat "/proc/$pid/comm" 2>/dev/null)"
            return
        fi
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

waiting_mail() {
    for name in maildrop incoming active deferred; do
        [ -d "$queue/$name" ] && find "$queue/$name" -type f 2>/dev/null
    done
}

queue_length() { say $(($(waiting_mail | wc -l))); }

# --- probe ------------------------------------------------------------------------------------------------------

probe_main() {
    locate
    say "version=$version"
    say "config=$config"
    say "queue=$(queue_length)"
    say "hostname=$(hostname 2>/dev/null || uname -n)"
    say "fqdn=$(hostname -f 2>/dev/null || postconf -h myhostname)"
    say "maptypes=$(postconf -m | tr '\n' ' ')"
    unknown_names
    if pid=$(master_pid); then say "master=$pid"; else say "master="; fi
    listeners | while read -r port address inode; do
        case " $wanted_ports " in *" $port "*) say "listen=$port $(owner_of_socket "$inode")" ;; esac
    done
    if [ -f "$home/journal" ]; then say "journal=$(cat "$home/journal")"; fi
    blob main.cf <"$main"
    blob master.cf <"$master"
    for directory in "$home"/*/*/; do
        [ -f "${directory}pins" ] || continue
        name=${directory#"$home"/}
        blob "pins ${name%/}" <"${directory}pins"
    done
    probe_network
    if [ -n "$live" ] && [ -d "$home/$live" ]; then
        for file in "$home/$live"/*; do
            [ -f "$file" ] || continue
            say "file=$(stat -c '%a %U:%G' "$file") $(digest "$file") ${file##*/}"
            case $file in
            */pins) ;;
            *.pem) sed -n '/BEGIN CERTIFICATE/,/END CERTIFICATE/p' "$file" | blob "content ${file##*/}" ;;
            *) blob "content ${file##*/}" <"$file" ;;
            esac
        done
    fi
    finish probed
}

# Which of the names asked for this Postfix does not know. Older names stand in the defaults of newer ones only.
unknown_names() {
    [ -n "$asked_names" ] || return 0
    known=$(postconf -d 2>/dev/null | sed 's/ =.*//')
    read_by_others=$(postconf -d -h 2>/dev/null | grep -oE '[$][{(]?[A-Za-z0-9_]+' | tr -d '${(' | sort -u)
    unknown=$(printf '%s\n' $asked_names | grep -vxF -e "$known" -e "$read_by_others")
    [ -n "$unknown" ] || return 0
    # shellcheck disable=SC2086 # names are words
    say "unknown=$(say $unknown)"
    say "$known" | blob parameters
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

# --- apply ------------------------------------------------------------------------------------------------------

# The change must survive the SSH session: it is written down, started apart from it, and watched.
apply_main() {
    locate
    out=$room/out
    { mkdir -p "$room" && job_text >"$room/run" && say $$ >"$room/watcher" && true >"$out"; } 2>/dev/null || {
        rm -rf "$room"
        say "failed prepare the change: cannot write to $jobs (is it full, or read-only?)"
        finish refused
    }
    run_by_systemd || { setsid /bin/sh "$room/run" >/dev/null 2>&1 </dev/null & }
    # Whoever listened may be gone; what is left here is cleared away all the same.
    trap '' PIPE
    tail -n +1 -f "$out" 2>/dev/null &
    watcher=$!
    tries=0
    while [ ! -s "$room/pid" ] && [ $tries -lt 100 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    runner=$(cat "$room/pid" 2>/dev/null) || runner=none
    while [ -d "/proc/$runner" ]; do sleep 0.1; done
    kill $watcher 2>/dev/null
    wait $watcher 2>/dev/null
    say "final"
    cat "$out"
    leave
    exit 0
}

# With KillUserProcesses=yes (logind.conf(5)) nothing in a session outlives it, whatever it calls itself; a unit does.
# KillMode: a Postfix that no unit knows and the job started goes on when the job ends.
run_by_systemd() {
    [ -d /run/systemd/system ] && systemd-run --quiet --collect --unit="pulumi-postfix-$job" -p KillMode=process \
        --description="a change of Postfix" /bin/sh "$room/run" >/dev/null 2>&1 </dev/null
}

leave() {
    rm -rf "$room"
    rmdir "$jobs" "$home" 2>/dev/null
}

# Runs detached: first takes the kernel's lock, which goes away with the process.
job_main() {
    locate
    if [ "${1:-}" != locked ]; then
        exec >"$room/out" 2>&1 </dev/null
        say $$ >"$room/pid"
        postlock -l flock "$jobs.lock" /bin/sh "$room/run" locked
        # 75 = EX_TEMPFAIL: postlock(1) could not get the lock.
        [ $? != 75 ] || say "result busy"
        [ -d "/proc/$(cat "$room/watcher")" ] || leave
        exit 0
    fi
    # Holds keys; this shell has it open and needs the name no more.
    rm -f "$room/run"
    remember_unit
    find_log
    log_mark
    recover
    sweep
    log_mark
    [ "$(digest "$main")" = "$old_main" ] && [ "$(digest "$master")" = "$old_master" ] || finish conflict
    was_running=$(master_pid) || was_running=
    [ "$action" != none ] || unchanged=yes
    [ -n "$unchanged" ] || write_generation
    stage
    for port in $other_ports; do if greets "$port"; then greeted="$greeted $port"; fi; done
    if [ -n "$was_running" ] && delivers_here && passes_mail "$job-before"; then passed=yes; fi
    # A daemon that dies of the old settings is throttled, which a reload does not lift; and its words count no more.
    [ -z "$(fatal_lines)" ] || action=restart
    settle_queue
    # What needs a restart is read at the start only, and `postfix stop` looks where the new file says.
    [ "$action" != restart ] || halt
    log_mark
    [ -n "$unchanged" ] || commit
    if write_hooks && wake "$action" && healthy "$own_ports $greeted" && owned && serves_pin && grants && prove; then
        prove_others
        conclude
        finish applied
    fi
    roll_back
}

step() {
    current=$*
    say "step $*"
}

fail() {
    say "failed $current: $*"
    tell_log
    discard
    finish refused
}

# Whatever this change did before its commit.
discard() {
    rm -rf "${generation:-/nonexistent}"
    rmdir "$home/$owner" 2>/dev/null
    [ -z "$held" ] || on_hold | grep -vxF -e "$held_before" | postsuper -H - >/dev/null 2>&1
    [ -z "$halted" ] || { start_postfix && rm -f "$home/journal"; }
    halted=
}

on_hold() { find "$queue/hold" -type f 2>/dev/null | sed 's,.*/,,'; }

# A laptop must not send what waits behind a pin by another way: see the queue before anything is weakened.
settle_queue() {
    case $on_queue in
    ignore) return ;;
    hold)
        step "hold the queue"
        held=yes
        held_before=$(on_hold)
        postsuper -h ALL >/dev/null 2>&1 || fail "postsuper(1) cannot hold it"
        ;;
    flush)
        step "flush the queue"
        postqueue -f
        tries=0
        while [ "$(queue_length)" != 0 ] && [ $tries -lt 60 ]; do
            sleep 0.5
            tries=$((tries + 1))
        done
        ;;
    esac
    refuse_waiting
    # What comes in from now on must find the host's own configuration, and nothing may leave by it unseen.
    halt
    [ "$on_queue" != hold ] || postsuper -h ALL >/dev/null 2>&1 || fail "postsuper(1) cannot hold it"
    refuse_waiting
}

halt() {
    [ -n "$was_running" ] && [ -z "$halted" ] || return 0
    # A journal without files: should this be killed now, the next change starts Postfix again.
    mkdir -p "$home" && say "none $was_running $order" >"$home/journal.new" &&
        mv -f "$home/journal.new" "$home/journal" || fail "cannot write to $home"
    halted=yes
    stop_postfix
    ! master_pid >/dev/null || fail "Postfix does not stop"
}

refuse_waiting() {
    waiting=$(queue_length)
    [ "$waiting" = 0 ] && return
    discard
    finish queue "$waiting"
}

current=
generation=
greeted=
passed=
held=
held_before=
halted=
edited=
hooks_touched=
unit=
stray=
woken=
unchanged=

write_generation() {
    [ -n "$generation_name" ] || return 0
    step "write keys and tables"
    generation=$home/$owner/$generation_name
    mkdir -p "$generation" || fail "cannot make $generation"
    for file in $files; do
        payload "$file" >"$generation/$file" || fail "cannot write $generation/$file"
        chmod 0600 "$generation/$file"
        # texthash warns when its source is newer than the reader expects; and a hot file costs 2 s (see commit).
        cold "$generation/$file"
        sync "$generation/$file" 2>/dev/null
    done
    for table in $indexed; do
        said=$(postmap "${table%%:*}:$generation/${table#*:}" 2>&1) || fail "postmap(1) cannot build $table: $said"
    done
    label "$generation"
    sync "$generation" 2>/dev/null || sync
}

# SELinux: a file has the context of the folder that it was made in, and may need another (restorecon(8)).
label() { if command -v restorecon >/dev/null 2>&1; then restorecon -R "$@" >/dev/null 2>&1 || :; fi; }

# Whatever reads a main.cf younger than two seconds waits until it is older, up to 2 s a command.
cold() { touch -d "@$(($(date +%s) - 3))" "$1" 2>/dev/null || touch -t 200001010000 "$1"; }

stage() {
    step "check the new configuration"
    said=$room/said
    mkdir -p "$staging" "$room/queue" "$room/data" || fail "cannot make $staging"
    for file in "$config"/* "$config"/.[!.]*; do
        [ -e "$file" ] || continue
        case ${file##*/} in
        main.cf | master.cf) ;;
        *) ln -s "$file" "$staging/${file##*/}" ;;
        esac
    done
    payload main.cf >"$staging/main.cf" && payload master.cf >"$staging/master.cf" || fail "cannot write to $staging"
    # The candidate as it is: what postconf says of it is what it will say of the live file.
    cold "$staging/main.cf"
    if ! postconf -c "$staging" -n >/dev/null 2>"$said"; then fail "$(tail -n 1 "$said" | tidy)"; fi
    if ! postconf -c "$staging" -M >/dev/null 2>>"$said"; then fail "$(tail -n 1 "$said" | tidy)"; fi
    # Only names of ours count: the admin's own warnings were there before and are none of our business.
    # A name that nobody reads is news only if it was not there before: one owner's allowUnknown is not another's fault.
    postconf -n 2>&1 >/dev/null | grep -F 'unused parameter: ' >"$room/unused"
    for name in $names; do
        ! grep -q "unused parameter: $name=" "$room/unused" || continue
        line=$(grep -E "(unused parameter: |undefined parameter: |overriding earlier entry: )$name(=|\$|[^a-z0-9_])" "$said" | head -n 1)
        [ -z "$line" ] || fail "$(say "$line" | tidy)"
    done
    for table in $tables; do
        # What it says of main.cf, such as a line that stands there twice, is none of the table's.
        line=$(postmap -q pulumi-postfix-probe "$table" 2>&1 | grep -F -e "${table#*:}" -e fatal: -e error: | tail -n 1)
        [ -z "$line" ] || fail "$(say "$line" | tidy)"
    done
    # Before the next step turns the log away: smtp(8) has no other place for its last words.
    smtp_starts "$staging" || ! smtp_starts "$config" ||
        fail "smtp(8) does not start with it: $(fatal_lines | tail -n 1)"
    check_staged
}

# `postfix check` creates and changes what queue_directory and data_directory name, so it gets its own; and what it
# says of their place would fill the admin's log.
check_staged() {
    {
        printf '\nqueue_directory = %s\ndata_directory = %s\n' "$room/queue" "$room/data" &&
            printf 'maillog_file = %s\nmaillog_file_prefixes = %s\n' "$room/check.log" "$jobs" &&
            printf 'multi_instance_enable = no\nmulti_instance_directories =\n'
    } >>"$staging/main.cf" || fail "cannot write to $staging"
    grep -Eq '^postlog[[:space:]]' "$staging/master.cf" ||
        printf '\npostlog unix-dgram n - n - 1 postlogd\n' >>"$staging/master.cf" || fail "cannot write to $staging"
    chown "$(postconf -h mail_owner)" "$room/data" 2>/dev/null
    chmod 0755 "$room" "$staging" "$room/queue"
    cold "$staging/main.cf"
    postfix -c "$staging" check >"$said" 2>&1 && return
    fail "postfix check refuses it: $({ log_since; cat "$room/check.log" "$said"; } 2>/dev/null |
        grep -E 'fatal:|error:|panic:' | tail -n 1 | tidy)"
}

# Nobody asks a hub's smtp(8) for anything before the next mail goes out; alone, on an empty input, it reads its
# settings and ends.
smtp_starts() {
    daemons=$(postconf -h -x daemon_directory)
    # In the live queue, or it would wait ten seconds for the tlsmgr(8) of the staged one.
    [ ! -x "$daemons/smtp" ] || MAIL_CONFIG=$1 "$daemons/smtp" -S -o "queue_directory=$queue" </dev/null >/dev/null 2>&1
}

tidy() { sed "s,$staging,$config,g; s,^[a-z/]*: *,,"; }

# --- commit and undo --------------------------------------------------------------------------------------------

# A file is replaced by one rename in its own directory, so that at any instant it is wholly old or wholly new.
replace() {
    cmp -s "$1" "$2" && return
    new=$(dirname "$2")/.pulumi-$job-${2##*/}
    if cp -p "$2" "$new" && cat "$1" >"$new" && cold "$new"; then
        sync "$new" 2>/dev/null || sync
        if mv -f "$new" "$2"; then
            label "$2"
            sync "$(dirname "$2")" 2>/dev/null || sync
            return
        fi
    fi
    rm -f "$new"
    return 1
}

commit() {
    step "commit"
    backup=$home/backup/$job
    mkdir -p "$backup" || fail "cannot make $backup"
    if ! save; then
        rm -rf "$backup" "$home/backup/first.new" "$home/journal.new"
        forget_backups
        fail "cannot write a backup to $home (is the disk full?)"
    fi
    for file in $order; do
        case $file in
        main) replace "$backup/new-main.cf" "$main" ;;
        master) replace "$backup/new-master.cf" "$master" ;;
        esac && continue
        if cmp -s "$backup/main.cf" "$main" && cmp -s "$backup/master.cf" "$master"; then
            rm -rf "$home/journal" "$backup"
            forget_backups
            fail "cannot replace $file.cf"
        fi
        say "failed commit: cannot replace $file.cf"
        roll_back
    done
}

# Old and new files, and the journal by which a change that is broken off is found again.
save() {
    cp -p "$main" "$backup/main.cf" && cp -p "$master" "$backup/master.cf" &&
        payload main.cf >"$backup/new-main.cf" && payload master.cf >"$backup/new-master.cf" || return 1
    if [ ! -d "$home/backup/first" ]; then
        rm -rf "$home/backup/first.new"
        cp -Rp "$backup" "$home/backup/first.new" && rm -f "$home/backup/first.new"/new-* &&
            mv "$home/backup/first.new" "$home/backup/first" || return 1
    fi
    sync "$backup/main.cf" "$backup/master.cf" "$backup/new-main.cf" "$backup/new-master.cf" 2>/dev/null || sync
    say "$job ${was_running:-stopped} $order" >"$home/journal.new" || return 1
    sync "$home/journal.new" 2>/dev/null
    mv -f "$home/journal.new" "$home/journal" || return 1
    sync "$home" 2>/dev/null || sync
}

# restore BACKUP: both files as they were. The other way round than they came, so that the pair in between is one
# that the change itself went through.
restore() {
    case $order in main*) set -- "$1" master main ;; *) set -- "$1" main master ;; esac
    for name in "$2" "$3"; do
        # The file behind a symlink may be called otherwise.
        if [ "$name" = main ]; then file=$main; else file=$master; fi
        # Only what the change itself wrote is taken back, never an edit made since.
        cmp -s "$file" "$1/new-$name.cf" || {
            cmp -s "$file" "$1/$name.cf" || edited=$file
            continue
        }
        replace "$1/$name.cf" "$file" && continue
        say "failed $current: cannot replace $file"
        finish broken "cp -p $1/main.cf $main.old && cp -p $1/master.cf $master.old && mv $main.old $main && mv $master.old $master && { $(restart_command); }"
    done
}

# Files of other programs, each replaced by a rename. Not part of the commit: a power cut may leave the new
# configuration without them, and the next change writes them.
write_hooks() {
    [ -n "$new_hooks$old_hooks" ] || return 0
    step "tell the network's own tools"
    hooks_touched=yes
    for hook in $new_hooks $old_hooks; do
        if [ -e "$hook" ] || [ -L "$hook" ]; then
            is_ours "$hook" "$owner" || { ailing "$hook is not ours"; return 1; }
            mkdir -p "$room/hooks${hook%/*}" && cp -p "$hook" "$room/hooks$hook" || { ailing "cannot save $hook"; return 1; }
        fi
    done
    for hook in $new_hooks; do
        # Beside the backup and not beside the hook: a folder's manager may run whatever lies there.
        payload "$hook" >"$backup/hook" && chmod 0755 "$backup/hook" && sync "$backup/hook" 2>/dev/null && mv -f "$backup/hook" "$hook" ||
            { ailing "cannot write $hook"; return 1; }
        label "$hook"
    done
    for hook in $old_hooks; do
        rm -f "$hook" || { ailing "cannot remove $hook"; return 1; }
    done
}

restore_hooks() {
    [ -n "$hooks_touched" ] || return 0
    for hook in $new_hooks $old_hooks; do
        if [ -f "$room/hooks$hook" ]; then
            cmp -s "$room/hooks$hook" "$hook" || cp -p "$room/hooks$hook" "$hook"
        elif is_ours "$hook" "$owner"; then
            rm -f "$hook"
        fi
    done
}

conclude() {
    rm -f "$home/journal"
    tell_stray
    [ -n "$unchanged" ] || prune
}

# Current and previous generation of this owner stay, and the newest backup beside the very first.
prune() {
    if [ -z "$generation" ]; then
        rm -rf "${home:?}/$owner"
    else
        for old in "$home/$owner"/*; do
            case ${old##*/} in "$generation_name" | "$previous") ;; *) rm -rf "$old" ;; esac
        done
    fi
    for old in "$home/backup"/*; do
        case ${old##*/} in "$job" | first) ;; *) rm -rf "$old" ;; esac
    done
    forget_backups
}

# The last owner leaves nothing behind.
forget_backups() { grep -q '^# BEGIN pulumi-postfix ' "$main" "$master" || rm -rf "$home/backup"; }

roll_back() {
    tell_log
    if [ -n "$unchanged" ]; then
        # Nothing was replaced, so there is nothing to put back.
        rm -f "$home/journal"
        finish refused
    fi
    step "put the old configuration back"
    # By the file that it was started with: see halt.
    [ "$action" != restart ] || stop_postfix
    restore "$backup"
    # Not a reload: after a fatal start master throttles the service for 60 s, and a reload does not lift that.
    stop_postfix
    log_mark
    halted=$was_running
    if [ -n "$edited" ]; then
        # It may still name our keys, and what waits behind its pin must go on waiting.
        say "failed $current: $edited was edited meanwhile, so it stays as it is"
        generation=
        held=
    fi
    [ -n "$edited" ] || restore_hooks
    discard
    rm -f "$home/journal"
    [ -z "$edited" ] || finish edited "$edited"
    if [ -n "$was_running" ] && ! healthy "$greeted"; then
        finish broken "$(restart_command) # the old configuration is back in $config"
    fi
    rm -rf "$backup"
    forget_backups
    finish rolled-back
}

# An apply that was killed half way left its journal. Where both files were new already it is finished: to go back
# might send what waits behind a laptop's pin by another way. Else the host goes back to what it had before.
recover() {
    [ -f "$home/journal" ] || return 0
    wanted_order=$order
    read -r lost before order <"$home/journal"
    lost=$home/backup/$lost
    if cmp -s "$main" "$lost/new-main.cf" && cmp -s "$master" "$lost/new-master.cf"; then
        step "finish an interrupted change"
        if [ "$before" = stopped ] || { activate restart && healthy ""; }; then
            order=$wanted_order
            rm -f "$home/journal"
            return
        fi
    fi
    step "undo an interrupted change"
    restore "$lost"
    edited=
    order=$wanted_order
    stop_postfix
    [ "$before" = stopped ] || start_postfix
    rm -f "$home/journal"
}

# What killed changes left: half-written files, their jobs, and keys and tables of owners that never came to be.
sweep() {
    rm -f "$(dirname "$main")"/.pulumi-* "$(dirname "$master")"/.pulumi-* "$home/journal.new"
    for directory in "$jobs"/*/; do
        runner=$(cat "${directory}pid" 2>/dev/null) || continue
        # Done, but perhaps not yet read to the end.
        reader=$(cat "${directory}watcher" 2>/dev/null) || reader=none
        [ -d "/proc/$runner" ] || [ -d "/proc/$reader" ] || rm -rf "$directory"
    done
    # Killed before it could say who it is; no change takes ten minutes.
    find "$jobs" -mindepth 1 -maxdepth 1 -mmin +10 ! -exec test -e {}/pid \; -exec rm -rf {} +
    for directory in "$home"/*/; do
        name=${directory%/}
        [ "${name##*/}" != backup ] || continue
        grep -q "^# BEGIN pulumi-postfix ${name##*/} " "$main" "$master" || rm -rf "$directory"
    done
}

# --- health and proof -------------------------------------------------------------------------------------------

ailing() {
    say "failed $current: $*"
    return 1
}

# The last words of a daemon say more than what we miss of it.
cause_of() {
    line=$(fatal_lines | head -n 1)
    say "${line:-$1}"
}

queue_manager_runs() {
    for stat in /proc/[0-9]*/stat; do
        read -r _ comm _ parent _ <"$stat" 2>/dev/null || continue
        [ "$parent" = "$1" ] && case $comm in '(qmgr)' | '(nqmgr)') return 0 ;; esac
    done
    return 1
}

greets() {
    address=$(reach "$1")
    [ -n "$address" ] || return 1
    if ! command -v posttls-finger >/dev/null 2>&1; then return 0; fi
    posttls-finger -t 5 -T 5 -l none "[$address]:$1" 2>&1 | grep -q 'posttls-finger: < 220'
}

wake() {
    step "$1 Postfix"
    activate "$1" || ailing "Postfix does not obey"
}

healthy() {
    step "see that Postfix works"
    tries=0
    # master needs a moment to take the new configuration in; a port it cannot bind kills it then, after rc 0.
    while [ "$woken" != none ] && [ $tries -lt 50 ]; do
        tries=$((tries + 1))
        sleep 0.1
        if [ -n "$log" ]; then
            log_since | grep -Eq 'postfix[^[]*/master\[[0-9]+\]: (reload -- version|daemon started|fatal:)' || continue
        elif [ $tries -lt 15 ]; then
            continue
        fi
        pid=$(master_pid) && queue_manager_runs "$pid" && break
        [ -n "$log" ] && log_since | grep -q '/master\[[0-9]*\]: fatal:' && break
    done
    pid=$(master_pid) || { ailing "$(cause_of "Postfix does not run")"; return 1; }
    queue_manager_runs "$pid" || { ailing "$(cause_of "the queue manager does not run")"; return 1; }
    for port in $1; do
        for _ in 1 2; do
            greets "$port" || { sleep 0.5; greets "$port"; } || { ailing "$(cause_of "nothing greets with 220 on port $port")"; return 1; }
        done
    done
    if [ -n "$passed" ]; then passes_mail "$job-after"; fi
    line=$(fatal_lines | head -n 1)
    [ -z "$line" ] || { ailing "$line"; return 1; }
}

# On a laptop the question would go to the hub; its own proof asks as much of the same daemons.
delivers_here() { [ -z "$proof_address" ] && [ -n "$(postconf -h -x mydestination)" ]; }

# pickup, cleanup, trivial-rewrite, qmgr and the delivery agent start when they are needed, and may die only then. An
# address that is asked for and nobody's needs them all, and no message is sent.
passes_mail() {
    [ -n "$log" ] || return 0
    sendmail -bv -f '' "pulumi-postfix-probe-$1@$(postconf -h -x myhostname)" >/dev/null 2>&1
    tries=0
    while [ $tries -lt 100 ]; do
        tries=$((tries + 1))
        sleep 0.1
        [ -z "$(fatal_lines)" ] || return 1
        log_since | grep -q "to=<pulumi-postfix-probe-$1@.*status=" && return 0
    done
    return 1
}

# The hub's own proof: what it really serves on the laptops' port is the key that the laptops pin.
serves_pin() {
    [ -n "$served_port" ] || return 0
    command -v posttls-finger >/dev/null 2>&1 || { say "proof=none no posttls-finger on this host"; return 0; }
    # shellcheck disable=SC2086 # pins are words
    said=$(posttls-finger -c -t 5 -T 5 -l fingerprint -d sha256 "[$(reach "$served_port")]:$served_port" $pins 2>&1)
    case $said in
    *"Verified TLS connection established"*) say "proof=match" ;;
    *) ailing "port $served_port does not serve the intended key: $(say "$said" | tail -n 1)" ;;
    esac
}

# A grant's own proof: the tables of the hub, as they lie there now, know the key of each laptop.
grants() {
    [ -n "$granted" ] || return 0
    step "prove that the hub knows the laptops' keys"
    # shellcheck disable=SC2086 # pins are words
    known=$(for table in $client_tables; do printf '%s\n' $granted | postmap -q - "$table" 2>/dev/null; done | cut -f 1 | sort -u | wc -l)
    # shellcheck disable=SC2086
    wanted=$(printf '%s\n' $granted | sort -u | wc -l)
    [ "$known" -eq "$wanted" ] || { ailing "the tables of relay_clientcerts know $known of $wanted keys"; return 1; }
    say "proof=match"
}

# The further hubs, to which smtp(8) turns only when it needs them: asked by its own library, as strictly.
prove_others() {
    for other in $proof_others; do
        server=${other%%=*}
        step "prove the key of $server from here"
        if [ "$proof_level" = encrypt ]; then continue; fi
        command -v posttls-finger >/dev/null 2>&1 || { say "other=none $server no posttls-finger on this host"; continue; }
        case $proof_level in
        fingerprint) match=$(say "${other#*=}" | tr , ' ') ;;
        secure) match=nexthop ;;
        *) match= ;;
        esac
        # shellcheck disable=SC2086 # pins are words
        said=$(posttls-finger -c -t 5 -T 5 -l "$proof_level" -d sha256 -F "$(postconf -h smtp_tls_CAfile)" \
            "[${server%:*}]:${server##*:}" $match 2>&1)
        case $said in
        *"Verified TLS connection established"*) say "other=match $server" ;;
        *"TLS connection established"*) say "other=mismatch $server $(say "$said" | tail -n 1)" ;;
        *) say "other=unreachable $server $(say "$said" | tail -n 1)" ;;
        esac
    done
}

# The laptop's own proof: its smtp(8) goes to the hub as it will for every mail, without sending one: `sendmail
# -bv` asks for the address only, an empty sender makes it report to nobody.
prove() {
    [ -n "$proof_address" ] || return 0
    step "prove the hub's key from here"
    [ -n "$log" ] || { say "proof=none no readable mail log"; return 0; }
    sendmail -bv -f '' "$proof_address" >/dev/null 2>&1
    tries=0
    while [ $tries -lt 150 ]; do
        sleep 0.1
        tries=$((tries + 1))
        line=$(log_since | grep -F "to=<$proof_address>" | head -n 1)
        [ -n "$line" ] && break
        # smtp(8) itself does not start with these settings: that is this host's fault and not the hub's.
        if log_since | grep -Eq '/smtp\[[0-9]+\]: (fatal|panic):'; then
            ailing "$(log_since | grep -E '/smtp\[[0-9]+\]: (fatal|panic):' | head -n 1)"
            return 1
        fi
    done
    [ -n "$line" ] || { say "proof=unreachable no answer within 15 s"; return 0; }
    # In the words of smtp(8) itself: what a server answers stands in the same lines.
    process=$(say "$line" | sed -n 's/.*\/smtp\[\([0-9]*\)\]: .*/\1/p')
    said=$(log_since | sed -n "s/^[^]]*\/smtp\[$process\]: //p")
    # Of several hubs only what the first one showed: whoever comes behind it is looked at apart.
    [ -z "$proof_server" ] || said=$(say "$said" | grep -F " ${proof_server%:*}[" | grep -F "]:${proof_server##*:}:")
    if say "$said" | grep -q '^Verified TLS connection established to '; then
        say "proof=match"
    elif [ "$proof_level" = encrypt ] && say "$said" | grep -q '^[A-Z][a-z]* TLS connection established to '; then
        say "proof=none at level encrypt no key is looked at"
    elif say "$said" | grep -Eq '^(Untrusted|Trusted|Anonymous) TLS connection established to |^server certificate verification failed for '; then
        say "proof=mismatch $line"
    else
        say "proof=unreachable $line"
    fi
}
