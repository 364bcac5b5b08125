#!/usr/bin/env bash
# Breaks changes in every way, and counts the mail: see README.md.
#
#   test/faults/run.sh [--count N] [--seed S] [--lanes N]     default: 40 faults, another seed each time
#   test/faults/run.sh --seed S --only I[,J]                  some faults of a run again
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

count=40 seed=$((RANDOM * 32768 + RANDOM)) only= lanes=$(nproc)
[ "$lanes" -le 3 ] || lanes=3
while [ $# -gt 0 ]; do
    case $1 in
    --count | --seed | --only | --lanes) printf -v "${1#--}" %s "${2:?"$1 wants a value"}" && shift 2 ;;
    *) sed -n '2,5s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2 && exit 64 ;;
    esac
done
[ -z "$only" ] || lanes=1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
name=${LAB_NAME:-faults-$$}
running=()
for ((lane = 1; lane <= lanes; lane++)); do
    own=$((seed + lane - 1))
    # One in ten goes through the engine and the CLI, which takes longer.
    share=$((count / lanes + (lane <= count % lanes)))
    words=(--seed "$own" --count $((share - share / 10)) --cli-count $((share / 10)) --report "$work/$lane.json")
    [ -z "$only" ] || words+=(--only "$only")
    echo "lane $lane: seed $own, $share faults (again: npm run test:faults -- --lanes 1 --seed $own --count $share)"
    LAB_NAME=$name-$lane bash test/in-lab.sh 2 node --import tsx test/faults/main.ts "${words[@]}" >"$work/$lane.log" 2>&1 &
    running+=($!)
done
trap 'kill "${running[@]}" 2>/dev/null; wait; rm -rf "$work"; exit 130' INT TERM
failed=0
for ((lane = 1; lane <= lanes; lane++)); do
    wait "${running[lane - 1]}" && continue
    failed=1
    printf '\n--- lane %s\n' $lane
    cat "$work/$lane.log"
done
reports=("$work"/*.json)
# A lane that ended early must not pass for one that found nothing.
[ ${#reports[@]} = "$lanes" ] && [ -s "${reports[0]}" ] || { echo "not every lane came to its end" >&2; failed=1; }
[ ! -s "${reports[0]}" ] || node --import tsx test/faults/main.ts --sum "${reports[@]}" || failed=1
exit $failed
