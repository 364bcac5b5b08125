#!/usr/bin/env bash
# The end-to-end tests: real engine, real sshd, real Postfix, real mail, in a lab of their own.
#
#   test/e2e.sh [FILE...]     default: all of test/e2e
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cache=${PULUMI_POSTFIX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pulumi-postfix}
export PULUMI_POSTFIX_CACHE=$cache
export LAB_NAME=${LAB_NAME:-e2e-$$}
. "$cache/toolchain/env"

end() {
    code=$?
    bash lab/lab.sh down || true
    exit $code
}
[ -n "${LAB_KEEP:-}" ] || trap end EXIT
bash lab/lab.sh up 3

[ $# -gt 0 ] || set -- test/e2e/*.test.ts
# One file after the other: they share the lab's hosts.
bash lab/lab.sh ctl node --import tsx --test --test-concurrency=1 "$@"
