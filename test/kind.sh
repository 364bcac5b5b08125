#!/usr/bin/env bash
# Runs all tests of some kinds: test/kind.sh unit component provider
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

files=()
for kind; do
    # Node 20 expands no patterns itself.
    while IFS= read -r file; do files+=("$file"); done < <(find "test/$kind" -name '*.test.ts' | LC_ALL=C sort)
done
[ ${#files[@]} -gt 0 ] || { echo "no tests in: $*" >&2; exit 64; }
# As many files at once as there are processors; Node leaves one of them idle.
exec node --import tsx --test --test-concurrency="$(nproc)" --test-reporter=spec --test-timeout=600000 "${files[@]}"
