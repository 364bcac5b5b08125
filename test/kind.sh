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
exec node --import tsx --test --test-reporter=spec --test-timeout=600000 "${files[@]}"
