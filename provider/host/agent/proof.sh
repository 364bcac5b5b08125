# Health and proof.

ailing() {
    say "failed $current: $*"
    return 1
}

# The last words of a daemon say more than what we miss of it.
cause_of() {
    line=$(fatal_lines | head -n 1)
    say "${line:-$1}"
}

queue_manager_runs() {
    for stat in /proc/[0-9]*/stat; do
        read -r _ comm _ parent _ <"$stat" 2>/dev/null || continue
        [ "$parent" = "$1" ] && case $comm in '(qmgr)' | '(nqmgr)') return 0 ;; esac
    done
    return 1
}

# TLS from the first byte, in which the greeting comes (RFC 8314, 3.3).
is_wrapped() { case " $wrapped_ports " in *" $1 "*) ;; *) return 1 ;; esac; }

greets() {
    address=$(reach "$1")
    [ -n "$address" ] || return 1
    if ! command -v posttls-finger >/dev/null 2>&1; then return 0; fi
    if is_wrapped "$1"; then level="-w -l encrypt"; else level="-l none"; fi
    # shellcheck disable=SC2086 # options are words
    posttls-finger -t 5 -T 5 $level "[$address]:$1" 2>&1 | grep -q 'posttls-finger: < 220'
}

wake() {
    step "$1 Postfix"
    activate "$1" || ailing "Postfix does not obey"
}

healthy() {
    step "see that Postfix works"
    tries=0
    # master needs a moment to take the new configuration in; a port it cannot bind kills it then, after rc 0.
    while [ "$woken" != none ] && [ $tries -lt 50 ]; do
        tries=$((tries + 1))
        sleep 0.1
        if [ -n "$log" ]; then
            log_since | grep -Eq 'postfix[^[]*/master\[[0-9]+\]: (reload -- version|daemon started|fatal:)' || continue
        elif [ $tries -lt 15 ]; then
            continue
        fi
        pid=$(master_pid) && queue_manager_runs "$pid" && break
        [ -n "$log" ] && log_since | grep -q '/master\[[0-9]*\]: fatal:' && break
    done
    pid=$(master_pid) || { ailing "$(cause_of "Postfix does not run")"; return 1; }
    queue_manager_runs "$pid" || { ailing "$(cause_of "the queue manager does not run")"; return 1; }
    for port in $1; do
        for _ in 1 2; do
            greets "$port" || { sleep 0.5; greets "$port"; } || { ailing "$(cause_of "nothing greets with 220 on port $port")"; return 1; }
        done
    done
    if [ -n "$passed" ]; then passes_mail "$job-after"; fi
    line=$(fatal_lines | head -n 1)
    [ -z "$line" ] || { ailing "$line"; return 1; }
}

# A proof takes its time, and what it says of a hub means nothing when the Postfix that asks has died meanwhile.
lives() { master_pid >/dev/null || ailing "$(cause_of "Postfix does not run")"; }

# On a laptop the question would go to the hub; its own proof asks as much of the same daemons.
delivers_here() { [ -z "$proof_address" ] && [ -n "$(postconf -h -x mydestination)" ]; }

# pickup, cleanup, trivial-rewrite, qmgr and the delivery agent start when they are needed, and may die only then. An
# address that is asked for and nobody's needs them all, and no message is sent.
passes_mail() {
    [ -n "$log" ] || return 0
    sendmail -bv -f '' "pulumi-postfix-probe-$1@$(postconf -h -x myhostname)" >/dev/null 2>&1
    tries=0
    while [ $tries -lt 100 ]; do
        tries=$((tries + 1))
        sleep 0.1
        [ -z "$(fatal_lines)" ] || return 1
        log_since | grep -q "to=<pulumi-postfix-probe-$1@.*status=" && return 0
    done
    return 1
}

# The hub's own proof: what it really serves on the laptops' ports is the key that the laptops pin.
serves_pin() {
    [ -n "$served_ports" ] || return 0
    command -v posttls-finger >/dev/null 2>&1 || { say "proof=none no posttls-finger on this host"; return 0; }
    for port in $served_ports; do
        if is_wrapped "$port"; then level=-w; else level=; fi
        # shellcheck disable=SC2086 # pins and options are words
        said=$(posttls-finger -c -t 5 -T 5 $level -l fingerprint -d sha256 "[$(reach "$port")]:$port" $pins 2>&1)
        case $said in
        *"Verified TLS connection established"*) ;;
        *) ailing "port $port does not serve the intended key: $(say "$said" | tail -n 1)" || return 1 ;;
        esac
    done
    say "proof=match"
}

# A grant's own proof: the tables of the hub, as they lie there now, know the key of each laptop.
grants() {
    [ -n "$granted" ] || return 0
    step "prove that the hub knows the laptops' keys"
    # shellcheck disable=SC2086 # pins are words
    known=$(for table in $client_tables; do printf '%s\n' $granted | postmap -q - "$table" 2>/dev/null; done | cut -f 1 | sort -u | wc -l)
    # shellcheck disable=SC2086
    wanted=$(printf '%s\n' $granted | sort -u | wc -l)
    [ "$known" -eq "$wanted" ] || { ailing "the tables of relay_clientcerts know $known of $wanted keys"; return 1; }
    say "proof=match"
}

# The further hubs, to which smtp(8) turns only when it needs them: asked by its own library, as strictly.
prove_others() {
    for other in $proof_others; do
        server=${other%%=*}
        step "prove the key of $server from here"
        if [ "$proof_level" = encrypt ]; then continue; fi
        command -v posttls-finger >/dev/null 2>&1 || { say "other=none $server no posttls-finger on this host"; continue; }
        case $proof_level in
        fingerprint) match=$(say "${other#*=}" | tr , ' ') ;;
        secure) match=nexthop ;;
        *) match= ;;
        esac
        # shellcheck disable=SC2086 # pins are words
        said=$(posttls-finger -c $proof_way -t 5 -T 5 -l "$proof_level" -d sha256 -F "$(postconf -h smtp_tls_CAfile)" \
            "[${server%:*}]:${server##*:}" $match 2>&1)
        case $said in
        *"Verified TLS connection established"*) say "other=match $server" ;;
        *"TLS connection established"*) say "other=mismatch $server $(say "$said" | tail -n 1)" ;;
        *) say "other=unreachable $server $(say "$said" | tail -n 1)" ;;
        esac
    done
}

# The laptop's own proof: its smtp(8) goes to the hub as it will for every mail, without sending one: `sendmail
# -bv` asks for the address only, an empty sender makes it report to nobody.
prove() {
    [ -n "$proof_address" ] || return 0
    step "prove the hub's key from here"
    [ -n "$log" ] || { say "proof=none no readable mail log"; return 0; }
    [ -z "$tls_unlogged" ] || { say "proof=none smtp_tls_loglevel is 0, so the log does not say which key was met"; return 0; }
    sendmail -bv -f '' "$proof_address" >/dev/null 2>&1
    tries=0
    asked=1
    while [ $tries -lt 150 ]; do
        sleep 0.1
        tries=$((tries + 1))
        heard=$(log_since)
        line=
        case $heard in *"to=<$proof_address>"*) line=$(say "$heard" | grep -F "to=<$proof_address>" | sed -n "${asked}p") ;; esac
        # To a hub that was out of reach the queue manager sends nothing for minutes (qmgr(8), minimal_backoff_time),
        # not even to ask; a flush ends that.
        case $line in
        *"(delivery temporarily suspended: "*)
            [ $asked -lt 4 ] || break
            asked=$((asked + 1))
            line=
            postqueue -f
            sendmail -bv -f '' "$proof_address" >/dev/null 2>&1
            ;;
        esac
        [ -n "$line" ] && break
        lives || return 1
        # smtp(8) itself does not start with these settings: that is this host's fault and not the hub's.
        case $heard in
        *"]: fatal:"* | *"]: panic:"*)
            said=$(say "$heard" | grep -E '/smtp\[[0-9]+\]: (fatal|panic):' | head -n 1)
            [ -z "$said" ] || { ailing "$said"; return 1; }
            ;;
        esac
    done
    [ -n "$line" ] || { say "proof=unreachable no answer within 15 s"; return 0; }
    # In the words of smtp(8) itself: what a server answers stands in the same lines.
    process=$(say "$line" | sed -n 's/.*\/smtp\[\([0-9]*\)\]: .*/\1/p')
    said=$(log_since | sed -n "s/^[^]]*\/smtp\[$process\]: //p")
    # Of several hubs only what the first one showed: whoever comes behind it is looked at apart.
    [ -z "$proof_server" ] || said=$(say "$said" | grep -F " ${proof_server%:*}[" | grep -F "]:${proof_server##*:}:")
    if say "$said" | grep -q '^Verified TLS connection established to '; then
        case $line in *"SASL authentication failed"*) say "proof=match $line" ;; *) say "proof=match" ;; esac
    elif [ "$proof_level" = encrypt ] && say "$said" | grep -q '^[A-Z][a-z]* TLS connection established to '; then
        say "proof=none at level encrypt no key is looked at"
    elif say "$said" | grep -Eq '^(Untrusted|Trusted|Anonymous) TLS connection established to |^server certificate verification failed for '; then
        say "proof=mismatch $line"
    else
        say "proof=unreachable $line"
    fi
}
