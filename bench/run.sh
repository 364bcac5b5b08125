#!/usr/bin/env bash
# `npm run bench`: the benches, in a lab of their own.
#
#   bench/run.sh [FILE...]     default: all of bench
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash lab/setup.sh
export LAB_NAME=${LAB_NAME:-bench-$$}
[ $# -gt 0 ] || set -- bench/*.bench.ts
bash test/in-lab.sh 3 node --import tsx "$@"
