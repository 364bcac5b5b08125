#!/usr/bin/env bash
# What somebody new does, in empty folders and with the packed package alone: the quick start of the README, word by word, with
# npm, pnpm and yarn. What needs the network is done out here, since the lab has none.
#
#   test/e2e/newcomer/run.sh [--turn | [npm] [pnpm] [yarn]]      --turn: npm, and by the number of commits one of the others
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

if [ "${1:-}" = --turn ]; then
    others=(pnpm yarn)
    set -- npm "${others[$(git rev-list --count HEAD 2>/dev/null || echo 0) % 2]}"
fi
[ $# -gt 0 ] || set -- npm pnpm yarn
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tarball=$work/$(npm pack --silent --ignore-scripts --pack-destination "$work")
# The newest of each line that runs on the oldest Node of ours.
npm install --silent --no-fund --no-audit --prefix "$work/tools" pnpm@10.15.0 yarn@1.22.22
# The lab's engine has a language host of its own age.
sdk=@pulumi/pulumi@$(node -p 'require("./package.json").devDependencies["@pulumi/pulumi"]')

node --import tsx test/e2e/newcomer/commands.ts install >"$work/install"
for manager; do
    folder=$work/$manager
    mkdir "$folder"
    case $manager in
    npm) add="npm install" ;;
    pnpm) add="pnpm add" ;;
    # It alone insists on the Node that the SDK asks for, where the others warn.
    yarn) add="yarn add --ignore-engines" ;;
    esac
    sed -e "s|npm install pulumi-postfix @pulumi/pulumi|$add $tarball $sdk|" "$work/install" >"$work/install-$manager"
    if [ "$manager" != npm ] && grep -q "npm install" "$work/install-$manager"; then
        echo "the README installs in other words than this script knows" >&2
        exit 1
    fi
    echo "newcomer: $manager: $(tail -n 1 "$work/install-$manager")"
    (
        cd "$folder"
        PATH=$work/tools/node_modules/.bin:$PATH
        # Yarn alone gives a dependency the newest SDK beside the one asked for; who asks for no old one has one in any case.
        [ "$manager" != yarn ] || sed -i "/^npm init/a npm pkg set 'resolutions.@pulumi/pulumi=${sdk##*@}'" "$work/install-yarn"
        bash -eu "$work/install-$manager" >"$work/log-$manager" 2>&1 || { tail -n 30 "$work/log-$manager" >&2; exit 1; }
    )
done
# The examples, with each TypeScript that there is for them.
for typescript in 5 6; do
    folder=$work/examples-$typescript
    cp -r examples "$folder"
    (cd "$folder" && npm init -y >/dev/null &&
        npm install --silent --no-fund --no-audit "$tarball" "$sdk" "typescript@$typescript" @types/node@20)
done
NEWCOMER=$work MANAGERS=$* bash test/in-lab.sh 3 node --import tsx --test --test-concurrency=1 --test-reporter=spec \
    --test-timeout=600000 test/e2e/newcomer/newcomer.test.ts test/e2e/newcomer/examples.test.ts
