# What postfix/master-cf.ts, services.ts and exits.ts say of one line of master.cf.

# Takes a logical line apart into S (fields), ARG, OPTION and SETTING; false where master(8) would end on it.
function service(line,    i, types) {
    NARGS = NOPTIONS = 0
    for (i = 1; i <= 8; i++) {
        if (!match(line, /^[^ \t\r\n]+/)) return 0
        S[i] = substr(line, 1, RLENGTH)
        line = substr(line, RLENGTH + 1)
        if (i < 8) sub(/^[ \t\r\n]+/, "", line)
    }
    if (S[2] !~ /^(inet|unix|fifo|pass|unix-dgram)$/) return 0
    if (S[2] == "inet" && S[3] != "n") return 0
    for (i = 3; i <= 5; i++) if (S[i] !~ /^[yn-]$/) return 0
    if (S[6] !~ /^(-|[0-9]+[?]?)$/ || S[7] !~ /^(-|[0-9]+)$/ || S[8] == "-") return 0
    CALLED = S[1] "/" S[2]
    arguments(line)
    options()
    return 1
}

# Splits at whitespace outside braces; `{ a b }` is one argument, without them.
function arguments(line,    i, c, current, depth) {
    current = ""
    depth = 0
    line = line " "
    for (i = 1; i <= length(line); i++) {
        c = substr(line, i, 1)
        if (depth == 0 && c ~ /[ \t\r\n]/) {
            if (current != "") ARG[++NARGS] = unbraced(current)
            current = ""
            continue
        }
        if (c == "{") depth++
        else if (c == "}" && depth > 0) depth--
        current = current c
    }
    if (current != "") ARG[++NARGS] = unbraced(trim(current))
}

function unbraced(word,    i, c, depth) {
    if (substr(word, 1, 1) != "{") return word
    depth = 0
    for (i = 1; i <= length(word); i++) {
        c = substr(word, i, 1)
        if (c == "{") depth++
        else if (c == "}" && --depth == 0) return i == length(word) ? trim(substr(word, 2, i - 2)) : word
    }
    return word
}

# Reads `-o` as getopt(3) does in the daemons: it ends at the first argument that is no flag.
function options(    i, place, word, value, has) {
    for (i = 1; i <= NARGS; i++) {
        word = ARG[i]
        if (substr(word, 1, 1) != "-" || word == "-" || word == "--") return
        place = match(substr(word, 2), /[imnost]/) ? RSTART + 1 : 0
        if (!place) continue
        has = 1
        if (place < length(word)) value = substr(word, place + 1)
        else if (i < NARGS) value = ARG[++i]
        else has = 0
        if (substr(word, place, 1) != "o") continue
        if (!has || !definition(value)) return
        OPTION[++NOPTIONS] = NAME
        SETTING[NOPTIONS] = VALUE
    }
}

function is_stock_service(    i, line) {
    line = S[1]
    for (i = 2; i <= 8; i++) line = line " " S[i]
    for (i = 1; i <= NARGS; i++) line = line " " ARG[i]
    return line in stock_service
}

# The port and address behind `587`, `submission`, `127.0.0.1:587`, `[::1]:smtp` into PORT and ADDRESS.
function resolve(name,    rest) {
    PORT = ADDRESS = ""
    rest = name
    if (match(name, /^\[[^]]*\]:/) && substr(name, RLENGTH + 1) ~ /^[^]:]+$/) {
        ADDRESS = substr(name, 2, RLENGTH - 3)
        rest = substr(name, RLENGTH + 1)
    } else if (match(name, /^.*:/)) {
        ADDRESS = substr(name, 1, RLENGTH - 1)
        rest = substr(name, RLENGTH + 1)
    }
    if (rest !~ /^[^]:]+$/) return 0
    if (rest ~ /^[0-9]+$/) PORT = rest + 0
    else if (rest in named_port) PORT = named_port[rest]
    else return 0
    return PORT >= 1 && PORT <= 65535
}

# The exit that a setting opens, as its reason.
function exit_of(name, value) {
    if (!(name in exit_reason)) return ""
    if ((name in exit_safe) && value == exit_safe[name]) return ""
    if ((name in exit_harmless) && value ~ exit_harmless[name]) return ""
    return exit_reason[name]
}

function option_exit(name, value,    reason, daemon) {
    reason = exit_of(name, value)
    if (reason != "") return reason ", for this service whatever main.cf says"
    if (name == "relayhost") return "can send mail past the hub, whatever main.cf says"
    daemon = S[8]
    sub(/^.*\//, "", daemon)
    if (daemon != "smtp" || (substr(name, 1, 9) != "smtp_tls_" && !(name in decides)) || (name in harmless_tls)) return ""
    if (name in exit_reason) return ""
    return "weakens or replaces the pin for this service, whatever main.cf says"
}
