# A laptop's bundle: what the provider does over SSH, by hand.

bundle_main() {
    wish=apply
    other_owner=
    case ${1:-} in
    '') ;;
    --check) wish=check ;;
    --undo) wish=undo other_owner=${2:-} && [ $# -lt 2 ] || shift ;;
    --help | -h) bundle_usage && exit 0 ;;
    *) bundle_usage >&2 && exit 64 ;;
    esac
    [ $# -le 1 ] || { bundle_usage >&2; exit 64; }
    # A name and a number, and nothing that lies beside them.
    [ -z "$other_owner" ] || printf '%s\n' "$other_owner" | grep -Eqx '[a-z0-9][a-z0-9-]*-[0-9a-f]{8}' || { bundle_usage >&2; exit 64; }
    refuse_open_file "$0"
    command -v awk >/dev/null 2>&1 || { echo "refused: there is no awk(1) on this machine" >&2; exit 1; }
    eval "$(bundle_agent)"
    # The agent's last word ends this script, but not while it works.
    finish() { if [ -n "$looking" ]; then bundle_obstacle "$@"; else say "result $*" && exit 0; fi; }
    managers=
    tries_left=5
    while :; do
        (attempt)
        code=$?
        [ $code = 75 ] || break
        tries_left=$((tries_left - 1))
        [ $tries_left -gt 0 ] || bundle_refuse "the configuration was changed meanwhile, 5 times in a row: is another change under way?"
        say "... the configuration was changed meanwhile, planning again"
    done
    exit $code
}

# As ssh(1) does with a private key.
refuse_open_file() {
    [ -f "$1" ] || return 0
    case $(stat -L -c %a "$1" 2>/dev/null) in
    *00 | '') ;;
    *)
        echo "refused: $1 holds a private key and others may read it: run chmod 700 $1 first" >&2
        echo "If somebody has read it, give the laptop another key: one more for clientKeyGeneration." >&2
        exit 1
        ;;
    esac
}

# One plan and its change, in a shell of its own.
attempt() {
    looking=yes
    job=$(bundle_random)
    locate
    sweep_bundles
    trap 'clear_room' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    desk=$room/plan
    mkdir -p "$desk" && bundle_pid >"$room/bundle" || bundle_refuse "cannot write to $jobs (is it full, or read-only?)"
    TMPDIR=$room
    bundle_awk >"$desk/plan.awk" && : >"$desk/problems" && : >"$desk/notes" || bundle_refuse "cannot write to $desk"
    eval "$(bundle_static)"
    eval "$(bundle_payload)"
    owner=${other_owner:-$bundle_owner}
    only_recover=
    on_queue=ignore
    proof_address=
    managers=
    look_at_files
    choose_range || refuse_problems
    look_for_live
    if [ "$wish" = undo ]; then plan_undo; else plan_apply; fi
    refuse_problems
    [ "$wish" != check ] || tell_check
    tell_notes
    change
}

# Who works in this folder: $$ is the whole script's, in every shell of it.
bundle_pid() { say $$; }

clear_room() {
    trap - EXIT
    leave
}

# What killed bundles left.
sweep_bundles() {
    for directory in "$jobs"/*/; do
        killed=$(cat "${directory}bundle" 2>/dev/null) && [ -n "$killed" ] && [ ! -d "/proc/$killed" ] || continue
        runner=$(cat "${directory}pid" 2>/dev/null)
        [ -d "/proc/${runner:-none}" ] || rm -rf "$directory"
    done
}

plan_apply() {
    generation_name=$(bundle_random)
    order="main master"
    if live_is_right; then
        plan apply "$previous"
        look_at_tools
        if [ "$main_differs$master_differs$new_hooks$old_hooks" = samesame ] && [ -n "$before_pid" ] && [ -z "$interrupted" ]; then
            generation_name=$previous
            action=none
        fi
    fi
    [ "$generation_name" = "$previous" ] || plan apply "$generation_name"
    keep=$action
    [ "$generation_name" != "$previous" ] || keep=none
    look_at_host
    action=$keep
    tables=$("bundle_range_$range" | sed -n 's/^tables	//p' | sed "s,$bundle_placeholder,$home/$owner/$generation_name,g")
    [ "$weaker" != yes ] || on_queue=$bundle_queue_rule
    [ -z "$bundle_proof_domain" ] || proof_address=pulumi-postfix-proof-$(bundle_random)@$bundle_proof_domain
}

plan_undo() {
    plan remove none
    sed -n 's/^problem //p' "$desk/answer" >>"$desk/problems"
    look_at_tools
    order="master main"
    generation_name=
    names='' tables='' files='' indexed='' logins='' served_ports='' pins='' granted='' client_tables=''
    proof_level='' proof_way='' proof_server='' proof_others=''
    on_queue=$bundle_queue_rule
    [ "$has_fragment" = no ] && [ ! -d "$home/$owner" ] && [ -z "$old_hooks" ] || return 0
    refuse_problems
    if [ -z "$interrupted" ]; then
        say "nothing to undo: this laptop has no configuration of this bundle."
        exit 0
    fi
    only_recover=yes
}

tell_check() {
    tell_notes
    [ -z "$interrupted" ] || say "an interrupted change would be finished or undone first."
    if [ "$action" = none ]; then
        say "no change."
        exit 0
    fi
    sed -n 's/^change /  /p' "$desk/answer"
    [ "$master_differs" = same ] || say "  master.cf: the services of this laptop's block"
    [ -z "$new_hooks" ] || say "  written for the network's own tools: $new_hooks"
    [ -z "$old_hooks" ] || say "  removed: $old_hooks"
    say "  keys and tables: a new folder in $home/$owner"
    say "This would change; nothing was changed."
    exit 2
}

change() {
    run_change
    code=$?
    [ $code = 76 ] || exit $code
    # Whoever killed it may have done so while Postfix was off or between the two files.
    bundle_error "the change ended without a result: putting the machine in order"
    job=$(bundle_random)
    room=$jobs/$job
    only_recover=yes
    run_change || { bundle_error "THE MACHINE NEEDS A LOOK: the change was broken off, and could not be finished or undone."; exit 4; }
    bundle_error "The change was broken off, and the machine is in order again: run this once more."
    exit 3
}

run_change() {
    mkdir -p "$room" && bundle_pid >"$room/bundle"
    looking=
    # The change clears its folder away itself, also when this script is killed.
    trap - EXIT INT TERM HUP
    apply_main | {
        tell_outcome
        conclude_outcome
    }
}

# The text that apply_main writes down and starts, apart from this script.
job_text() {
    bundle_agent
    bundle_static
    for variable in job owner only_recover generation_name previous old_main old_master on_queue names tables \
        client_tables files indexed logins order action new_hooks old_hooks own_ports other_ports wrapped_ports \
        served_ports pins granted proof_address proof_level proof_way proof_server proof_others; do
        eval "value=\$$variable"
        printf "%s='%s'\n" "$variable" "$(say "$value" | sed "s/'/'\\\\''/g")"
    done
    bundle_payload
    say 'job_main "$@"'
}
