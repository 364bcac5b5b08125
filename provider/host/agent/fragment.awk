# What postfix/fragment.ts, logical-lines.ts and main-cf.ts do, for a machine without node: a file taken apart and put
# together again, byte for byte. It knows one owner, and refuses a file in which anybody else has written.
#
# Arrays have the file's name as their first index; L are its lines as they were before anybody hid them.

function trim(text) {
    sub(/^[ \t\n\v\f\r]+/, "", text)
    sub(/[ \t\n\v\f\r]+$/, "", text)
    return text
}

# What goes to a terminal, or into a line of an answer.
function plain(text) {
    gsub(/[\001-\037\177]/, "?", text)
    return text
}

function problem(text) {
    print "problem " plain(text)
}

function is_begin(line) {
    if (line !~ /^# BEGIN pulumi-postfix [a-z0-9][a-z0-9-]* [0-9a-f]+( no-final-newline)?\r?$/) return 0
    split(line, words, /[ \r]/)
    return length(words[5]) == 16
}

function is_end(line) { return line ~ /^# END pulumi-postfix [a-z0-9][a-z0-9-]*\r?$/ }

function owner_in(line) {
    split(line, words, /[ \r]/)
    return words[4]
}

# Marks that say more than this release knows.
function is_later(line) {
    if (is_begin(line)) return 0
    if (line ~ /^# END pulumi-postfix [a-z0-9][a-z0-9-]* [^ \t\v\f\r]/) return 1
    if (line !~ /^# BEGIN pulumi-postfix [a-z0-9][a-z0-9-]* [0-9a-f]+ [^ \t\v\f\r]/) return 0
    split(line, words, /[ \r]/)
    return length(words[5]) == 16
}

# The END that belongs to a BEGIN: the next mark of all, or there is none.
function find_end(file, from, name,    i) {
    for (i = from + 1; i <= count[file]; i++) {
        if (is_end(raw[file, i])) return owner_in(raw[file, i]) == name ? i : 0
        if (is_begin(raw[file, i])) return 0
    }
    return 0
}

function read_file(file, path,    line) {
    count[file] = 0
    while ((getline line < path) > 0) raw[file, ++count[file]] = line
    close(path)
}

function place_of(file, i) { return file " line " i ", \"" raw[file, i] "\", " }

function refuse_owner(file, i, name) {
    if (name == owner) return
    if (name ~ ("^" label "-[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]$"))
        problem(place_of(file, i) "is a fragment of the same name by another program, or by this laptop under a former name or stack: take it away with that one (pulumi destroy, or its bundle's --undo), or with this script: --undo " name)
    else
        problem(place_of(file, i) "is a fragment of another owner, " name ": a bundle must be the only one on its machine. Let that one go first, or have this laptop served over SSH (connection instead of bundle)")
}

function take_apart(file,    i, line, end, name, names, k, n) {
    nlines[file] = 0
    block_end[file] = 0
    has_block[file] = 0
    nbody[file] = 0
    for (i = 1; i <= count[file]; i++) {
        line = raw[file, i]
        if (is_later(line))
            problem(place_of(file, i) "was written by a later release of pulumi-postfix: make the bundle with that one. If somebody added to that line by hand, take it away again")
        if (is_begin(line)) {
            name = owner_in(line)
            end = find_end(file, i, name)
            refuse_owner(file, i, name)
            if (!end) problem(place_of(file, i) "has no END: mend that block by hand")
            else {
                if (name == owner && has_block[file]) problem(place_of(file, i) "is a second block of " name ": take one of them out")
                if (name == owner) {
                    has_block[file] = 1
                    position[file] = nlines[file]
                    flagged[file] = line ~ / no-final-newline\r?$/
                    block_begin[file] = i
                    block_end[file] = end
                    for (k = i + 1; k < end; k++) {
                        line = raw[file, k]
                        sub(/\r$/, "", line)
                        body[file, ++nbody[file]] = line
                    }
                }
                i = end
                continue
            }
        } else if (is_end(line)) problem(place_of(file, i) "is the end of a block that does not begin: mend it by hand")
        n = ++nlines[file]
        L[file, n] = line
        number[file, n] = i
        hidden[file, n] = 0
        if (match(line, /^#pulumi-postfix\([a-z0-9][a-z0-9-]*(,[a-z0-9][a-z0-9-]*)*\)#/)) {
            names = substr(line, 17, RLENGTH - 18)
            line = substr(line, RLENGTH + 1)
            if (substr(line, 1, 1) == " ") line = substr(line, 2)
            else if (line !~ /^\r?$/) {
                problem(place_of(file, i) "looks like a mark of pulumi-postfix, but is none: mend that line by hand")
                continue
            }
            k = split(names, words, ",")
            for (; k > 0; k--) refuse_owner(file, i, words[k])
            L[file, n] = line
            hidden[file, n] = 1
        } else if (line ~ /^# (BEGIN|END) pulumi-postfix([^A-Za-z0-9_]|$)/ || line ~ /^#pulumi-postfix\(/)
            if (!is_begin(line) && !is_end(line) && !is_later(line))
                problem(place_of(file, i) "looks like a mark of pulumi-postfix, but is none: mend that line by hand")
    }
    if (block_end[file]) continued(file)
    # Whether the file would end with a newline were it not for our block.
    own_end[file] = has_block[file] && position[file] == nlines[file] ? !flagged[file] : final[file]
}

# A line behind the block that begins with whitespace goes on with the block's last one.
function continued(file,    i) {
    for (i = block_end[file] + 1; i <= count[file]; i++) {
        if (raw[file, i] ~ /^[ \t\v\f\r]*(#|$)/) continue
        if (raw[file, i] ~ /^[ \t\v\f\r]/ && nbody[file])
            problem(place_of(file, i) "begins with whitespace and so continues the last line of the block above it: mend it by hand")
        return
    }
}

# Logical lines, as main.cf and master.cf have them.
function logical(file,    i, line, between, before, n) {
    n = 0
    between = ""
    for (i = 1; i <= nlines[file]; i++) {
        line = L[file, i]
        if (line ~ /^[ \t\v\f\r]*(#|$)/) continue
        before = between
        between = ""
        if (line ~ /\r$/) {
            between = " "
            line = substr(line, 1, length(line) - 1)
        }
        # By the whole line: one that is a CR and no more was blank.
        if (L[file, i] !~ /^[ \t\v\f\r]/) {
            n++
            first[file, n] = last[file, n] = i
            text[file, n] = line
        } else if (n) {
            last[file, n] = i
            text[file, n] = text[file, n] before line
        }
    }
    nlogical[file] = n
}

# `name = value` into NAME and VALUE.
function definition(line) {
    line = trim(line)
    match(line, /^[^ \t\n\v\f\r=]*/)
    NAME = substr(line, 1, RLENGTH)
    if (NAME == "") return 0
    line = trim(substr(line, RLENGTH + 1))
    if (substr(line, 1, 1) != "=") return 0
    VALUE = trim(substr(line, 2))
    return 1
}

# The file with our block written anew, or without it: N lines of it in `out`, hiding what `hides` says.
function put_together(file, remove,    i, n, at_end, put, k, from) {
    put = remove ? -1 : has_block[file] ? position[file] : nlines[file]
    n = 0
    for (i = 0; i <= nlines[file]; i++) {
        if (i == put) {
            k = has_block[file] ? flagged[file] : !own_end[file] && nlines[file] > 0
            out[file, ++n] = "# BEGIN pulumi-postfix " owner " " instance (k ? " no-final-newline" : "")
            from = n
            for (k = 1; k <= nnew[file]; k++) out[file, ++n] = newbody[file, k]
            out[file, ++n] = "# END pulumi-postfix " owner
        }
        if (i < nlines[file])
            out[file, ++n] = (!remove && hides[file, i + 1] ? "#pulumi-postfix(" owner ")# " : "") L[file, i + 1]
    }
    nout[file] = n
    out_final[file] = put == nlines[file] || own_end[file]
}

function write_file(file, path,    i, ending) {
    printf "%s", "" > path
    for (i = 1; i <= nout[file]; i++) {
        ending = i == nout[file] && !out_final[file] ? "" : "\n"
        printf "%s%s", out[file, i], ending > path
    }
    close(path)
}

function is_same(file,    i) {
    if (nout[file] != count[file] || (count[file] && out_final[file] != final[file])) return 0
    for (i = 1; i <= count[file]; i++) if (out[file, i] != raw[file, i]) return 0
    return 1
}

# What stands in the file: its effective values, or its services, by the lines of `raw` or `out`.
function view(file, as,    i) {
    if (as ~ /-old$/) {
        for (i = 1; i <= count[file]; i++) L[as, i] = raw[file, i]
        nlines[as] = count[file]
    } else {
        for (i = 1; i <= nout[file]; i++) L[as, i] = out[file, i]
        nlines[as] = nout[file]
    }
    logical(as)
}
