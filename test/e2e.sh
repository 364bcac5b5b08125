#!/usr/bin/env bash
# The end-to-end tests: real engine, real sshd, real Postfix, real mail, in a lab of their own.
#
#   test/e2e.sh [FILE...]     default: all of test/e2e
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

[ $# -gt 0 ] || set -- test/e2e/*.test.ts
# One file after the other: they share the lab's hosts.
bash test/in-lab.sh 3 node --import tsx --test --test-reporter=spec --test-timeout=900000 --test-concurrency=1 "$@"
