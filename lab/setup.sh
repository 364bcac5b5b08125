#!/usr/bin/env bash
# All that `npm run demo` and `npm test` need, on a machine with Node and npm: Debian packages, npm packages,
# the build, the Pulumi toolchain, the lab's Debian root. Does only what is missing; safe to abort and repeat.
#
#   lab/setup.sh                    everything that the demo needs
#   lab/setup.sh --every-release    that, and a root of every release and kind of host, which the tests need
#   lab/setup.sh --no-lab           nothing that needs root
#
# Ends with 0: all there; 3: all but the parts that need root on Linux (said in clear); else: failed.
set -euo pipefail

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$repo"
cache=${PULUMI_POSTFIX_CACHE:-${XDG_CACHE_HOME:-${HOME:?HOME is not set: set PULUMI_POSTFIX_CACHE to a folder}/.cache}/pulumi-postfix}
# sudo changes HOME: every part must mean the same folder.
export PULUMI_POSTFIX_CACHE=$cache
logs=$cache/logs
# Debian leaves the sbin folders out of a user's PATH; the lab's tools live there.
export PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

lab=yes
releases=
case ${1:-} in
'') ;;
--every-release) releases=--all ;;
--no-lab) lab=unasked ;;
*) sed -n '2,10s/^# \{0,1\}//p' "$0" >&2 && exit 64 ;;
esac

packages="debootstrap iproute2 util-linux procps openssl openssh-client dnsmasq-base swaks libnet-ssleay-perl
    busybox git curl ca-certificates strace"
commands="debootstrap ip nsenter unshare setsid ps openssl ssh ssh-keygen dnsmasq swaks busybox git curl strace"

say() { printf 'setup: %s\n' "$*" >&2; }
die() {
    say "FAILED: $1"
    shift
    local line
    for line in "$@"; do say "  $line"; done
    exit 1
}

child=
began=0
interrupted() {
    # A background job of a script ignores Ctrl-C, so it must be told.
    [ -z "$child" ] || kill "$child" 2>/dev/null || true
    [ -z "$child" ] || wait "$child" 2>/dev/null || true
    say "interrupted; run it again and it goes on from here"
    exit 130
}
trap interrupted INT TERM

start() {
    began=$SECONDS
    say "$1 ..."
}
done_() { say "$1: done in $((SECONDS - began)) s"; }

# logged WHAT LOG COMMAND...: runs COMMAND with its output in LOG and a sign of life every 15 s.
logged() {
    local what=$1 log=$logs/$2 rc=0 next=$((SECONDS + 15))
    shift 2
    mkdir -p "$logs"
    "$@" >"$log" 2>&1 </dev/null &
    child=$!
    while kill -0 "$child" 2>/dev/null; do
        sleep 0.1
        if [ $SECONDS -ge $next ]; then
            say "  $what: $((SECONDS - began)) s: $(tail -n 1 "$log" | cut -c1-90)"
            next=$((SECONDS + 15))
        fi
    done
    wait "$child" || rc=$?
    child=
    if [ $rc -ne 0 ]; then
        say "the last lines of $log:"
        tail -n 12 "$log" | sed 's/^/    /' >&2
    fi
    return $rc
}

# --- what this machine can do -------------------------------------------------------------------------

without_lab() {
    lab=no
    say "NO LAB HERE: $1"
    say "  run here:  lint, types, unit, component and provider tests, and the stack against hosts of your own"
    say "  skipped:   npm run demo, npm run lab, npm run bench and the e2e tests (they need real hosts in namespaces)"
    say "  to have them: $2"
}

as_root=
if [ "$lab" = yes ]; then
    if [ "$(uname -s)" != Linux ]; then
        without_lab "this is $(uname -s), the lab is made of Linux namespaces" \
            "a Debian 12 machine, virtual or real, with root or sudo"
    elif [ "$(id -u)" -ne 0 ]; then
        if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; }; }; then
            as_root="sudo"
        else
            without_lab "you are not root, and sudo is missing or wants a password" \
                "run it as root, or 'sudo -v' first"
        fi
    fi
fi
if [ "$lab" = yes ] && ! $as_root unshare --net --mount --pid --fork true 2>/dev/null; then
    without_lab "root may not make namespaces here (a container without CAP_SYS_ADMIN?)" \
        "a virtual machine, or a privileged container"
fi

command -v node >/dev/null && command -v npm >/dev/null ||
    die "no node or no npm on PATH" "install Node 20 or newer: https://nodejs.org/en/download"
node -e 'process.exit(+process.versions.node.split(".")[0] < 20 ? 1 : 0)' ||
    die "this is Node $(node --version); 20 or newer is needed" "https://nodejs.org/en/download"

# --- Debian packages ----------------------------------------------------------------------------------

missing_packages() {
    # One query for all; what dpkg has never heard of it leaves out.
    local have name
    have=" $(dpkg-query -W -f '${db:Status-Abbrev}|${Package}\n' $packages 2>/dev/null | sed -n 's/^ii *|//p' | tr '\n' ' ')"
    for name in $packages; do
        case $have in *" $name "*) ;; *) printf '%s ' "$name" ;; esac
    done
}

apt() {
    $as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 LC_ALL=C \
        apt-get -q -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold "$@"
}

# Nothing that gets installed may start a daemon on the user's machine. Debian's hook for that is this file
# (see invoke-rc.d(8)); one that is there already belongs to the admin and stays.
policy=/usr/sbin/policy-rc.d
mark="pulumi-postfix set-up: no daemons"
bar_daemons() {
    [ -e $policy ] || printf '#!/bin/sh\n# %s\nexit 101\n' "$mark" | $as_root install -m 0755 /dev/stdin $policy
}
allow_daemons() {
    if grep -qs "$mark" $policy; then $as_root rm -f $policy; fi
}

# The machine's own mail system is not ours to touch: nothing removed, no MTA brought in.
check_plan() {
    local harm
    harm=$(sed -n -e '/^Remv /p' \
        -e '/^Inst \(postfix\|exim4\|sendmail\|nullmailer\|opensmtpd\|dma\|courier-mta\|msmtp-mta\|ssmtp\|citadel-server\)/p' \
        "$logs/apt-plan.log" | cut -d' ' -f1,2 | tr '\n' ';')
    [ -z "$harm" ] || die "installing $1 would change more than the lab may: $harm" \
        "install these packages by hand, then run this again"
}

install_packages() {
    local missing
    missing=$(missing_packages)
    [ -n "$missing" ] || return 0
    start "Debian packages: ${missing% }"
    # shellcheck disable=SC2086
    if ! logged "plan" apt-plan.log apt --simulate --no-install-recommends install $missing 2>/dev/null; then
        logged "apt-get update" apt-update.log apt update ||
            die "apt-get update failed; needed for: $missing" "log: $logs/apt-update.log"
        logged "plan" apt-plan.log apt --simulate --no-install-recommends install $missing ||
            die "apt does not know how to install: $missing" "log: $logs/apt-plan.log"
    fi
    check_plan "$missing"
    trap allow_daemons EXIT
    bar_daemons
    # shellcheck disable=SC2086
    if ! logged "apt-get install" apt-install.log apt --yes --no-install-recommends install $missing 2>/dev/null; then
        # Lists that are some weeks old name files the mirror no longer has.
        say "  once more, with fresh package lists"
        logged "apt-get update" apt-update.log apt update || die "apt-get update failed" "log: $logs/apt-update.log"
        logged "apt-get install" apt-install.log apt --yes --no-install-recommends install $missing ||
            die "apt-get install failed" "log: $logs/apt-install.log"
    fi
    allow_daemons
    trap - EXIT
    done_ "Debian packages"
}

if [ "$lab" = yes ]; then
    if command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; then
        install_packages
    else
        lacking=
        for name in $commands; do command -v "$name" >/dev/null || lacking="$lacking $name"; done
        if [ -n "$lacking" ]; then
            without_lab "not a Debian, and these commands are missing:$lacking" "install them, then run this again"
        fi
    fi
fi

# --- npm packages and the build -----------------------------------------------------------------------

# Content, not times: a git checkout gives old files new times.
npm_is_current() {
    [ -f node_modules/.package-lock.json ] && node - <<'JS'
const read = (file) => JSON.parse(require("node:fs").readFileSync(file, "utf8")).packages;
const wanted = read("package-lock.json");
const have = read("node_modules/.package-lock.json");
delete wanted[""];
const same = (a, b) => a.version === b.version && a.integrity === b.integrity;
const missing = Object.keys(wanted).some((key) => (have[key] ? !same(wanted[key], have[key]) : !wanted[key].optional));
const extra = Object.keys(have).some((key) => !wanted[key]);
process.exit(missing || extra ? 1 : 0);
JS
}

built=dist/.built
build_is_current() {
    [ -f $built ] && [ -z "$(find cli components policy postfix provider package.json tsconfig.json tsconfig.build.json -newer $built -type f 2>/dev/null | head -n 1)" ]
}

if ! npm_is_current; then
    start "npm packages and build (npm ci)"
    logged "npm ci" npm-ci.log npm ci --no-audit --no-fund ||
        die "npm ci failed" "log: $logs/npm-ci.log" "no route to the npm registry? see: npm config get registry"
    [ ! -d dist ] || touch $built
    done_ "npm packages and build"
fi
if ! build_is_current; then
    start "build"
    # What is written while the build runs is newer than the stamp: it must not count as built.
    mkdir -p dist && touch $built.new
    logged "npm run build" build.log npm run build || die "npm run build failed" "log: $logs/build.log"
    mv -f $built.new $built
    done_ "build"
fi

# --- toolchain and lab --------------------------------------------------------------------------------

began=$SECONDS
bash lab/toolchain/toolchain.sh || exit 1

if [ "$lab" = yes ]; then
    $as_root env PULUMI_POSTFIX_CACHE="$cache" PATH="$PATH" bash lab/lab.sh prep $releases ||
        die "lab/lab.sh prep failed" "what it said stands above"
fi

if [ "$lab" = no ]; then
    say "ready in $SECONDS s, without the lab (see above)"
    exit 3
fi
say "ready in $SECONDS s"
