#!/usr/bin/env bash
# One lane of test/e2e.sh: takes the next file that nobody has taken, until there is none. Each has a lab of its own,
# so that what one leaves is not another one's business; what it prints comes whole when it ends.
set -euo pipefail
work=$1

take() {
    flock 9
    file=$(head -n 1 "$work/files")
    sed -i 1d "$work/files"
    flock -u 9
    [ -n "$file" ]
} 9>"$work/lock"

child=
trap '[ -z "$child" ] || kill "$child" 2>/dev/null; wait; exit 130' INT TERM
while take; do
    code=0
    bash test/in-lab.sh 3 node --import tsx --test --test-reporter=spec --test-timeout=1200000 "$file" >"$work/out-$$" 2>&1 &
    child=$!
    wait "$child" || code=$?
    (
        flock 9
        printf '\n--- %s\n' "$file"
        cat "$work/out-$$"
        echo "$file" >>"$work/ran"
        [ $code = 0 ] || echo "$file" >>"$work/failed"
    ) 9>"$work/print"
done
