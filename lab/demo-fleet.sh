# shellcheck shell=bash disable=SC2154
# What lab/demo.sh --fleet shows: a hub's stack, two fleets in stacks of their own, a key that changes with mail flowing,
# a laptop that sleeps, one that is revoked.

configs=$work/configs
mkdir -p "$configs"
known=/run/pulumi-postfix-lab/demo/op/known_hosts

# config STACK <YAML: its file, outside the project
config() { cat >"$configs/Pulumi.$1.yaml"; }
hub_config() { # KEY GENERATION
    config demo-hub <<YAML
config:
    postfix-stacks:smartHost:
        hostname: mailhub.example.com
        knownHosts: $known
        connection: { host: 10.77.0.1, user: root }
        keyGeneration: $1
YAML
}
fleet_config() { # STACK LAPTOP=ADDRESS...
    local name=$1
    shift
    {
        printf 'config:\n    postfix-stacks:fleet: %s\n    postfix-stacks:smartHost:\n' "${name#demo-}"
        printf '        stack: organization/postfix-stacks/demo-hub\n        knownHosts: %s\n' "$known"
        printf '        connection: { host: 10.77.0.1, user: root }\n'
        printf '    postfix-stacks:defaults: { onUnreachable: pending, knownHosts: %s, connection: { user: root } }\n' "$known"
        printf '    postfix-stacks:laptops:\n'
        for laptop; do printf '        %s: { connection: { host: %s } }\n' "${laptop%=*}" "${laptop#*=}"; done
    } | config "$name"
}
fleet_up() { up "$1" --config-file "$configs/Pulumi.$1.yaml"; }
output() { stack "$1" stack output --json "$2"; }

sent=0
flow_begin() {
    for host in laptop1 laptop3; do
        lab exec "$host" sh -c 'touch /run/flow; setsid sh -c "
            n=0
            while [ -e /run/flow ]; do
                printf \"Subject: flow-$(uname -n)-\$n\\n\\nx\\n\" | sendmail -f bob@example.com alice@example.com && echo \$n >>/root/flow
                n=\$((n + 1)); sleep 0.5
            done" </dev/null >/dev/null 2>&1 &'
    done
}
flow_sent() { for host in laptop1 laptop3; do lab exec "$host" cat /root/flow; done | wc -l; }
flow_arrived() { lab exec hub grep -c '^Subject: flow-' /var/mail/alice; }
flow_settled() { [ "$(flow_arrived)" = "$sent" ]; }

say "The hub's own stack"
for name in demo-hub demo-berlin demo-field; do
    lab ctl pulumi stack init "$name" --non-interactive >>"$log" 2>&1
    # It writes a config where the program has its own.
    rm -f "stacks/Pulumi.$name.yaml"
done
hub_config 1
fleet_up demo-hub

say "Two fleets in stacks of their own: each reads the hub's link, and lets its own laptops in"
fleet_config demo-berlin laptop1=10.77.1.1 laptop2=10.77.1.2
fleet_config demo-field laptop3=10.77.1.3
fleet_up demo-berlin
fleet_up demo-field
for host in laptop1 laptop2 laptop3; do
    send "$host" "hello-$host"
    wait_for 30 "the mail from $host" in_mailbox "hello-$host"
    lab exec "$host" grep 'Verified TLS connection established to' /var/log/mail.log | tail -n 1 | show
done

say "laptop2 falls asleep; from the others mail flows all the time"
lab stop laptop2
flow_begin

say "The hub's key changes (keyGeneration: 2): each laptop has pinned the next key long ago"
hub_config 2
fleet_up demo-hub
say "The fleets get the pin of the key behind it; laptop2 is pending, and listed"
fleet_up demo-berlin
fleet_up demo-field
output demo-berlin pending | show
[ "$(output demo-berlin pending | tr -d '\n ')" = '["laptop2"]' ]

say "Another step is refused: laptop2 has not proven to pin that key"
hub_config 3
if fleet_up demo-hub; then
    echo "the step was made" >&2
    exit 1
fi
grep -q '"laptop2"' "$log"

say "laptop2 wakes: it knows the hub by the key that was next when it fell asleep"
lab start laptop2
send laptop2 awake-again
wait_for 60 "the mail from laptop2" in_mailbox awake-again
say "The next up finds it, and now the step is made"
fleet_up demo-berlin
fleet_up demo-hub
fleet_up demo-berlin
fleet_up demo-field
for host in laptop1 laptop3; do lab exec "$host" rm -f /run/flow; done
sleep 1
sent=$(flow_sent)
for host in laptop1 laptop3; do lab exec "$host" postqueue -f; done
wait_for 60 "each mail that was sent arrives" flow_settled
echo "   $sent mails sent through two changes of the key, $(flow_arrived) arrived"

say "laptop1 is lost: taken out of its fleet, it is revoked on the hub by the same up"
fleet_config demo-berlin laptop2=10.77.1.2
lab stop laptop1
fleet_up demo-berlin
lab start laptop1
send laptop1 stolen
wait_for 60 "the hub refuses it" deferred laptop1
lab exec laptop1 grep 'status=deferred' /var/log/mail.log | tail -n 1 | show
if in_mailbox stolen; then
    echo "the hub relayed for a laptop that was revoked" >&2
    exit 1
fi

say "Done: two fleets on one hub, two changes of its key without a lost mail, one laptop that slept, one that was revoked"
