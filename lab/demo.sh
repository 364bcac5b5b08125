#!/usr/bin/env bash
# `npm run demo`: the main job in a lab of one hub and three laptops, and why it matters.
#
#   lab/demo.sh [--keep]     --keep leaves the lab up and says how to go in
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

keep=
case ${1:-} in
'') ;;
--keep) keep=yes ;;
*) sed -n '2,4s/^# \{0,1\}//p' "$0" >&2 && exit 64 ;;
esac

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
pulumi_() { lab ctl pulumi "$@" --stack lab; }

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

say "pulumi up: keys, certificates and pins; nobody copies a fingerprint"
export SSH_AUTH_SOCK=$work/agent.sock
ssh-agent -D -a "$SSH_AUTH_SOCK" >"$log" 2>&1 &
agent=$!
wait_for 5 "an SSH agent" ssh-add -q "$(lab key)"
lab ctl pulumi stack init lab --non-interactive >>"$log" 2>&1
pulumi_ up --yes --skip-preview --non-interactive 2>&1 | tee -a "$log" | show
[ "${PIPESTATUS[0]}" = 0 ]

for n in 1 2 3; do
    say "A mail from laptop$n to alice, whose mailbox is on the hub"
    send "laptop$n" "demo-$n"
    wait_for 20 "the mail from laptop$n" in_mailbox "demo-$n"
    lab exec "laptop$n" grep 'Verified TLS connection established to' /var/log/mail.log | tail -n 1 | show
    received "demo-$n" | show
done

say "Now the hub's address belongs to an impostor, whose key is another one"
lab takeover impostor hub
send laptop1 demo-impostor
wait_for 30 "the mail is deferred" deferred laptop1
lab exec laptop1 grep 'status=deferred' /var/log/mail.log | tail -n 1 | show
echo "   What the impostor saw:"
lab exec impostor sh -c "grep 'connect from laptop1' /var/log/mail.log | tail -n 2" | show
if lab exec impostor sh -c "grep -E 'postfix/(cleanup|qmgr)\[.*(message-id|from=)' /var/log/mail.log || grep -rq demo-impostor /var/mail"; then
    echo "the impostor got a message" >&2
    exit 1
fi
echo "   No MAIL FROM, no message: its mailbox is empty."

say "The real hub is back"
lab giveback impostor hub
lab exec laptop1 postqueue -f
wait_for 60 "the deferred mail arrives" in_mailbox demo-impostor
received demo-impostor | show

say "Done: three verified deliveries, one mail kept from an impostor and delivered later"
