# shellcheck shell=bash disable=SC2154
# What lab/demo.sh shows: three laptops, each proven, and an impostor who gets nothing.

say "pulumi up: keys, certificates and pins; nobody copies a fingerprint"
lab ctl pulumi stack init lab --non-interactive >>"$log" 2>&1
up lab

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
