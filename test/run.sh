#!/usr/bin/env bash
# `npm test`: sets up what it needs, then lint, types, and every kind of test. What needs root on Linux is left out
# with a line that says so where there is none.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '\n=== %s\n' "$*"; }

rc=0
bash lab/setup.sh --every-release || rc=$?
[ $rc = 0 ] || [ $rc = 3 ] || exit $rc

say "build"
npm run --silent build
say "lint and types"
npm run --silent check

say "unit, component and provider tests"
bash test/kind.sh unit cli policy component provider

if [ $rc = 3 ]; then
    say "SKIPPED: the end-to-end tests and the demo. They need root on Linux (network namespaces), which is not to be had here"
    exit 0
fi
say "the quick start and the examples, from the packed package"
bash test/e2e/newcomer/run.sh --turn
say "end-to-end tests"
E2E_RELEASES=ends bash test/e2e.sh --quarter
say "every release with every other"
bash test/matrix.sh
say "changes broken in every way"
bash test/faults/run.sh --seed 5
say "the demo"
bash lab/demo.sh
