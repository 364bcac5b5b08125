#!/usr/bin/env bash
# One lane of test/e2e.sh: takes the next file that nobody has taken, until there is none. Files share the lane's
# hosts, so they run one after the other; what one prints comes whole when it ends.
set -euo pipefail
work=$1

take() {
    flock 9
    file=$(head -n 1 "$work/files")
    sed -i 1d "$work/files"
    flock -u 9
    [ -n "$file" ]
} 9>"$work/lock"

while take; do
    code=0
    # What another file's tests have left is not this one's business: lines in the logs, mail in the mailboxes, and the
    # lock of a delivery that was killed, for which local(8) would wait 500 s (postconf(5), stale_lock_time).
    for host in $(bash lab/lab.sh status | awk '$4 == "on" { print $1 }'); do
        bash lab/lab.sh exec "$host" sh -c '[ ! -f /var/log/mail.log ] || truncate -s 0 /var/log/mail.log; rm -f /var/mail/*'
    done
    node --import tsx --test --test-reporter=spec --test-timeout=1200000 "$file" >"$work/out-$$" 2>&1 || code=$?
    (
        flock 9
        printf '\n--- %s\n' "$file"
        cat "$work/out-$$"
        echo "$file" >>"$work/ran"
        [ $code = 0 ] || echo "$file" >>"$work/failed"
    ) 9>"$work/print"
done
