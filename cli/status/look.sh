# What `pulumi-postfix status` asks a machine beyond the probe; it follows the agent's text, and changes nothing there.

status_main() {
    echo
    locate
    say "now=$(date +%s)"
    pid=$(master_pid) || pid=
    say "master=$pid"
    say "queue=$(queue_length)"
    since=$(postqueue -j 2>/dev/null |
        sed -n 's/^{"queue_name": "deferred".*"arrival_time": \([0-9][0-9]*\).*/\1/p' | sort -n)
    say "deferred=$(say "$since" | grep -c .)"
    say "oldest=${since%%"$newline"*}"
    # The last words of the client that sends: of a connection whose key was right, and of a message that left.
    mail_lines | grep -E '/smtp\[[0-9]+\]: Verified TLS connection established to' | tail -n 1 | sed 's/^/verified=/'
    mail_lines | grep -E '/smtp\[[0-9]+\]: .*status=sent' | tail -n 1 | sed 's/^/sent=/'
    finish looked
}

# The newest of these that has lines of Postfix is the log; a word of ours in it, as a change leaves one, nobody asked for.
mail_lines() {
    # shellcheck disable=SC2012 # no name of these has a blank
    for file in $(ls -t "${maillog:-/none}" /var/log/mail.log /var/log/maillog /var/log/mail /var/log/messages /var/log/syslog 2>/dev/null); do
        [ -f "$file" ] || continue
        lines=$(tail -n 5000 "$file" | grep 'postfix') || continue
        say "$lines"
        return 0
    done
    journalctl -n 5000 -o short-iso --no-pager 2>/dev/null | grep ' postfix'
}
