# What a bundle sees of its machine.

bundle_problem() { say "$*" >>"$desk/problems"; }
bundle_note() { say "$*" >>"$desk/notes"; }

bundle_words() { tr -s ' \t\n' '\n\n\n' | grep . || :; }
is_among() { case " $2 " in *" $1 "*) ;; *) return 1 ;; esac; }

# 16 hexadecimal digits, as folders and jobs are called.
bundle_random() { od -A n -N 8 -t x1 /dev/urandom | tr -d ' \n'; }

# 3.7.11 as a number to compare by.
bundle_number() {
    say "$1" | sed -n 's/^\([0-9]\{1,\}\)\.\([0-9]\{1,\}\)\(\.\([0-9]\{1,\}\)\)\{0,1\}.*/\1 \2 \4/p' | {
        read -r major minor patch || return 1
        say $(((major * 1000 + minor) * 1000 + ${patch:-0}))
    }
}

# The range of versions that this Postfix belongs to.
choose_range() {
    range=
    number=$(bundle_number "$version") || number=0
    for from in $bundle_ranges; do
        [ "$from" -gt "$number" ] || range=$from
    done
    if [ -z "$range" ]; then
        bundle_problem "this host has Postfix $version; 3.5 is the oldest that is supported: upgrade Postfix there"
        return 1
    fi
}

ends_well() { [ ! -s "$1" ] || [ "$(tail -c 1 "$1" | od -A n -t x1 | tr -d ' \n')" = 0a ]; }
yes_if() { if "$@" >/dev/null 2>&1; then say yes; else say no; fi; }

# Copies, so that what is planned is planned from one text.
look_at_files() {
    cat "$main" >"$desk/old-main" && cat "$master" >"$desk/old-master" || bundle_refuse "cannot read $main and $master"
    for file in old-main old-master; do
        [ "$(tr -d '\000' <"$desk/$file" | wc -c)" = "$(wc -c <"$desk/$file")" ] ||
            bundle_refuse "$config holds a NUL byte, which is no text: mend main.cf and master.cf first"
    done
    old_main=$(digest "$desk/old-main")
    old_master=$(digest "$desk/old-master")
    before_pid=$(master_pid) || before_pid=
    interrupted=
    [ ! -f "$home/journal" ] || interrupted=yes
}

# The folder of keys and tables that the files name, if there is one.
look_for_live() {
    previous=
    for directory in "$home/$owner"/*/; do
        name=${directory%/}
        name=${name##*/}
        [ -f "${directory}pins" ] && in_use "$owner/$name" && previous=$name && return
    done
}

# Is it, file for file and byte for byte, what would be written anew? Then it may stay.
live_is_right() {
    [ -n "$previous" ] || return 1
    folder=$home/$owner/$previous
    for place in "$home" "$home/$owner" "$folder" "$home/backup" "$home/backup/first"; do
        [ ! -e "$place" ] || [ "$(stat -c '%a %U:%G' "$place")" = '700 root:root' ] || return 1
    done
    for file in $bundle_files; do
        [ -f "$folder/$file" ] && [ "$(stat -c '%a %U:%G' "$folder/$file")" = '600 root:root' ] &&
            [ "$(payload "$file" | sha256sum | cut -d ' ' -f 1)" = "$(digest "$folder/$file")" ] || return 1
    done
    for file in "$folder"/*; do
        name=${file##*/}
        is_among "$name" "$bundle_files built.sums" && continue
        is_among "${name%.*}" "$(for table in $indexed; do printf '%s ' "${table#*:}"; done)" || return 1
        [ "$(stat -c '%a %U:%G' "$file")" = '600 root:root' ] || return 1
    done
    for table in $indexed; do
        set -- "$folder/${table#*:}".*
        [ -f "$1" ] || return 1
    done
    [ -z "$indexed" ] || sha256sum -c "$folder/built.sums" >/dev/null 2>&1
}

# What the awk program is told, and what it answers. plan apply|remove GENERATION
plan() {
    folder=$home/$owner/$2
    {
        printf '%s\t%s\n' mode "$1" owner "$owner" label "$bundle_label" instance "$bundle_instance" folder "$folder"
        printf '%s\t%s\n' running "$(yes_if [ -n "$before_pid" ])" ipv6 "$(yes_if has_ipv6)"
        printf '%s\t%s\n' hostname "$(hostname 2>/dev/null || uname -n)"
        printf '%s\t%s\n' fqdn "$(hostname -f 2>/dev/null || postconf -h myhostname)"
        printf 'maptype\t%s\n' $(postconf -m)
        printf '%s\t%s\n' maptypes-since-3.11 "$(yes_if [ "$number" -ge 3011000 ])"
        printf 'final\t%s\t%s\n' main.cf "$(yes_if ends_well "$desk/old-main")"
        printf 'final\t%s\t%s\n' master.cf "$(yes_if ends_well "$desk/old-master")"
        bundle_knowledge
        [ "$1" = remove ] || "bundle_range_$range" | grep -Ev '^(refuse|warn|tables|written|read)	'
    } >"$desk/data"
    awk -v data="$desk/data" -v placeholder="$bundle_placeholder" -v old_main="$desk/old-main" \
        -v old_master="$desk/old-master" -v new_main="$desk/new-main" -v new_master="$desk/new-master" \
        -f "$desk/plan.awk" >"$desk/answer" 2>"$desk/awk-said"
    [ "$(tail -n 1 "$desk/answer")" = done ] ||
        bundle_refuse "cannot plan the change, awk(1) says: $(tail -n 1 "$desk/awk-said")"
    has_fragment=$(answers fragment)
    action=$(answers action)
    main_differs=$(answers main)
    master_differs=$(answers master)
    weaker=$(answers weaker)
    names=$(words_of name)
    own_ports=$(words_of ownport)
    wrapped_ports=$(words_of wrappedport)
    other_ports=$(words_of otherport)
}

answers() { sed -n "s/^$1 //p" "$desk/answer" | tail -n 1; }
words_of() { sed -n "s/^$1 //p" "$desk/answer" | awk '!seen[$0]++' | tr '\n' ' ' | sed 's/ $//'; }

# What only the machine can answer, whatever stands in its files.
look_at_host() {
    "bundle_range_$range" | sed -n 's/^refuse	//p' >>"$desk/problems"
    "bundle_range_$range" | sed -n 's/^warn	//p' >>"$desk/notes"
    sed -n 's/^problem //p' "$desk/answer" >>"$desk/problems"
    sed -n 's/^note //p' "$desk/answer" >>"$desk/notes"
    found=$(foreign_sendmail)
    [ -z "$found" ] || bundle_problem "$found on this host is not Postfix's: programs would hand their mail to another mail server, past the pin. Remove that server's package, or give Postfix the command back"
    [ -z "$bundle_ipv6_only" ] || has_ipv6 ||
        bundle_problem "inetProtocols is \"ipv6\", but IPv6 is switched off on this host, and Postfix would not start"
    known_types=$(postconf -m | tr '\n' ' ')
    for type in $bundle_types; do
        is_among "$type" "$known_types" && continue
        way="Choose another type"
        ! is_among "$type" "$bundle_packaged_types" ||
            way="Install its package there (on Debian: postfix-$type), or choose another type"
        bundle_problem "Postfix on this host has no tables of type $type. $way"
    done
    [ -z "$bundle_sasl" ] || look_at_sasl
    look_at_ports
    look_at_named
    look_at_names
    look_at_tools
}

look_at_sasl() {
    wanted_sockets=
    said=$(probe_sasl)
    is_among cyrus "$(say "$said" | sed -n 's/^sasl.client=//p')" ||
        bundle_problem "this laptop's Postfix is built without SASL and cannot log in anywhere: leave sasl out, its key lets it in"
    ! say "$said" | grep -q '^sasl.mechanisms=' || is_among plain "$(say "$said" | sed -n 's/^sasl.mechanisms=//p')" ||
        bundle_problem "this host's SASL library has no mechanism PLAIN, each login would fail: install it (Debian: libsasl2-modules)"
}

# A port in foreign hands kills all of Postfix. Stricter than the provider, which knows at which address each listens.
look_at_ports() {
    wanted=" $(words_of wantedport) "
    [ -n "$before_pid" ] || wanted="$wanted$(words_of inetport) "
    [ "$wanted" != "  " ] || return 0
    listeners | while read -r port _ inode; do
        is_among "$port" "$wanted" || continue
        holder=$(owner_of_socket "$inode")
        [ -n "$holder" ] && [ "${holder%% *}" != "$before_pid" ] || continue
        bundle_problem "port $port is taken on this host by ${holder#* } (process ${holder%% *}): stop it, or choose another port"
    done
}

look_at_named() {
    bundle_asked | while read -r kind file setting; do
        fault=
        case $kind in
        folder) [ -d "$file" ] || fault="is no folder, and no CA would be known" ;;
        *)
            if [ ! -f "$file" ]; then fault="is not there, and TLS would be off without it"
            elif [ "$kind" = key ]; then grep -q '^-----BEGIN .*PRIVATE KEY-----' "$file" || fault="holds no private key in PEM"
            elif [ "$kind" = certificate ]; then grep -q '^-----BEGIN CERTIFICATE-----' "$file" || fault="holds no certificate in PEM"
            fi
            ;;
        esac
        [ -z "$fault" ] || bundle_problem "$setting: $file of the host $fault: mend it there, or name another"
    done
    asked_files='' asked_tables=$bundle_tables asked_daemons=$bundle_daemons
    probe_named | while read -r line; do
        case $line in
        nodaemon=*)
            line=${line#nodaemon=}
            bundle_problem "services: ${line% *} is no program on this host"
            ;;
        badtable=*warning:*) bundle_note "${line#badtable=}" ;;
        badtable=*) bundle_problem "a table of the host cannot be read: ${line#badtable=}" ;;
        esac
    done
}

# Names that nothing in the new configuration would read: Postfix only warns of them, and what was meant is not set.
look_at_names() {
    bundle_written=$("bundle_range_$range" | sed -n 's/^written	//p')
    asked_names="$bundle_written $("bundle_range_$range" | sed -n 's/^read	//p')"
    # shellcheck disable=SC2046 # names are words
    for name in $(unknown_names | sed -n 's/^unknown=//p'); do
        if [ -n "$bundle_allow_unknown" ]; then
            names=$(say "$names" | bundle_words | grep -vxF "$name" | tr '\n' ' ')
            continue
        fi
        if is_among "$name" "$bundle_written"; then
            is_read "$name" || is_limit "$name" ||
                bundle_problem "$name: Postfix $version on this host knows no such parameter, and nothing there reads it as \$$name: to write it all the same, set allowUnknown: true"
        elif ! grep -Eq "^$name[[:space:]]*=" "$desk/new-main"; then
            bundle_problem "a value reads \$$name, which nothing sets on this host, and which would count as empty"
        fi
    done
}

is_read() { grep -v '^[[:space:]]*#' "$desk/new-main" "$desk/new-master" | grep -Eq "[\$][{(]?$1([^A-Za-z0-9_]|\$)"; }

is_limit() {
    for service in $(sed -n 's/^\([A-Za-z0-9_.-]*\)[[:space:]].*/\1/p' "$desk/new-master" | sort -u); do
        case $1 in "$service"_*) ! is_among "${1#"$service"_}" "$bundle_transport_ends" || return 0 ;; esac
    done
    return 1
}

# What is told the network's own tools: `new_hooks` are written, `old_hooks` go.
look_at_tools() {
    new_hooks='' old_hooks=''
    bundle_managers >"$desk/managers"
    while IFS='|' read -r name hook directory programs packaged through wanted; do
        needed=
        [ "$wish" = undo ] || [ -z "$wanted" ] || [ ! -e "$directory" ] || needed=yes
        [ -z "$needed" ] || [ -z "$programs" ] || any_of "$programs" || needed=
        if [ -n "$needed" ] && [ -f "$packaged" ] && [ -x "$packaged" ] &&
            grep -Eq 'sendmail -q|postqueue -f' "$packaged" && { [ -z "$through" ] || any_of "$through"; }; then
            needed=
        fi
        # Of another owner than this script's, where that one is to be undone.
        hook=${hook%"$bundle_owner"}$owner
        ours=
        if is_ours "$hook" "$owner"; then ours=yes; fi
        if [ -z "$needed" ]; then
            [ -z "$ours" ] || old_hooks="$old_hooks${old_hooks:+ }$hook"
        elif [ -z "$ours" ] && { [ -e "$hook" ] || [ -L "$hook" ]; }; then
            bundle_problem "$hook of the host is not ours, and is not written over: move it away, or set flushOnNetwork: false"
        elif [ -z "$ours" ] || [ "$(stat -c '%a %U:%G' "$hook")" != '755 root:root' ] ||
            [ "$(payload "$hook" | sha256sum | cut -d ' ' -f 1)" != "$(digest "$hook")" ]; then
            new_hooks="$new_hooks${new_hooks:+ }$hook"
        fi
    done <"$desk/managers"
}

any_of() {
    for path in $1; do [ ! -e "$path" ] || return 0; done
    return 1
}
