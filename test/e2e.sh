#!/usr/bin/env bash
# The end-to-end tests: real engine, real sshd, real Postfix, real mail, in labs of their own.
#
#   test/e2e.sh [FILE...]     default: all of test/e2e
#
# As many lanes as E2E_LANES says (default: one more than processors, as a test often waits; three at most) take one file
# after the other.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

[ $# -gt 0 ] || set -- test/e2e/*.test.ts
lanes=${E2E_LANES:-$(($(nproc) + 1))}
[ "$lanes" -le 3 ] || lanes=3
[ "$lanes" -le $# ] || lanes=$#

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf '%s\n' "$@" >"$work/files"

name=${LAB_NAME:-e2e-$$}
running=()
for ((lane = 1; lane <= lanes; lane++)); do
    LAB_NAME=$name-$lane bash test/lane.sh "$work" &
    running+=($!)
done
trap 'kill "${running[@]}" 2>/dev/null; wait; rm -rf "$work"; exit 130' INT TERM
failed=0
for lane in "${running[@]}"; do wait "$lane" || failed=1; done
ran=$(cat "$work"/ran 2>/dev/null | wc -l)
# A lab that did not come up must not pass for tests that did.
[ "$ran" = $# ] || { echo "only $ran of $# files were run" >&2; failed=1; }
[ ! -s "$work/failed" ] || { echo "files with failures:" && cat "$work/failed"; failed=1; }
exit $failed
