# Commit and undo.

# A file is replaced by one rename in its own directory, so that at any instant it is wholly old or wholly new.
replace() {
    cmp -s "$1" "$2" && return
    new=$(dirname "$2")/.pulumi-$job-${2##*/}
    # -a and not -p: extended attributes too, where cp(1) can.
    if cp -a "$2" "$new" && cat "$1" >"$new" && cold "$new"; then
        sync "$new" 2>/dev/null || sync
        if mv -f "$new" "$2"; then
            label "$2"
            sync "$(dirname "$2")" 2>/dev/null || sync
            return
        fi
    fi
    rm -f "$new"
    return 1
}

commit() {
    step "commit"
    hold_edits || fail "cannot have main.cf and master.cf alone${edits_said:+ ($edits_said)}: is a postconf(1) at work there?"
    unset MAIL_CONFIG
    # As they were when the new configuration was planned, still?
    as_planned || { discard; finish conflict; }
    backup=$home/backup/$job
    mkdir -p "$backup" && close_folder "$backup" || fail "cannot make $backup"
    if ! save; then
        rm -rf "$backup" "$home/backup/first.new" "$home/journal.new"
        forget_backups
        fail "cannot write a backup to $home (is the disk full?)"
    fi
    for file in $order; do
        case $file in
        main) replace "$backup/new-main.cf" "$main" ;;
        master) replace "$backup/new-master.cf" "$master" ;;
        esac && continue
        if cmp -s "$backup/main.cf" "$main" && cmp -s "$backup/master.cf" "$master"; then
            rm -rf "$home/journal" "$backup"
            forget_backups
            fail "cannot replace $file.cf"
        fi
        say "failed commit: cannot replace $file.cf"
        let_edits
        roll_back
    done
    let_edits
}

as_planned() { [ "$(digest "$main")" = "$old_main" ] && [ "$(digest "$master")" = "$old_master" ]; }

# Old and new files, and the journal by which a change that is broken off is found again.
save() {
    cp -p "$main" "$backup/main.cf" && cp -p "$master" "$backup/master.cf" &&
        payload main.cf >"$backup/new-main.cf" && payload master.cf >"$backup/new-master.cf" || return 1
    if [ ! -d "$home/backup/first" ] && ! has_owners; then
        rm -rf "$home/backup/first.new"
        cp -Rp "$backup" "$home/backup/first.new" && rm -f "$home/backup/first.new"/new-* &&
            { sync "$home/backup/first.new"/* 2>/dev/null || sync; } &&
            mv "$home/backup/first.new" "$home/backup/first" || return 1
    fi
    say "$job ${was_running:-stopped} $order" >"$home/journal.new" || return 1
    sync "$backup"/* "$backup" "$home/backup/first"/* "$home/backup/first" "$home/backup" "$home/journal.new" 2>/dev/null || sync
    mv -f "$home/journal.new" "$home/journal" || return 1
    sync "$home" "$config" 2>/dev/null || sync
}

# restore BACKUP: both files as they were. The other way round than they came, so that the pair in between is one
# that the change itself went through.
restore() {
    case $order in main*) set -- "$1" master main ;; *) set -- "$1" main master ;; esac
    # Where that lock is not to be had, to go back counts for more.
    hold_edits
    for name in "$2" "$3"; do
        # The file behind a symlink may be called otherwise.
        if [ "$name" = main ]; then file=$main; else file=$master; fi
        # Only what the change itself wrote is taken back, never an edit made since.
        cmp -s "$file" "$1/new-$name.cf" || {
            cmp -s "$file" "$1/$name.cf" || edited=$file
            continue
        }
        replace "$1/$name.cf" "$file" && continue
        say "failed $current: cannot replace $file"
        finish broken "cp -p $1/main.cf $main.old && cp -p $1/master.cf $master.old && mv $main.old $main && mv $master.old $master && { $(restart_command); }"
    done
    let_edits
}

# Files of other programs, each replaced by a rename. Not part of the commit: a power cut may leave the new
# configuration without them, and the next change writes them.
write_hooks() {
    [ -n "$new_hooks$old_hooks" ] || return 0
    step "tell the network's own tools"
    hooks_touched=yes
    for hook in $new_hooks $old_hooks; do
        if [ -e "$hook" ] || [ -L "$hook" ]; then
            is_ours "$hook" "$owner" || { ailing "$hook is not ours"; return 1; }
            mkdir -p "$room/hooks${hook%/*}" && cp -p "$hook" "$room/hooks$hook" || { ailing "cannot save $hook"; return 1; }
        fi
    done
    for hook in $new_hooks; do
        # Beside the backup and not beside the hook: a folder's manager may run whatever lies there.
        payload "$hook" >"$backup/hook" && chmod 0755 "$backup/hook" && sync "$backup/hook" 2>/dev/null && mv -f "$backup/hook" "$hook" ||
            { ailing "cannot write $hook"; return 1; }
        label "$hook"
    done
    for hook in $old_hooks; do
        rm -f "$hook" || { ailing "cannot remove $hook"; return 1; }
    done
}

restore_hooks() {
    [ -n "$hooks_touched" ] || return 0
    for hook in $new_hooks $old_hooks; do
        if [ -f "$room/hooks$hook" ]; then
            cmp -s "$room/hooks$hook" "$hook" || cp -p "$room/hooks$hook" "$hook"
        elif is_ours "$hook" "$owner"; then
            rm -f "$hook"
        fi
    done
}

conclude() {
    rm -f "$home/journal" "$home/held"
    tell_stray
    [ -n "$unchanged" ] || prune
    rm -f "$home/begun"
    tell_left
}

# On a file system that became read-only meanwhile; what the next change removes is not worth a word.
tell_left() {
    left=
    [ ! -e "$home/journal" ] || left=" $home/journal"
    for old in "$home/$owner" "$home-sasl/$owner"; do
        [ -n "$generation_name" ] || [ ! -e "$old" ] || left="$left $old"
    done
    if ! has_owners; then for old in $(useless_backups); do left="$left $old"; done; fi
    [ -z "$left" ] || say "note could not be removed, as the disk cannot be written to; when it can, run: rm -rf$left"
}

# Current and previous generation of this owner stay, and the newest backup beside the very first.
prune() {
    if [ -z "$generation" ]; then
        rm -rf "${home:?}/$owner" "${home:?}-sasl/$owner"
    else
        for old in "$home/$owner"/* "$home-sasl/$owner"/*; do
            case ${old##*/} in "$generation_name" | "$previous") ;; *) rm -rf "$old" ;; esac
        done
    fi
    rmdir "$home-sasl/$owner" "$home-sasl" 2>/dev/null
    prune_backups "$job"
}

prune_backups() {
    for old in "$home/backup"/*; do
        case ${old##*/} in "$1" | first) ;; *) rm -rf "$old" ;; esac
    done
    forget_backups
}

has_owners() { grep -q '^# BEGIN pulumi-postfix ' "$main" "$master"; }

# The last owner leaves nothing behind but what others have edited since the first came: that stays as it was.
forget_backups() {
    ! has_owners || return 0
    for old in $(useless_backups); do rm -rf "$old"; done
    rmdir "$home/backup" 2>/dev/null
}

useless_backups() {
    for old in "$home/backup"/*; do
        [ -e "$old" ] || continue
        [ "${old##*/}" = first ] && ! { cmp -s "$old/main.cf" "$main" && cmp -s "$old/master.cf" "$master"; } || say "$old"
    done
}

roll_back() {
    tell_log
    if [ -n "$unchanged" ]; then
        # Nothing was replaced, so there is nothing to put back but a Postfix that was stopped to wake its daemons.
        [ -n "$halted" ] || finish refused
        stop_postfix
        log_mark
        discard
        rm -f "$home/journal"
        healthy "$greeted" || finish broken "$(restart_command)"
        finish refused
    fi
    step "put the old configuration back"
    # By the file that it was started with: see halt.
    [ "$action" != restart ] || stop_postfix
    restore "$backup"
    # Not a reload: after a fatal start master throttles the service for 60 s, and a reload does not lift that.
    stop_postfix
    log_mark
    halted=$was_running
    if [ -n "$edited" ]; then
        # It may still name our keys, and what waits behind its pin must go on waiting.
        say "failed $current: $edited was edited meanwhile, so it stays as it is"
        generation=
        database=
        held=
        rm -f "$home/held"
    fi
    [ -n "$edited" ] || restore_hooks
    discard
    rm -f "$home/journal"
    [ -z "$edited" ] || finish edited "$edited"
    if [ -n "$was_running" ] && ! healthy "$greeted"; then
        finish broken "$(restart_command) # the old configuration is back in $config"
    fi
    rm -rf "$backup"
    forget_backups
    finish rolled-back
}

# An apply that was killed half way left its journal. Where both files were new already it is finished: to go back
# might send what waits behind a laptop's pin by another way. Else the host goes back to what it had before.
recover() {
    [ -f "$home/journal" ] || { release_held; return 0; }
    wanted_order=$order
    read -r lost before order <"$home/journal"
    lost=$home/backup/${lost:-none}
    if cmp -s "$main" "$lost/new-main.cf" && cmp -s "$master" "$lost/new-master.cf"; then
        step "finish an interrupted change"
        if [ "$before" = stopped ] || { activate restart && healthy ""; }; then
            order=$wanted_order
            rm -f "$home/journal" "$home/held"
            prune_backups "${lost##*/}"
            return
        fi
    fi
    step "undo an interrupted change"
    restore "$lost"
    # What somebody edited since may still be wanted as it was before.
    [ -n "$edited" ] || rm -rf "$lost"
    edited=
    order=$wanted_order
    stop_postfix
    release_held
    [ "$before" = stopped ] || start_postfix
    rm -f "$home/journal"
    forget_backups
}

# What killed changes left: half-written files, their jobs, and keys and tables that came to nothing. Never those of an owner
# whose block has been cut out: they are what it comes back with.
sweep() {
    four='[0-9a-f][0-9a-f][0-9a-f][0-9a-f]'
    # shellcheck disable=SC2086 # a pattern: the name of a job, see replace
    rm -f "$(dirname "$main")"/.pulumi-$four$four$four$four-* "$(dirname "$master")"/.pulumi-$four$four$four$four-* "$home/journal.new"
    [ ! -e "$config/main.cf.tmp" ] && [ ! -e "$config/master.cf.tmp" ] || { hold_edits && let_edits; }
    for directory in "$jobs"/*/; do
        runner=$(cat "${directory}pid" 2>/dev/null) && [ -n "$runner" ] || continue
        # Done, but perhaps not yet read to the end.
        reader=$(cat "${directory}watcher" 2>/dev/null) || reader=none
        [ -d "/proc/$runner" ] || [ -d "/proc/$reader" ] || rm -rf "$directory"
    done
    # Killed before it could say who it is; no change takes ten minutes.
    find "$jobs" -mindepth 1 -maxdepth 1 -mmin +10 ! -exec test -s {}/pid \; -exec rm -rf {} +
    { read -r begun <"$home/begun"; } 2>/dev/null || return 0
    case $begun in
    */*) grep -qF "/$begun/" "$main" "$master" || remove_keys "$begun" ;;
    *) grep -q "^# BEGIN pulumi-postfix $begun " "$main" "$master" || remove_keys "$begun" ;;
    esac
    rm -f "$home/begun"
}

# remove_keys OWNER[/GENERATION]
remove_keys() {
    rm -rf "${home:?}/$1" "${home:?}-sasl/$1"
    rmdir "$home/${1%%/*}" "$home-sasl/${1%%/*}" "$home-sasl" 2>/dev/null
}
