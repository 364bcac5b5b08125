#!/usr/bin/env bash
# Makes sure that the lab has a Pulumi CLI, its language hosts for Node and YAML, and the plugins that
# package-lock.json names, all inside the project's cache folder; README.md says from where and why.
# Prints progress on stderr; writes $CACHE/toolchain/env, which callers source.
#
#   PULUMI_POSTFIX_TOOLCHAIN=auto (default) | build (do not try to download) | download (do not build)
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo=$(cd "$here/../.." && pwd)
cache=${PULUMI_POSTFIX_CACHE:-${XDG_CACHE_HOME:-${HOME:?HOME is not set: set PULUMI_POSTFIX_CACHE to a folder}/.cache}/pulumi-postfix}
tools=$cache/toolchain
bin=$tools/bin
stamps=$tools/stamps
logs=$tools/logs
way=${PULUMI_POSTFIX_TOOLCHAIN:-auto}
# Not the user's own: plugins installed here would otherwise shadow theirs.
export PULUMI_HOME=$cache/pulumi-home PULUMI_SKIP_UPDATE_CHECK=1 PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true

say() { printf 'toolchain: %s\n' "$*" >&2; }
die() {
    say "FAILED: $1"
    shift
    local line
    for line in "$@"; do say "  $line"; done
    exit 1
}
sha() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -c1-32; }
elapsed() { printf '%s s' "$((SECONDS - $1))"; }

# --- what is wanted -----------------------------------------------------------------------------------

cli_version=$(awk '$1 == "github.com/pulumi/pulumi/sdk/v3" { sub(/^v/, "", $2); print $2; exit }' "$here/cli/go.mod")
# The engine loads a plugin of exactly the version that the npm package names, hence the lockfile.
locked() {
    local version
    version=$(awk -v key="\"node_modules/$1\":" '$1 == key { in_it = 1 }
        in_it && $1 == "\"version\":" { gsub(/[",]/, "", $2); print $2; exit }' "$repo/package-lock.json")
    [ -n "$version" ] || die "package-lock.json names no $1" "run: npm install"
    printf '%s' "$version"
}
tls_version=$(locked @pulumi/tls)
command_version=$(locked @pulumi/command)
case $command_version in
1.2.*) ;;
*) die "@pulumi/command is $command_version; 1.2.x is wanted (npm's 4.x is a mis-published release)" ;;
esac

os=$(uname -s | tr '[:upper:]' '[:lower:]')
case $(uname -m) in
x86_64 | amd64) arch=amd64 ;;
aarch64 | arm64) arch=arm64 ;;
*) arch=$(uname -m) ;;
esac

# A CLI of the user's own, as it lies on PATH; ours, from an earlier run, does not count.
own_cli() {
    local dir IFS=:
    for dir in $PATH; do
        if [ "$dir" != "$bin" ] && [ -x "$dir/pulumi" ] && [ ! -d "$dir/pulumi" ]; then
            printf '%s' "$dir/pulumi"
            return
        fi
    done
}
user_cli=$(own_cli)

# A part is up to date when its stamp holds the digest of all that decides it.
digest() {
    local part=$1
    shift
    {
        printf '%s\n' "$part" "$os" "$arch" "$@"
        [ ! -d "$here/$part" ] || cat "$here/$part"/*
    } | sha
}
user_cli_id=none
[ -z "$user_cli" ] || user_cli_id=$(ls -lLi "$user_cli")
cli_digest=$(digest cli "$cli_version" "$user_cli_id")
nodejs_digest=$(digest language-nodejs "$cli_digest")
yaml_digest=$(digest language-yaml "$cli_digest")
tls_digest=$(digest tls "$tls_version" "$user_cli_id")
command_digest=$(digest command-stand-in "$command_version" "$user_cli_id")

current() { # NAME DIGEST FILE
    [ -x "$3" ] && [ "$(cat "$stamps/$1" 2>/dev/null)" = "$2" ]
}
stamp() { printf '%s\n' "$2" >"$stamps/$1.$$" && mv -f "$stamps/$1.$$" "$stamps/$1"; }
plugin_file() { printf '%s' "$PULUMI_HOME/plugins/resource-$1-v$2/pulumi-resource-$1"; }

all_current() {
    current cli "$cli_digest" "$bin/pulumi" &&
        current language-nodejs "$nodejs_digest" "$bin/pulumi-language-nodejs" &&
        current language-yaml "$yaml_digest" "$bin/pulumi-language-yaml" &&
        current tls "$tls_digest" "$(plugin_file tls "$tls_version")" &&
        current command "$command_digest" "$(plugin_file command "$command_version")" &&
        [ -f "$tools/env" ]
}
if all_current; then
    exit 0
fi

# --- one at a time ------------------------------------------------------------------------------------

mkdir -p "$bin" "$stamps" "$logs" "$PULUMI_HOME"
if command -v flock >/dev/null; then
    exec 9>"$tools/lock"
    if ! flock -n 9; then
        say "another set-up is at work in $tools; waiting for it"
        flock 9
        if all_current; then exit 0; fi
    fi
fi
work=$(mktemp -d "$tools/work.XXXXXX")
child=
# A background job of a script ignores Ctrl-C, so it must be told; what it has compiled stays in the cache.
finish() {
    [ -z "$child" ] || kill "$child" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
trap 'say "interrupted; run it again and it goes on from here"; exit 130' INT TERM

# --- by download --------------------------------------------------------------------------------------

official=https://get.pulumi.com/releases
reachable=unknown
# Fetches official/$1 to $2. A host that could not be reached once is not tried again.
download() {
    [ "$way" != build ] || return 1
    [ "$reachable" != no ] || return 1
    if ! command -v curl >/dev/null; then
        say "no curl here, so no official download"
        reachable=no
        return 1
    fi
    say "downloading $official/$1 (gives up after 10 s without a connection)"
    local rc=0
    # --speed-*: a transfer that stalls is a failure too.
    curl --fail --silent --show-error --location --connect-timeout 10 --speed-limit 1000 --speed-time 30 \
        --output "$2" "$official/$1" 2>"$logs/download.log" || rc=$?
    if [ $rc -ne 0 ]; then
        rm -f "$2"
        say "not to be had: $(tail -n 1 "$logs/download.log")"
        # 22: the server answered, it only lacks this file.
        [ $rc -eq 22 ] || reachable=no
        return 1
    fi
    reachable=yes
}

# --- by building --------------------------------------------------------------------------------------

newer_or_same() { # A >= B, as versions
    [ "$(printf '%s\n%s\n' "$1" "$2" | sort -t. -k1,1n -k2,2n -k3,3n | head -n 1)" = "$2" ]
}

find_go() {
    local go need have
    need=$(awk '$1 == "go" { print $2 }' "$here"/*/go.mod | sort -t. -k1,1n -k2,2n -k3,3n | tail -n 1)
    for go in "$(command -v go || true)" /usr/local/go/bin/go /usr/lib/go/bin/go; do
        [ -x "$go" ] || continue
        have=$("$go" env GOVERSION | sed 's/^go//; s/[^0-9.].*//')
        if newer_or_same "$have" "$need"; then
            printf '%s' "$go"
            return
        fi
        say "$go is Go $have, too old: $need or newer is needed"
    done
    die "no Pulumi CLI >= $cli_version on PATH, no download, and no Go >= $need to build it with" \
        "do one of these, then run this again:" \
        "  - install Pulumi (https://www.pulumi.com/docs/install/) so that 'pulumi' is on PATH" \
        "  - install Go >= $need so that 'go' is on PATH" \
        "  - give this machine access to https://get.pulumi.com"
}

# Compiled packages and module sources take more room than all the rest of the cache: they go when all is
# built, unless the caller has folders of their own for them.
own_go_cache=yes
[ -z "${GOMODCACHE:-}${GOCACHE:-}" ] || own_go_cache=no
build_gib=8
check_room() {
    local free
    free=$(df -Pk "$cache" | awk 'NR == 2 { print int($4 / 1048576) }')
    [ "$free" -ge $build_gib ] || [ -d "$cache/go" ] || [ $own_go_cache = no ] ||
        die "building takes $build_gib GiB in $cache for a while; $free are free" \
            "make room, or set PULUMI_POSTFIX_CACHE to a folder on a larger disk"
}

# build NAME FOLDER PACKAGE OUTPUT LDFLAGS HINT
build() {
    local name=$1 folder=$2 package=$3 output=$4 ldflags=$5 hint=$6 started=$SECONDS log=$logs/$1.log go rc=0
    [ "$way" != download ] || die "$name could not be downloaded" "PULUMI_POSTFIX_TOOLCHAIN=download forbids building it"
    go=$(find_go)
    check_room
    say "building $name from pinned Go modules ($hint); log: $log"
    # No C compiler is asked for; -modcacherw: the cache must be removable by a plain rm -r.
    (
        cd "$folder"
        export CGO_ENABLED=0 GOTOOLCHAIN=local GOWORK=off
        export GOFLAGS="${GOFLAGS:-} -mod=readonly -modcacherw -trimpath -buildvcs=false"
        export GOMODCACHE=${GOMODCACHE:-$cache/go/mod} GOCACHE=${GOCACHE:-$cache/go/build}
        # What is being unpacked lies where there is room for it: /tmp is often small.
        export GOTMPDIR=$work
        exec nice -n 5 "$go" build -v -ldflags "-s -w $ldflags" -o "$work/$name" "$package"
    ) >"$log" 2>&1 &
    child=$!
    local next=$((SECONDS + 10))
    while kill -0 "$child" 2>/dev/null; do
        sleep 0.5
        if [ $SECONDS -ge $next ]; then
            say "  $name: $(elapsed $started), $(grep -c . "$log" || true) modules and packages done"
            next=$((SECONDS + 15))
        fi
    done
    wait "$child" || rc=$?
    child=
    if [ $rc -ne 0 ]; then
        say "the last lines of $log:"
        tail -n 8 "$log" | sed 's/^/    /' >&2
        die "building $name ended with $rc" \
            "no route to the Go module proxy? look at 'go env GOPROXY' and the log; no space? see: df $cache" \
            "what is done so far is kept: run this again to go on"
    fi
    mv -f "$work/$name" "$output"
    say "built $name in $(elapsed $started)"
}

# --- the parts ----------------------------------------------------------------------------------------

link_user_cli() {
    local version
    version=$("$user_cli" version 2>/dev/null | sed 's/^v//; s/[^0-9.].*//') || version=
    if [ -z "$version" ] || ! newer_or_same "$version" "$cli_version"; then
        say "$user_cli is ${version:-of no version I can read}; the lab wants $cli_version or newer, so not this one"
        return 1
    fi
    local real
    real=$(readlink -f "$user_cli")
    # The CLI looks for its language hosts beside itself, by its real path, and on PATH.
    local nodejs
    nodejs=$(dirname "$real")/pulumi-language-nodejs
    [ -x "$nodejs" ] || nodejs=$(PATH=${PATH//$bin:/} command -v pulumi-language-nodejs) || return 1
    say "using $real (version $version)"
    ln -sfn "$real" "$bin/pulumi"
    ln -sfn "$nodejs" "$bin/pulumi-language-nodejs"
}

download_cli() {
    local a=$arch
    [ "$a" != amd64 ] || a=x64
    download "sdk/pulumi-v$cli_version-$os-$a.tar.gz" "$work/cli.tar.gz" || return 1
    tar -xzf "$work/cli.tar.gz" -C "$work" || return 1
    mv -f "$work"/pulumi/* "$bin/"
}

if ! current cli "$cli_digest" "$bin/pulumi" ||
    ! current language-nodejs "$nodejs_digest" "$bin/pulumi-language-nodejs"; then
    rm -f "$stamps/cli" "$stamps/language-nodejs" "$stamps/built-cli"
    if ! { [ -n "$user_cli" ] && link_user_cli; } && ! download_cli; then
        build cli "$here/cli" github.com/pulumi/pulumi/pkg/v3/cmd/pulumi "$bin/pulumi" \
            "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v$cli_version" \
            "the first time 4 to 10 minutes"
        build language-nodejs "$here/language-nodejs" \
            github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs "$bin/pulumi-language-nodejs" \
            "" "the first time about a minute"
        touch "$stamps/built-cli"
    fi
    "$bin/pulumi" version >/dev/null || die "$bin/pulumi does not run" "see the lines above; to start anew: rm -r $tools"
    stamp cli "$cli_digest"
    stamp language-nodejs "$nodejs_digest"
fi
# It comes with every CLI that was not built here, also with one that was set up before anybody asked for YAML.
beside=$(dirname "$(readlink -f "$bin/pulumi")")/pulumi-language-yaml
if ! current language-yaml "$yaml_digest" "$bin/pulumi-language-yaml" && [ ! -e "$stamps/built-cli" ] && [ -x "$beside" ]; then
    [ "$beside" -ef "$bin/pulumi-language-yaml" ] || ln -sfn "$beside" "$bin/pulumi-language-yaml"
    stamp language-yaml "$yaml_digest"
fi
if ! current language-yaml "$yaml_digest" "$bin/pulumi-language-yaml"; then
    build language-yaml "$here/language-yaml" github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml \
        "$bin/pulumi-language-yaml" "" "the first time 2 to 4 minutes"
    touch "$stamps/built-cli"
    stamp language-yaml "$yaml_digest"
fi

# plugin NAME VERSION DIGEST FOLDER HINT
plugin() {
    local name=$1 version=$2 file
    current "$name" "$3" "$(plugin_file "$name" "$version")" && return
    file=$work/pulumi-resource-$name.tar.gz
    if ! download "plugins/pulumi-resource-$name-v$version-$os-$arch.tar.gz" "$file"; then
        file=$work/pulumi-resource-$name
        build "plugin-$name" "$here/$4" . "$file" "-X main.version=$version" "$5"
    fi
    "$bin/pulumi" plugin install resource "$name" "$version" --file "$file" --reinstall >"$logs/install-$name.log" 2>&1 ||
        die "pulumi plugin install of $name $version failed: $(tail -n 1 "$logs/install-$name.log")" "log: $logs/install-$name.log"
    stamp "$name" "$3"
}
plugin tls "$tls_version" "$tls_digest" tls "the first time 2 to 5 minutes"
plugin command "$command_version" "$command_digest" command-stand-in "a stand-in; the first time about a minute"

# --- what callers source ------------------------------------------------------------------------------

{
    printf '# Written by lab/toolchain/toolchain.sh. Source it.\n'
    printf 'case ":$PATH:" in *:%q:*) ;; *) PATH=%q:$PATH ;; esac\n' "$bin" "$bin"
    printf 'export PATH PULUMI_HOME=%q PULUMI_SKIP_UPDATE_CHECK=1\n' "$PULUMI_HOME"
    printf '# A missing plugin is an error at once, not a download: what runs is what was set up.\n'
    printf 'export PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true\n'
} >"$tools/env.$$"
mv -f "$tools/env.$$" "$tools/env"
if [ $own_go_cache = yes ] && [ -d "$cache/go" ]; then
    rm -rf "$cache/go" || say "could not remove $cache/go; it is no longer needed"
fi
say "ready: $("$bin/pulumi" version), tls $tls_version, command $command_version ($(elapsed 0))"
