#!/usr/bin/env bash
# Runs a command on the operator's side of a lab that lasts as long as the command (LAB_KEEP=1: longer).
#
#   test/in-lab.sh LAPTOPS COMMAND...
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cache=${PULUMI_POSTFIX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pulumi-postfix}
export PULUMI_POSTFIX_CACHE=$cache
export LAB_NAME=${LAB_NAME:-e2e-$$}
# All files together may take longer than a lab lasts by itself.
export LAB_TTL=${LAB_TTL:-10800}
. "$cache/toolchain/env"

child=
end() {
    code=$?
    # A command in the foreground would keep a signal to this script waiting, and outlive it.
    [ -z "$child" ] || kill "$child" 2>/dev/null || true
    [ -n "${LAB_KEEP:-}" ] || bash lab/lab.sh down || true
    exit $code
}
trap end EXIT
trap 'exit 130' INT TERM
bash lab/lab.sh up "$1"
shift
bash lab/lab.sh ctl "$@" &
child=$!
wait $child
