#!/usr/bin/env bash
# Hubs and laptops of every release with each other, in a lab of their own: test/matrix/README.md
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash test/in-lab.sh 0 node --import tsx --test --test-reporter=spec --test-timeout=900000 test/matrix/matrix.test.ts
