# shellcheck shell=bash disable=SC2154 # variables of the script that reads this file
# Processes by pid file. A file holds "PID STARTTIME": a PID alone may be another process by now.

start_time() { # PID -> clock ticks since boot; field 22 of proc_pid_stat(5), counted after the name's ')'
    local stat
    { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
    set -- ${stat##*) }
    printf '%s' "${20}"
}

running() { # FILE: is the process that wrote it alive? Sets $pid.
    local started
    pid=
    [ -s "$1" ] && read -r pid started <"$1" && [ "$(start_time "$pid")" = "$started" ]
}

kill_hard() { # FILE: SIGKILL, and wait until it is gone; for PID 1 of a namespace that means all in it
    running "$1" || return 0
    kill -KILL "$pid"
    local tries=0
    while running "$1"; do
        tries=$((tries + 1))
        [ $tries -lt 500 ] || { echo "process $pid does not die" >&2; return 1; }
        sleep 0.01
    done
}

become() { # CMD...: exec it without any file of the caller's: a pipe kept open keeps its reader waiting
    local fd
    for fd in /proc/"$BASHPID"/fd/*; do
        fd=${fd##*/}
        [ "$fd" -le 2 ] || eval "exec $fd>&-"
    done
    exec "$@"
}
