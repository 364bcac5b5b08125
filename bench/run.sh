#!/usr/bin/env bash
# `npm run bench`: this module beside its rivals, in a lab of their own.
#
#   bench/run.sh [--hosts 1,10,40] [--runs 3] [--temperatures cold,warm] [--only CONTENDER,...]
#                [--works WORK,...] [--write]
#   bench/run.sh --render FILE,... [--write]        results of earlier runs together, without measuring
#
# CONTENDER: module, floor, shell, ansible-tuned, ansible-default, ssh, ssh2
# WORK: first (always), none, preview, setting, refresh, added
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case " $* " in
*" --help "*) sed -n '2,10s/^# \{0,1\}//p' "$0" && exit ;;
*" --render "*) exec node --import tsx bench/main.ts "$@" ;;
esac

cache=${PULUMI_POSTFIX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pulumi-postfix}
export PULUMI_POSTFIX_CACHE=$cache
export LAB_NAME=${LAB_NAME:-bench-$$}
export LAB_TTL=${LAB_TTL:-21600}
bash lab/setup.sh
case "$*" in
*--only*ansible*) bash bench/contenders/ansible/install.sh "$cache/ansible" ;;
*--only*) ;;
*) bash bench/contenders/ansible/install.sh "$cache/ansible" ;;
esac
. "$cache/toolchain/env"
export PATH=$PATH:$cache/ansible/bin

child=
end() {
    code=$?
    # A command in the foreground would keep a signal to this script waiting, and outlive it.
    [ -z "$child" ] || kill "$child" 2>/dev/null || true
    bash lab/lab.sh down >/dev/null || true
    exit $code
}
trap end EXIT
trap 'exit 130' INT TERM
node --import tsx bench/main.ts "$@" &
child=$!
wait $child
