# The mail log, wherever it is.

# Where a word of ours arrives: a file that merely exists may be that of a log daemon long gone.
find_log() {
    log=
    word="pulumi-postfix: change $job"
    postlog -t postfix/pulumi "$word" >/dev/null 2>&1 || return 0
    tries=0
    while [ $tries -lt 20 ]; do
        for file in "$maillog" /var/log/mail.log /var/log/maillog /var/log/mail /var/log/messages /var/log/syslog; do
            # What a process's own output is called would be read for ever.
            case $file in "" | /dev/*) continue ;; esac
            [ -f "$file" ] && tail -c 65536 "$file" 2>/dev/null | grep -qF "$word" || continue
            log=$file
            return 0
        done
        if journalctl -n 1000 -o cat --no-pager 2>/dev/null | grep -qF "$word"; then
            log=journal
            return 0
        fi
        sleep 0.1
        tries=$((tries + 1))
    done
}

log_mark() {
    case $log in
    "") mark= ;;
    journal)
        # What was said before must not come in behind the mark.
        journalctl --sync >/dev/null 2>&1
        mark=$(journalctl -n 1 --show-cursor --no-pager 2>/dev/null | sed -n 's/^-- cursor: //p' | tail -n 1)
        ;;
    *) mark=$(wc -c 2>/dev/null <"$log") || mark=0 ;;
    esac
}

# Called before a Postfix starts that may log to another place than the one before.
follow_log() {
    set -- "$maillog"
    places
    [ "$maillog" != "$1" ] || return 0
    case $maillog in
    "") find_log ;;
    /dev/*) log= ;;
    *) log=$maillog ;;
    esac
    log_mark
}

log_since() {
    case $log in
    "") ;;
    journal) journalctl --after-cursor="$mark" -o short --no-pager 2>/dev/null | grep ' postfix' ;;
    *)
        [ -f "$log" ] || return 0
        # Shorter than it was: rotated in between.
        [ "$(wc -c <"$log")" -ge "$mark" ] || mark=0
        tail -c "+$((mark + 1))" "$log" | grep 'postfix'
        ;;
    esac
}

# What the check of the staged files says to the log is about their place, and hides what matters.
tell_log() { log_since | grep -vF "$jobs/" | tail -n 20 | while IFS= read -r line; do say "log $line"; done; }

# Daemons that die. A command that somebody gives wrongly meanwhile, by cron or by hand, is no fault of a change.
fatal_lines() {
    commands='sendmail|postalias|postcat|postconf|postdrop|postfix|postfix-script|postkick|postlock|postlog|postmap|postmulti|postqueue|postsuper|posttls-finger'
    log_since | grep -E ': (fatal|panic):|throttling' | grep -Ev "/($commands)\[[0-9]+\]: "
}
