#!/usr/bin/env bash
# `npm run test:page`: the page of `status --html` in a real browser, on a desk, a telephone and a printer.
#
#   test/page/run.sh [FOLDER]       FOLDER gets the pictures, to be looked at by a person
#
# Not part of `npm test`: the browser is a quarter of a gigabyte, and only this page needs it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if ! command -v chromium >/dev/null; then
    command -v apt-get >/dev/null || { echo "test:page: needs chromium in the PATH" >&2; exit 3; }
    root=; [ "$(id -u)" = 0 ] || root=sudo
    $root apt-get -q -o DPkg::Lock::Timeout=300 update >/dev/null
    DEBIAN_FRONTEND=noninteractive $root apt-get -q --yes --no-install-recommends install chromium >/dev/null
fi
export PAGE_PICTURES=${1:-}
[ -z "$PAGE_PICTURES" ] || { mkdir -p "$PAGE_PICTURES" && PAGE_PICTURES=$(cd "$PAGE_PICTURES" && pwd); }
exec node --import tsx --test --test-reporter=spec --test-timeout=120000 test/page/page.test.ts
