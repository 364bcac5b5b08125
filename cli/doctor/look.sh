# What `pulumi-postfix doctor` asks a machine beyond the probe; it follows the agent's text, and changes nothing there.

doctor_main() {
    echo
    locate
    say "now=$(date +%s)"
    # A Postfix built without TLS prints nothing (postconf(1), -T).
    say "tls=$(postconf -T compile-version 2>/dev/null | head -n 1)"
    # postconf(1) reads what no other command can start with; a lookup of nothing starts as they do.
    say "fatal=$(postmap -q x 'inline:{x=y}' 2>&1 >/dev/null | sed -n 's/^.*fatal: //p' | head -n 1)"
    if [ -n "$asked_hub" ]; then say "resolves=$(getent ahosts "$asked_hub" 2>/dev/null | sed -n '1s/ .*//p')"; fi
    finish looked
}
