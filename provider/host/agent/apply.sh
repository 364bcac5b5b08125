# Apply.

# The change must survive the SSH session: it is written down, started apart from it, and watched.
apply_main() {
    able
    config=$(postconf -d -h config_directory)
    find_room
    out=$room/out
    # bash(1) puts here-documents, and keys are some, into files there; where it is killed they stay.
    TMPDIR=$room
    { mkdir -p "$room" && job_text >"$room/run" && say $$ >"$room/watcher" && say >"$out"; } 2>/dev/null || no_room
    run_by_systemd || { setsid /bin/sh "$room/run" >/dev/null 2>&1 </dev/null & }
    # Whoever listened may be gone; what is left here is cleared away all the same.
    trap '' PIPE
    tail -n +1 -f "$out" 2>/dev/null &
    watcher=$!
    tries=0
    while [ ! -s "$room/pid" ] && [ -d "$room" ] && [ $tries -lt 100 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    runner=$(cat "$room/pid" 2>/dev/null)
    while [ -d "/proc/${runner:-none}" ]; do sleep 0.1; done
    kill $watcher 2>/dev/null
    wait $watcher 2>/dev/null
    [ -d "$room" ] || no_room
    say "final"
    cat "$out"
    leave
    exit 0
}

no_room() {
    leave
    say "failed prepare the change: cannot write to $jobs (is it full, or read-only?)"
    finish refused
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
    if [ "${1:-}" != locked ]; then
        config=$(postconf -d -h config_directory)
        find_room
        # Its first line has a page of the disk for it already.
        exec >>"$room/out" 2>&1 </dev/null
        say $$ >"$room/pid"
        # A job of which nobody can tell whether it is still at work must not begin.
        [ -s "$room/pid" ] || { leave; exit 0; }
        postlock -l flock "$jobs.lock" /bin/sh "$room/run" locked
        # 75 = EX_TEMPFAIL: postlock(1) could not get the lock.
        [ $? != 75 ] || say "result busy"
        [ -d "/proc/$(cat "$room/watcher")" ] || leave
        exit 0
    fi
    locate
    TMPDIR=$room
    # Holds keys; this shell has it open and needs the name no more.
    rm -f "$room/run"
    remember_unit
    find_log
    log_mark
    recover
    sweep
    if [ -n "$only_recover" ]; then
        forget_backups
        [ "$before" = stopped ] || healthy "" || finish broken "$(restart_command)"
        finish recovered
    fi
    log_mark
    as_planned || finish conflict
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
    if write_hooks && wake "$action" && healthy "$own_ports $greeted" && owned && serves_pin && grants && prove && lives; then
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
    rm -rf "${generation:-/nonexistent}" "${database:-/nonexistent}"
    rm -f "$home/begun"
    rmdir "$home/$owner" "$home-sasl/$owner" "$home-sasl" 2>/dev/null
    [ -z "$held" ] || release_held
    [ -z "$halted" ] || { start_postfix && rm -f "$home/journal"; }
    halted=
}

on_hold() { find "$queue/hold" -type f 2>/dev/null | sed 's,.*/,,'; }

# Mail that a change put on hold and that was not there before; the list lies on the disk, should the change be killed.
release_held() {
    [ -f "$home/held" ] || return 0
    on_hold | grep -vxF -f "$home/held" | postsuper -H - >/dev/null 2>&1
    rm -f "$home/held"
}

# A laptop must not send what waits behind a pin by another way: see the queue before anything is weakened.
settle_queue() {
    case $on_queue in
    ignore) return ;;
    hold)
        step "hold the queue"
        held=yes
        mkdir -p "$home" && on_hold >"$home/held" && sync "$home/held" 2>/dev/null || fail "cannot write to $home"
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
database=
greeted=
passed=
held=
halted=
edited=
hooks_touched=
unit=
stray=
woken=
unchanged=
before=stopped
