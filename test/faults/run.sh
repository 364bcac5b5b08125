#!/usr/bin/env bash
# Breaks changes in every way, and counts the mail: see README.md.
#
#   test/faults/run.sh [--count N] [--cli N] [--lanes N] [--minutes N] [--seed S]
#                        default: every kind once, and two by the CLI, in as many lanes as processors (3 at most)
#   test/faults/run.sh --lanes N --lane I --seed S --count N [--only K[,K]]     one lane of a run again, or some of its faults
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

count= cli= seed=$((RANDOM * 32768 + RANDOM)) only= minutes=0 lane= lanes=$(nproc)
[ "$lanes" -le 3 ] || lanes=3
while [ $# -gt 0 ]; do
    case $1 in
    --count | --cli | --seed | --only | --minutes | --lane | --lanes)
        printf -v "${1#--}" %s "${2:?"$1 wants a value"}" && shift 2 ;;
    *) sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2 && exit 64 ;;
    esac
done
[ -n "$cli" ] || cli=$((count / 20 > 2 ? count / 20 : 2))
[ -n "$count" ] || count=26
[ -z "$only" ] || : "${lane:=1}"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
name=${LAB_NAME:-faults-$$}
running=()
share() { echo $(($1 / lanes + ($2 <= $1 % lanes))); }
for each in ${lane:-$(seq "$lanes")}; do
    of_cli=$(share "$cli" "$each")
    words=(--seed "$seed" --lane "$each/$lanes" --count $(($(share "$count" "$each") - of_cli)) --cli-count "$of_cli")
    [ -z "$only" ] || words+=(--only "$only")
    echo "lane $each (again: npm run test:faults -- --lanes $lanes --lane $each --seed $seed --count $count --cli $cli)"
    LAB_NAME=$name-$each bash test/in-lab.sh 2 node --import tsx test/faults/main.ts "${words[@]}" \
        --minutes "$minutes" --report "$work/$each.json" > >(sed -u "s/^/$each| /") 2>&1 &
    running+=($!)
done
trap 'kill "${running[@]}" 2>/dev/null; wait; rm -rf "$work"; exit 143' TERM
trap 'echo "the faults that are under way are the last ones" >&2' INT
failed=0
for each in "${running[@]}"; do
    # A signal ends a wait, but not what is waited for.
    while kill -0 "$each" 2>/dev/null; do wait "$each" || true; done
    wait "$each" || failed=1
done
reports=("$work"/*.json)
# A lane that ended early must not pass for one that found nothing.
[ ${#reports[@]} = ${#running[@]} ] && [ -s "${reports[0]}" ] || { echo "not every lane came to its end" >&2; failed=1; }
[ ! -s "${reports[0]}" ] || node --import tsx test/faults/main.ts --sum "${reports[@]}" || failed=1
exit $failed
