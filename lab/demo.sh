#!/usr/bin/env bash
# `npm run demo`: the main job in a lab of one hub and three laptops, and why it matters.
#
#   lab/demo.sh [--keep] [--fleet]     --keep leaves the lab up and says how to go in
#                                      --fleet: two fleets in stacks of their own, a rotation, a sleeper, a revoked one
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

keep= story=lab/demo-mail.sh
for word; do
    case $word in
    --keep) keep=yes ;;
    --fleet) story=lab/demo-fleet.sh ;;
    *) sed -n '2,5s/^# \{0,1\}//p' "$0" >&2 && exit 64 ;;
    esac
done

cache=${PULUMI_POSTFIX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pulumi-postfix}
export PULUMI_POSTFIX_CACHE=$cache
# stacks/Pulumi.lab.yaml names the folder of this very lab.
export LAB_NAME=demo LAB_DIR=/run/pulumi-postfix-lab
. "$cache/toolchain/env"

work=$(mktemp -d)
log=$work/demo.log
began=$SECONDS
lab() { bash lab/lab.sh "$@"; }
say() { printf '\n\033[1m== %3d s  %s\033[0m\n' $((SECONDS - began)) "$*"; }
show() { sed 's/^/   /'; }

end() {
    code=$?
    if [ $code != 0 ]; then
        printf '\nThe demo failed (%s). Its log: %s. The hosts'"'"' logs:\n' "$code" "$log"
        mkdir -p "$work/hosts"
        for host in hub impostor laptop1 laptop2 laptop3; do
            lab exec "$host" cat /var/log/mail.log >"$work/hosts/$host.log" 2>/dev/null && echo "  $work/hosts/$host.log"
        done
    fi
    [ -z "$agent" ] || kill "$agent" 2>/dev/null || true
    if [ -n "$keep" ]; then
        printf '\nThe lab stays up (it ends by itself after 45 minutes). Go in:\n'
        for words in "sh laptop1" "logs hub" down; do
            printf '  LAB_NAME=%s LAB_DIR=%s npm run lab -- %s\n' $LAB_NAME $LAB_DIR "$words"
        done
    else
        lab down >/dev/null 2>&1 || true
        [ $code != 0 ] || rm -rf "$work"
    fi
    exit $code
}
trap end EXIT
agent=

# Runs on the operator's side of the lab's network, with a state of its own.
export PULUMI_BACKEND_URL=file://$work PULUMI_CONFIG_PASSPHRASE=lab
# stack NAME WORDS...: the real CLI on one stack; what it prints is shown and logged.
stack() {
    local name=$1
    shift
    lab ctl pulumi "$@" --stack "$name"
}
up() { # STACK [WORDS...]
    local name=$1
    shift
    stack "$name" up --yes --skip-preview --non-interactive "$@" 2>&1 | tee -a "$log" | show
    [ "${PIPESTATUS[0]}" = 0 ]
}

# until SECONDS WHAT COMMAND...: waits for what comes by itself in a moment.
wait_for() {
    local end=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || { echo "did not happen: $what" >&2; return 1; }
        sleep 0.2
    done
}

in_mailbox() { lab exec hub grep -q "^Subject: $1\$" /var/mail/alice; }
send() { lab exec "$1" sh -c "printf 'Subject: %s\n\nHello from $1\n' '$2' | sendmail -f bob@example.com alice@example.com"; }
received() { # SUBJECT: the first Received: header of that mail
    lab exec hub sed -n "/^From /{h;d};H;/^Subject: $1\$/{x;p;q}" /var/mail/alice | sed -n '/^Received:/,/^[^ \t]/p' | sed -n '1,/;/p'
}
deferred() { lab exec "$1" sh -c "grep -q 'status=deferred' /var/log/mail.log"; }

say "A lab: one hub, three laptops, and somebody who would like to read their mail"
lab down >/dev/null 2>&1 || true
lab up 3 2>&1 | show
export SSH_AUTH_SOCK=$work/agent.sock
ssh-agent -D -a "$SSH_AUTH_SOCK" >"$log" 2>&1 &
agent=$!
wait_for 5 "an SSH agent" ssh-add -q "$(lab key)"

# shellcheck source=/dev/null
. "$story"
