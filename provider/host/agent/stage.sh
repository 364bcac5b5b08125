write_generation() {
    begin_with "$owner${generation_name:+/$generation_name}" || fail "cannot write to $home"
    [ -n "$generation_name" ] || return 0
    step "write keys and tables"
    generation=$home/$owner/$generation_name
    close_folders && mkdir -p "$generation" && close_folder "$generation" || fail "cannot make $generation"
    for file in $files; do
        payload "$file" >"$generation/$file" || fail "cannot write $generation/$file"
        chmod 0600 "$generation/$file"
        # texthash warns when its source is newer than the reader expects; and a hot file costs 2 s (see commit).
        cold "$generation/$file"
    done
    for table in $indexed; do
        said=$(postmap "${table%%:*}:$generation/${table#*:}" 2>&1) || fail "postmap(1) cannot build $table: $said"
    done
    [ -z "$logins" ] || write_logins
    [ -z "$indexed$logins" ] || remember_built || fail "cannot write $generation/built.sums"
    label "$generation"
    # Each folder holds the name of the next.
    sync "$generation"/* "$generation" "$home/$owner" "$home" "$config" 2>/dev/null || sync
}

# What this change makes, or takes away with its owner: should it be killed, the next change clears it away (see sweep).
begin_with() {
    mkdir -p "$home" && say "$1" >"$home/begun" && { sync "$home/begun" "$home" "$config" 2>/dev/null || sync; }
}

# Somebody may have opened them since they were made.
close_folders() {
    mkdir -p "$home/$owner" || return 1
    for folder in "$home" "$home/backup" "$home/backup/first"; do
        [ ! -d "$folder" ] || close_folder "$folder" || return 1
    done
    # The previous generation stays, and has keys too.
    find "$home/$owner" -type d -exec chown 0:0 {} + -exec chmod "$closed" {} + &&
        find "$home/$owner" -type f -exec chown 0:0 {} + -exec chmod 0600 {} +
}

# A folder has the group and the setgid bit of the one that it was made in, and numbers do not take that bit away
# (chmod(1)); a default ACL there may let others in whatever the umask says.
closed=ug-s,u=rwx,go=
close_folder() { chown 0:0 "$1" && chmod "$closed" "$1"; }

# Only so can it be seen later that somebody has changed what cannot be read back: an index, a database of passwords.
remember_built() {
    for table in $indexed; do set -- "$@" "$generation/${table#*:}".*; done
    [ -z "$logins" ] || set -- "$@" "$database"/*
    sha256sum "$@" >"$generation/built.sums"
}

# Names and passwords for Cyrus SASL. smtpd(8) opens them as Postfix's own user, who cannot look in where keys are.
write_logins() {
    database=$home-sasl/$owner/$generation_name
    group=$(id -g "$(postconf -h mail_owner)")
    mkdir -p "$database" || fail "cannot make $database"
    {
        say "pwcheck_method: auxprop"
        say "auxprop_plugin: sasldb"
        say "mech_list: PLAIN LOGIN"
        say "sasldb_path: $database/sasldb2"
    } >"$database/smtpd.conf" || fail "cannot write to $database"
    while read -r user password; do
        printf %s "$password" | saslpasswd2 -p -c -f "$database/sasldb2" -u laptops -- "$user" >/dev/null 2>&1 ||
            fail "saslpasswd2(8) cannot add $user to $database/sasldb2"
    done <"$generation/$logins"
    find "$home-sasl" -type d -exec chown "0:$group" {} + -exec chmod ug-s,u=rwx,g=rx,o= {} + &&
        find "$home-sasl" -type f -exec chown "0:$group" {} + -exec chmod 0640 {} + ||
        fail "cannot give $database to Postfix's group"
    label "$home-sasl"
    sync "$database"/* "$database" "$home-sasl/$owner" "$home-sasl" "$config" 2>/dev/null || sync
}

# SELinux: a file has the context of the folder that it was made in, and may need another (restorecon(8)).
label() { if command -v restorecon >/dev/null 2>&1; then restorecon -R "$@" >/dev/null 2>&1 || :; fi; }

# Whatever reads a main.cf younger than two seconds waits until it is older, up to 2 s a command.
cold() { touch -d "@$(($(date +%s) - 3))" "$1" 2>/dev/null || touch -t 200001010000 "$1"; }

stage() {
    step "check the new configuration"
    said=$room/said
    mkdir -p "$staging" "$room/queue" "$room/data" || fail "cannot make $staging"
    for file in "$config"/* "$config"/.[!.]*; do
        [ -e "$file" ] || continue
        case ${file##*/} in
        main.cf | master.cf) ;;
        *) ln -s "$file" "$staging/${file##*/}" ;;
        esac
    done
    payload main.cf >"$staging/main.cf" && payload master.cf >"$staging/master.cf" || fail "cannot write to $staging"
    # The candidate as it is: what postconf says of it is what it will say of the live file.
    cold "$staging/main.cf"
    if ! postconf -c "$staging" -n >/dev/null 2>"$said"; then fail "$(tail -n 1 "$said" | tidy)"; fi
    if ! postconf -c "$staging" -M >/dev/null 2>>"$said"; then fail "$(tail -n 1 "$said" | tidy)"; fi
    # Mostly there is nothing to look at.
    if [ -s "$said" ]; then refuse_warned; fi
    for table in $tables; do
        # What it says of main.cf, such as a line that stands there twice, is none of the table's.
        line=$(postmap -q pulumi-postfix-probe "$table" 2>&1 | grep -F -e "${table#*:}" -e fatal: -e error: | tail -n 1)
        [ -z "$line" ] || fail "$(say "$line" | tidy)"
    done
    # Before the next step turns the log away: smtp(8) has no other place for its last words.
    smtp_starts "$staging" || ! smtp_starts "$config" ||
        fail "smtp(8) does not start with it: $(fatal_lines | tail -n 1)"
    check_staged
}

refuse_warned() {
    # Only names of ours count: the admin's own warnings were there before and are none of our business.
    # A name that nobody reads is news only if it was not there before: one owner's allowUnknown is not another's fault.
    postconf -n 2>&1 >/dev/null | grep -F 'unused parameter: ' >"$room/unused"
    for name in $names; do
        ! grep -q "unused parameter: $name=" "$room/unused" || continue
        line=$(grep -E "(unused parameter: |undefined parameter: |overriding earlier entry: )$name(=|\$|[^a-z0-9_])" "$said" | head -n 1)
        [ -z "$line" ] || fail "$(say "$line" | tidy)"
    done
}

# `postfix check` creates and changes what queue_directory and data_directory name, so it gets its own; and what it
# says of their place would fill the admin's log.
check_staged() {
    {
        printf '\nqueue_directory = %s\ndata_directory = %s\n' "$room/queue" "$room/data" &&
            printf 'maillog_file = %s\nmaillog_file_prefixes = %s\n' "$room/check.log" "$jobs" &&
            printf 'multi_instance_enable = no\nmulti_instance_directories =\n'
    } >>"$staging/main.cf" || fail "cannot write to $staging"
    grep -Eq '^postlog[[:space:]]' "$staging/master.cf" ||
        printf '\npostlog unix-dgram n - n - 1 postlogd\n' >>"$staging/master.cf" || fail "cannot write to $staging"
    chown "$(postconf -h mail_owner)" "$room/data" 2>/dev/null
    # Of each link that leads out it warns, by four processes; of all that they lead to it reads only this, and says what
    # it misses.
    find "$staging" -type l -exec rm -f {} +
    for file in "$config"/dynamicmaps.cf* "$config"/postfix-files*; do
        [ ! -e "$file" ] || cp -RLp "$file" "$staging" 2>/dev/null
    done
    chmod 0755 "$room" "$staging" "$room/queue"
    cold "$staging/main.cf"
    postfix -c "$staging" check >"$said" 2>&1 && return
    fail "postfix check refuses it: $({ log_since; cat "$room/check.log" "$said"; } 2>/dev/null |
        grep -E 'fatal:|error:|panic:' | tail -n 1 | tidy)"
}

# Nobody asks a hub's smtp(8) for anything before the next mail goes out; alone, on an empty input, it reads its
# settings and ends.
smtp_starts() {
    daemons=$(postconf -h -x daemon_directory)
    # In the live queue, or it would wait ten seconds for the tlsmgr(8) of the staged one.
    [ ! -x "$daemons/smtp" ] || MAIL_CONFIG=$1 "$daemons/smtp" -S -o "queue_directory=$queue" </dev/null >/dev/null 2>&1
}

tidy() { sed "s,$staging,$config,g; s,^[a-z/]*: *,,"; }
