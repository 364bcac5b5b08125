#!/usr/bin/env bash
# `npm run bench:scale`: fleets of simulated laptops, as stacks beside each other.
#
#   bench/scale/run.sh [--stacks 2] [--laptops 5] [--parallel 64] [--bounds] [--write]
#
# --bounds: instead, how much the bound of connections in flight and the engine's --parallel matter.
# --write: puts the figures into docs/scale.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

cache=${PULUMI_POSTFIX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pulumi-postfix}
export PULUMI_POSTFIX_CACHE=$cache
# A tenth of a second is nothing beside what follows.
bash lab/setup.sh
. "$cache/toolchain/env"
[ "$(id -u)" = 0 ] || exec sudo -E -- env "PATH=$PATH" "HOME=$HOME" bash bench/scale/run.sh "$@"

# Nobody renews the root while machines stand on it.
exec 8<"$cache/roots/bookworm/"
flock -s 8
export SCALE_WORK=$(mktemp -d) SCALE_ROOT=$cache/roots/bookworm
park=
end() {
    code=$?
    # All machines, servers and runs are in its PID namespace, and end with it.
    [ -z "$park" ] || kill -KILL "$park" 2>/dev/null || true
    [ -z "$park" ] || wait "$park" 2>/dev/null || true
    rm -rf --one-file-system "$SCALE_WORK"
    exit $code
}
trap end EXIT
trap 'exit 130' INT TERM
# A network of its own: no packet of a measurement can leave this machine.
unshare --net --mount --pid --ipc --fork --kill-child --propagation private --mount-proc \
    bash bench/scale/park.sh node --import tsx bench/scale/main.ts "$@" &
park=$!
wait $park
