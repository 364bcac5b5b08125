# The lock of postconf(1).

# Whoever edits by `postconf -e` holds flock(2) on main.cf.tmp from before reading main.cf until that file takes its
# place (Postfix's edit_file.c). While we have it nobody's edit is lost by ours, nor ours by theirs.
hold_edits() {
    edits_job=
    edits_said=
    tries=0
    # Open in this shell alone: when it ends, however it ends, the holder reads the end of it and lets go.
    mkfifo "$room/edits" && exec 7<>"$room/edits" || return 1
    trap let_edits EXIT
    while [ $tries -lt 20 ]; do
        rm -f "$room/holds" "$room/let-go"
        {
            postlock -l flock "$config/main.cf.tmp" postlock -l flock "$config/master.cf.tmp" \
                /bin/sh -c "$edits_holder" holder "$config" "$room" "$room/edits" 2>"$room/lock-said"
            say $? >"$room/let-go"
        } >/dev/null 2>&1 7>&- &
        edits_job=$!
        # postlock(1) gives up by itself; what it says may find no room on the disk, or be killed.
        waited=0
        until [ -e "$room/holds" ] || [ -s "$room/let-go" ] || [ $waited -ge 2400 ]; do
            sleep 0.05
            waited=$((waited + 1))
        done
        [ ! -e "$room/holds" ] || return 0
        edits_said=$(tail -n 1 "$room/lock-said" 2>/dev/null | sed 's,^[a-z/]*: *,,')
        # 75 = EX_TEMPFAIL: it has waited for long enough, or cannot open the file.
        case $(cat "$room/let-go" 2>/dev/null) in 75 | '') break ;; esac
        tries=$((tries + 1))
    done
    let_edits
    return 1
}

# A lock on what has become main.cf meanwhile is none: the next who edits makes a new file. So each file must be the
# one that one of the two postlock(1) above this shell has open.
edits_holder='
for file in "$1/main.cf.tmp" "$1/master.cf.tmp"; do
    locked=
    for open in /proc/$PPID/fd/* "/proc/$(cut -d " " -f 4 "/proc/$PPID/stat")/fd"/*; do
        [ ! "$open" -ef "$file" ] || locked=yes
    done
    [ -n "$locked" ] || exit 1
done
true >"$2/holds"
read -r _ <"$3"
rm -f "$1/main.cf.tmp" "$1/master.cf.tmp"'

let_edits() {
    trap - EXIT
    exec 7>&-
    [ -z "$edits_job" ] || wait "$edits_job"
    rm -f "$room/edits"
}
