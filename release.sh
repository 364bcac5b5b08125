#!/usr/bin/env bash
# A release, from a clean main:
#
#   bash release.sh make 0.2.0      version and changelog, checked, committed and tagged; nothing is pushed
#   bash release.sh check 0.2.0     whether everything that a release needs is there
#   bash release.sh notes 0.2.0     what its changelog says
#
# Pushing the tag publishes it: .github/workflows/release.yml.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

die() { echo "release: $1" >&2; exit 1; }
version=${2:-}
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || die "which version? e.g. bash release.sh ${1:-make} 0.2.0"

notes() {
    awk -v heading="## $version," 'index($0, heading) == 1 { on = 1; next } /^## / { on = 0 } on' CHANGELOG.md
}

check() {
    [ "$(node -p 'require("./package.json").version')" = "$version" ] || die "package.json is of another version"
    [ -n "$(notes | tr -d '[:space:]')" ] || die "CHANGELOG.md has nothing under \"## $version\""
    [ -f "test/e2e/states/$version.json" ] || die "no state to test later releases with: see test/e2e/states/README.md"
}

case $1 in
make)
    [ -z "$(git status --porcelain)" ] || die "there is something that is not committed"
    [ "$(git symbolic-ref --short HEAD)" = main ] || die "not on main"
    state=test/e2e/states/$version.json
    [ -f "$state" ] || die "no $state yet: see test/e2e/states/README.md"
    npm version --no-git-tag-version --allow-same-version "$version" >/dev/null
    sed -i "s/^## Unreleased\$/## Unreleased\n\n## $version, $(date +%F)/" CHANGELOG.md
    check
    git commit -qam "Release $version"
    git tag -a -m "Release $version" "v$version"
    echo "release: $version is committed and tagged; git push origin main v$version publishes it"
    ;;
check) check ;;
notes) notes ;;
*) die "make, check or notes" ;;
esac
