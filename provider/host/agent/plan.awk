# What provider/host/plan*.ts decide by main.cf and master.cf, for a laptop's bundle. Reads what the bundle knows (see
# provider/host/bundle/knowledge.ts), both files, and what the host says of itself; writes both files anew, and lines
# for the script that called it.

BEGIN {
    read_data(data)
    read_file("main.cf", old_main)
    read_file("master.cf", old_master)
    take_apart("main.cf")
    take_apart("master.cf")
    remove = mode == "remove"
    if (!remove) {
        plan_main()
        plan_master()
    }
    put_together("main.cf", remove)
    # Without a block of ours and without a wish for one the file stays as it is.
    if (remove || !nservices) put_together("master.cf", 1)
    else put_together("master.cf", 0)
    write_file("main.cf", new_main)
    write_file("master.cf", new_master)
    view("main.cf", "main-old")
    view("main.cf", "main-new")
    view("master.cf", "master-new")
    effective("main-old", before)
    effective("main-new", after)
    tell_changes()
    look_at_services()
    if (!remove) {
        loops()
        sizes()
        unjudged()
    }
    print "fragment " (has_block["main.cf"] || has_block["master.cf"] ? "yes" : "no")
    print "done"
}

# Values may hold whatever a line may: they are the last field of theirs.
function rest_of(line, n,    i) {
    for (i = 1; i < n; i++) line = substr(line, index(line, "\t") + 1)
    return line
}

function nth(line, n) {
    line = rest_of(line, n) "\t"
    return substr(line, 1, index(line, "\t") - 1)
}

function read_data(path,    line, kind, name) {
    while ((getline line < path) > 0) {
        kind = nth(line, 1)
        name = nth(line, 2)
        if (kind == "owner") owner = name
        else if (kind == "label") label = name
        else if (kind == "instance") instance = name
        else if (kind == "mode") mode = name
        else if (kind == "folder") folder = rest_of(line, 2)
        else if (kind == "running") running = name == "yes"
        else if (kind == "ipv6") ipv6 = name == "yes"
        else if (kind == "fqdn") fqdn = name
        else if (kind == "hostname") hostname = name
        else if (kind == "maptype") maptype[name] = 1
        else if (kind == "maptypes-since-3.11") lmdb_first = name == "yes"
        else if (kind == "final") final[name] = nth(line, 3) == "yes"
        else if (kind == "exclusive") exclusive = name == "yes"
        else if (kind == "judged") judged = name == "yes"
        else if (kind == "takeover") take_over[name] = 1
        else if (kind == "stock") stock[name "\t" rest_of(line, 3)] = 1
        else if (kind == "stockservice") stock_service[rest_of(line, 2)] = 1
        else if (kind == "exit") {
            exit_reason[name] = rest_of(line, 3)
        } else if (kind == "safe") exit_safe[name] = rest_of(line, 3)
        else if (kind == "harmless") exit_harmless[name] = rest_of(line, 3)
        else if (kind == "harmlesstls") harmless_tls[name] = 1
        else if (kind == "decides") decides[name] = 1
        else if (kind == "decisive") decisive[name] = 1
        else if (kind == "partner") partner[name] = 1
        else if (kind == "installation") installation[name] = 1
        else if (kind == "restart") restarts[name] = 1
        else if (kind == "port") named_port[name] = nth(line, 3) + 0
        else if (kind == "cache") cache_file[name] = rest_of(line, 3)
        else if (kind == "level") strength[name] = nth(line, 3) + 0
        else if (kind == "levels") strongest = name + 0
        else if (kind == "main") main_line[++nmain] = with_folder(rest_of(line, 2))
        else if (kind == "service") {
            wanted[++nwanted] = name
            yields_to[nwanted] = nth(line, 3) == "yes"
        } else if (kind == "master") {
            wanted_line[nwanted, ++wanted_lines[nwanted]] = with_folder(rest_of(line, 2))
        }
    }
    close(path)
}

# Where keys and tables will lie is known only here.
function with_folder(line,    at, done) {
    done = ""
    while (at = index(line, placeholder)) {
        done = done substr(line, 1, at - 1) folder
        line = substr(line, at + length(placeholder))
    }
    return done line
}

function plan_main(    k, name) {
    for (k = 1; k <= nbody["main.cf"]; k++) {
        name = body["main.cf", k]
        if (substr(name, 1, 3) == "#= ") name = substr(name, 4)
        if (name ~ /^[A-Za-z0-9_]/ && definition(name)) standing[NAME] = 1
    }
    for (k = 1; k <= nmain; k++) {
        add_line(main_line[k])
    }
    logical("main.cf")
    for (k = 1; k <= nlogical["main.cf"]; k++)
        if (definition(text["main.cf", k])) {
            set_name[k] = NAME
            set_value[k] = VALUE
            original[NAME] = VALUE
        }
    # With IPv6 switched off an address of it ends every Postfix command.
    if (!ipv6 && ("smtp_tls_security_level" in own) && !("inet_protocols" in own))
        if (!("inet_protocols" in original) || (original["inet_protocols"] != "ipv4" && is_stock("inet_protocols", original["inet_protocols"]))) {
            add_line("inet_protocols = ipv4")
            print "note inet_protocols = ipv4, because IPv6 is switched off on this host"
        }
    plan_caches()
    for (k = 1; k <= nlogical["main.cf"]; k++) {
        if (!(k in set_name) || !(breaks[k] || yields(set_name[k], set_value[k]))) continue
        hide("main.cf", k)
        if (!exclusive) consent(k, set_name[k], set_value[k])
    }
}

function add_line(line) {
    newbody["main.cf", ++nnew["main.cf"]] = line
    if (definition(line)) {
        own[NAME] = VALUE
        print "name " NAME
    }
}

function hide(file, k,    i) {
    was_hidden = hidden[file, first[file, k]]
    for (i = first[file, k]; i <= last[file, k]; i++) hides[file, i] = 1
}

function yields(name, value) {
    return (name in own) || (name in partner) || exit_of(name, value) != "" || (exclusive && !(name in installation))
}

# Stock lines yield silently, an admin's own line only by the user's word.
function consent(k, name, value,    what, reason) {
    if ((name in standing) && (name in own)) return
    if (hidden["main.cf", first["main.cf", k]] || breaks[k]) return
    if ((name in own) && own[name] == value) return
    if (is_stock(name, value) || (name in take_over) || ("*" in take_over)) return
    reason = exit_of(name, value)
    what = name in own ? "would become \"" own[name] "\"" : reason != "" ? reason ", so it would be commented out" : "would be commented out"
    problem("main.cf line " number["main.cf", first["main.cf", k]] " of the host, \"" name " = " value "\", is not ours and " what ": write takeOver: [\"" name "\"] and make the bundle anew to allow it (--undo puts the line back), or remove it on the host")
}

function is_stock(name, value,    i, n, words, ok) {
    gsub(/[ \t\r\n\v\f]+/, " ", value)
    value = trim(value)
    if ((name "\t" value) in stock) return 1
    if (name == "myhostname" || name == "myorigin") return is_own_name(value)
    if (name != "mydestination") return 0
    ok = 0
    n = split(value, words, /[ ,]+/)
    for (i = 1; i <= n; i++) {
        if (words[i] == "") continue
        if (words[i] !~ /^([$]myhostname|localhost[.][$]mydomain|localhost)$/ &&
            tolower(words[i]) !~ /^localhost[.][a-z0-9.-]+$/ && !is_own_name(words[i])) return 0
        ok = 1
    }
    return ok
}

function first_label(name) {
    sub(/[.].*$/, "", name)
    return name
}

function known_as(name) {
    name = tolower(name)
    sub(/[.]$/, "", name)
    return name
}

function is_own_name(value,    name, one, two) {
    name = known_as(value)
    if (name !~ /^[a-z0-9_-]+([.][a-z0-9_-]+)*$/) return 0
    one = known_as(fqdn)
    two = known_as(hostname)
    return (one != "" && (one == name || first_label(one) == first_label(name))) ||
        (two != "" && (two == name || first_label(two) == first_label(name)))
}

# Session caches that never worked, or are of a type that is going: see postfix/session-caches.ts.
function plan_caches(    k, type, spool, name, value, isbroken, daemon, ours, n, i) {
    if (exclusive) return
    type = lmdb_first ? ("lmdb" in maptype ? "lmdb" : "btree" in maptype ? "btree" : "") : ("btree" in maptype ? "btree" : "lmdb" in maptype ? "lmdb" : "")
    spool = "spool_directory" in original
    n = nnew["main.cf"]
    for (i = 1; i <= n; i++) if (definition(newbody["main.cf", i])) daemons[first_part(NAME)] = NAME ~ /^[^_]+_tls_/ || daemons[first_part(NAME)]
    for (k = 1; k <= nlogical["main.cf"]; k++) {
        if (!(k in set_name)) continue
        name = set_name[k]
        value = set_value[k]
        if (!(name in cache_file)) continue
        isbroken = !spool && value ~ /[$][{(]?spool_directory([^A-Za-z0-9_]|$)/
        if (!isbroken && !(value == "btree:${data_directory}/smtp_scache" && type == "lmdb")) continue
        if (!daemons[first_part(name)]) continue
        breaks[k] = 1
        if (cache_file[name] != "" && type != "" && !(name in own)) add_line(name " = " type ":${data_directory}/" cache_file[name])
        if (isbroken && !hidden["main.cf", first["main.cf", k]])
            print "note " plain("main.cf line " number["main.cf", first["main.cf", k]] ", \"" name " = " value "\", never worked, because Postfix has no parameter spool_directory: it yields")
    }
}

function first_part(name) {
    sub(/_.*$/, "", name)
    return name
}

function plan_master(    k, w, name, type, port, address, called, i) {
    logical("master.cf")
    nservices = 0
    for (w = 1; w <= nwanted; w++) {
        name = wanted[w]
        type = name
        sub(/^.*\//, "", type)
        sub(/\/[^\/]*$/, "", name)
        port = ""
        if (type == "inet") {
            if (!resolve(name)) continue
            port = PORT
            address = ADDRESS
        }
        skip = 0
        if (yields_to[w])
            for (k = 1; k <= nlogical["master.cf"]; k++)
                if (service(text["master.cf", k]) && S[1] == name && S[2] == type && !is_stock_service()) skip = 1
        if (skip) {
            print "note " wanted[w] " of master.cf stays as the machine's admin has it"
            continue
        }
        nservices++
        ours[wanted[w]] = 1
        for (i = 1; i <= wanted_lines[w]; i++) newbody["master.cf", ++nnew["master.cf"]] = wanted_line[w, i]
        for (k = 1; k <= nlogical["master.cf"]; k++) {
            if (!service(text["master.cf", k])) continue
            if (port == "") {
                if (S[1] != name || S[2] != type) continue
            } else {
                if (S[2] != "inet" || !resolve(S[1]) || PORT != port) continue
                if (ADDRESS != "" && address != "" && ADDRESS != address) continue
            }
            hide("master.cf", k)
            called = CALLED
            if (was_hidden || (is_stock_service() && (type != "inet" || !running)) || (called in take_over) || ("*" in take_over)) continue
            problem("master.cf line " number["master.cf", first["master.cf", k]] " of the host already " (port == "" ? "has this service" : "serves port " port) " (\"" called " " S[8] "\"): " (port == "" ? "write" : "choose another port, or write") " takeOver: [\"" called "\"] and make the bundle anew to comment that line out")
        }
    }
    # Services of others that lead around the pin, as they would count after the change.
    for (k = 1; k <= nlogical["master.cf"]; k++) {
        if (hides["master.cf", first["master.cf", k]] || !service(text["master.cf", k])) continue
        refuse_exits("master.cf line " number["master.cf", first["master.cf", k]] " of the host, ")
    }
}

function refuse_exits(where,    i, reason) {
    if (CALLED ~ /^(smtp|relay)\/unix$/ && S[8] != "smtp")
        problem(where "\"" CALLED " " S[8] "\", can send mail past the hub: outbound mail must go through smtp(8), only that checks the pin: let it run smtp there, takeOver does not cover it")
    for (i = 1; i <= NOPTIONS; i++) {
        if ((OPTION[i] in own) && own[OPTION[i]] == SETTING[i]) continue
        reason = option_exit(OPTION[i], SETTING[i])
        if (reason != "")
            problem(where "\"" CALLED " " S[8] " -o " OPTION[i] "=" SETTING[i] "\", " reason ": take -o " OPTION[i] " out there, takeOver does not cover it")
    }
}

# What counts in the end; the order of the names is that of their first lines.
function effective(as, values,    k) {
    for (k = 1; k <= nlogical[as]; k++)
        if (definition(text[as, k])) {
            values[NAME] = VALUE
            if (!(NAME in seen)) {
                seen[NAME] = 1
                named[++nnamed] = NAME
            }
        }
}

function shown(name, values) { return name in values ? "\"" values[name] "\"" : "not set" }

function tell_changes(    i, name, action) {
    action = "reload"
    for (i = 1; i <= nnamed; i++) {
        name = named[i]
        if ((name in before) && (name in after) && before[name] == after[name]) continue
        print "change " plain("main.cf: " name ": " shown(name, before) " -> " shown(name, after))
        if (name in restarts) action = "restart"
    }
    print "action " action
    print "main " (is_same("main.cf") ? "same" : "differs")
    print "master " (is_same("master.cf") ? "same" : "differs")
    print "weaker " (level_of(after) < level_of(before) ? "yes" : "no")
}

function level_of(values,    level) {
    level = "smtp_tls_security_level" in values ? tolower(values["smtp_tls_security_level"]) : ""
    if (level == "") return 0
    return level in strength ? strength[level] : strongest
}

# Ports of smtpd and postscreen: what is ours must answer afterwards, what is of others if it did before.
function look_at_services(    k, i, wrapped, mine) {
    for (k in ours) if (k ~ /\/inet$/ && resolve(substr(k, 1, length(k) - 5))) own_port[PORT] = 1
    for (k = 1; k <= nlogical["master-new"]; k++) {
        if (!service(text["master-new", k])) continue
        if (S[2] == "inet" && resolve(S[1])) print "inetport " PORT
        if (S[2] != "inet" || S[8] !~ /^(smtpd|postscreen)$/) continue
        wrapped = 0
        for (i = 1; i <= NOPTIONS; i++) if (OPTION[i] == "smtpd_tls_wrappermode" && SETTING[i] == "yes") wrapped = 1
        if (!resolve(S[1])) continue
        if (S[8] == "smtpd") answered[PORT] = 1
        if (PORT in own_port) print "ownport " PORT
        if (PORT in own_port) { if (wrapped) print "wrappedport " PORT }
        else if (!wrapped) print "otherport " PORT
    }
    for (k in own_port) print "wantedport " k
}

# Mail that would go round in a loop: stricter than the provider, which knows at which address each service listens.
function loops(    n, i, hops, host, port, brackets, value, which) {
    own_names[known_as(fqdn)] = own_names[known_as(hostname)] = 1
    host = "myhostname" in after ? after["myhostname"] : hostname
    if (host !~ /[$]/) own_names[known_as(host)] = 1
    if (("relayhost" in own) && own["relayhost"] != "" && tolower(own["relayhost"]) == tolower(host))
        problem("relayhost = " own["relayhost"] " is myhostname of this machine too, with which Postfix would end")
    for (which = 1; which <= 2; which++) {
        value = which == 1 ? "relayhost" : "smtp_fallback_relay"
        if (!(value in own)) continue
        n = split(own[value], hops, /[ \t,]+/)
        for (i = 1; i <= n; i++) {
            host = hops[i]
            if (host == "") continue
            port = "25"
            brackets = substr(host, 1, 1) == "["
            if (brackets) {
                if (match(host, /\]:.*$/)) port = substr(host, RSTART + 2)
                sub(/\].*$/, "", host)
                host = substr(host, 2)
            } else if (match(host, /:.*$/)) {
                port = substr(host, RSTART + 1)
                sub(/:.*$/, "", host)
            }
            host = known_as(host)
            if (host !~ /^(localhost|127[.][0-9]+[.][0-9]+[.][0-9]+|(ipv6:)?::1)$/ && !(brackets && host != "" && (host in own_names))) continue
            if (resolve(port) && (PORT in answered))
                problem(value " = \"" hops[i] "\" may be this machine itself: its mail would come back to it until it is returned to the sender")
        }
    }
}

function limit(name, values, otherwise) { return name in values ? values[name] : otherwise }

function size_fault(values, mailbox_name, mailbox_default,    message, mailbox) {
    message = limit("message_size_limit", values, "10240000")
    mailbox = limit(mailbox_name, values, mailbox_default)
    if (message !~ /^[0-9]+$/ || mailbox !~ /^[1-9][0-9]*$/) return ""
    if (message + 0 > 0 && message + 0 <= mailbox + 0) return ""
    return message " " mailbox
}

function virtual_in(values) { return limit("virtual_mailbox_domains", values, "") != "" || limit("virtual_mailbox_maps", values, "") != "" }

# Limits with which a delivery agent would not start: only what this change brings about.
function sizes(    fault) {
    fault = size_fault(after, "mailbox_size_limit", "51200000")
    if (fault != "" && fault != size_fault(before, "mailbox_size_limit", "51200000"))
        problem("message_size_limit would be greater than mailbox_size_limit, with which local(8) does not start: raise mailbox_size_limit too (\"0\": no limit)")
    if (!virtual_in(after)) return
    fault = size_fault(after, "virtual_mailbox_limit", "51200000")
    if (fault != "" && !(virtual_in(before) && fault == size_fault(before, "virtual_mailbox_limit", "51200000")))
        problem("message_size_limit would be greater than virtual_mailbox_limit, with which virtual(8) does not start: raise virtual_mailbox_limit too (\"0\": no limit)")
}

# Whether a service relays for strangers is judged with what the admin has: a bundle that opens one cannot do that.
function unjudged(    k, i) {
    if (!judged) return
    for (k = 1; k <= nlogical["main.cf"]; k++)
        if ((k in set_name) && (set_name[k] in decisive) && !hides["main.cf", first["main.cf", k]] && !is_stock(set_name[k], set_value[k]))
            problem("main.cf line " number["main.cf", first["main.cf", k]] " of the host, \"" set_name[k] " = " set_value[k] "\", is part of what decides whether this machine relays for strangers, which a bundle cannot judge: take it out there, or have this laptop served over SSH")
    for (k = 1; k <= nlogical["master.cf"]; k++) {
        if (hides["master.cf", first["master.cf", k]] || !service(text["master.cf", k])) continue
        for (i = 1; i <= NOPTIONS; i++)
            if (OPTION[i] in decisive)
                problem("master.cf line " number["master.cf", first["master.cf", k]] " of the host, \"" CALLED " -o " OPTION[i] "\", is part of what decides whether this machine relays for strangers, which a bundle cannot judge: take it out there, or have this laptop served over SSH")
    }
}
