#!/usr/bin/env bash
# The end-to-end tests: real engine, real sshd, real Postfix, real mail, in labs of their own.
#
#   test/e2e.sh [--quarter | FILE...]     default: all of test/e2e; --quarter: of those in test/e2e/in-turn a quarter
#
# As many lanes as E2E_LANES says (default: one for each processor, three at most) take one file after the other.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

all=(test/e2e/*.test.ts)
if [ "${1:-}" = --quarter ]; then
    quarter=$(($(git rev-list --count HEAD 2>/dev/null || echo 0) % 4))
    place=0
    for file in "${all[@]}"; do
        name=$(basename "$file" .test.ts)
        if grep -qx "$name" test/e2e/in-turn && [ $((place++ % 4)) != $quarter ]; then
            echo "not in this turn: $file"
        else
            set -- "$@" "$file"
        fi
    done
    shift
    echo "quarter $quarter of test/e2e/in-turn; all of them: npm run test:e2e"
fi
[ $# -gt 0 ] || set -- "${all[@]}"
lanes=${E2E_LANES:-$(nproc)}
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
