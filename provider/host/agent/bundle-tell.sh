# What a bundle tells the person in front of it.

bundle_usage() {
    cat <<'END'
usage: sh FILE [--check | --undo [OWNER] | --help]     as root, on the laptop it was made for

Without an option: bring this laptop's Postfix to send all its mail to its hub, over TLS to the hub's pinned key, or not
at all. The change is made whole or not at all: it is staged, checked, committed, and proven; what fails is rolled back.
Run again it changes nothing, and proves the hub's key anew.

  --check         say what would change; change nothing
  --undo [OWNER]  make main.cf and master.cf what they were, byte for byte, and remove the keys; OWNER as a refusal names it
  --help          this text

Exit codes:
  0  done, or nothing to do; with --check: nothing would change
  1  refused: nothing was changed, and what stands in the way was said
  2  with --check: something would change
  3  it failed, and the old configuration is back; or it was broken off, and the machine is in order: run it again
  4  it failed half way: the machine needs a look, and what to run was said
  5  the new configuration stands, but the hub shows another key than the pinned one: mail waits on this laptop
  6  mail waits in the queue that would leave it past the pin: nothing was changed
  64 wrong usage
END
}

# A machine's own words may hold what a terminal would obey.
bundle_say() { say "$*" | tr -d '\000-\010\013-\037\177'; }
bundle_error() { bundle_say "$*" >&2; }

bundle_refuse() {
    bundle_error "refused: $*"
    bundle_error "Nothing was changed."
    exit 1
}

# Why a machine cannot be managed at all, in the place of the agent's last word; it ends the script.
bundle_obstacle() {
    case $1 in
    not-root) bundle_refuse "run as $2, who may not change Postfix: run it as root" ;;
    no-postfix) bundle_refuse "Postfix is not installed on this machine: install it first (on Debian: apt-get install postfix)" ;;
    no-main-cf) bundle_refuse "Postfix is installed but not configured, there is no $2" ;;
    broken-main-cf)
        shift
        bundle_refuse "the machine's own configuration is broken, every Postfix command fails: $*: mend that line first"
        ;;
    esac
    bundle_refuse "$*"
}

refuse_problems() {
    [ -s "$desk/problems" ] || return 0
    bundle_error "refused:"
    sort -u "$desk/problems" | tr -d '\000-\010\013-\037\177' | sed 's/^/  /' >&2
    bundle_error "Nothing was changed."
    exit 1
}

tell_notes() { [ ! -s "$desk/notes" ] || sort -u "$desk/notes" | tr -d '\000-\010\013-\037\177' | sed 's/^/note: /'; }

# What the agent says while it works, and at its end. Its exit code is the script's; 75 is a conflict, 76 no answer.
tell_outcome() {
    final='' result='' failed='' proof='' logs=''
    while IFS= read -r line; do
        case $line in
        final) final=yes result='' failed='' proof='' logs='' ;;
        'step none '*) ;;
        'step '*) [ -n "$final" ] || bundle_say "... ${line#step }" ;;
        'failed '*) [ -n "$failed" ] || failed=${line#failed } ;;
        'log '*) logs="$logs${logs:+
}  ${line#log }" ;;
        'note '*) [ -z "$final" ] || bundle_say "note: ${line#note }" ;;
        'proof='*) proof=${line#proof=} ;;
        'other=match '*) [ -z "$final" ] || bundle_say "the further hub ${line#other=match } shows a pinned key" ;;
        'other='*) [ -z "$final" ] || bundle_say "warning: of a further hub: ${line#other=}" ;;
        'result '*) result=${line#result } ;;
        esac
    done
}

conclude_outcome() {
    case $result in
    applied)
        if [ "$wish" = undo ]; then
            say "undone: main.cf and master.cf are what they were, and the keys are gone."
            exit 0
        fi
        if [ "$action" = none ]; then say "no change."; else say "changed: this laptop sends its mail to its hub, or not at all."; fi
        tell_proof
        ;;
    conflict | busy) exit 75 ;;
    queue*)
        bundle_error "refused: ${result#queue } mail(s) wait in this laptop's queue and would leave it past the pin. Let the queue run empty (postqueue -f), or make the bundle with onDelete: \"flush\", \"hold\" or \"release\"."
        bundle_error "Nothing was changed."
        exit 6
        ;;
    refused) bundle_failed 1 "Nothing was changed." ;;
    rolled-back) bundle_failed 3 "The old configuration is back and Postfix works with it." ;;
    edited*) bundle_failed 4 "${result#edited } was edited by somebody during the change, so it was not put back: look at it, and run this again." ;;
    broken*) bundle_failed 4 "THE MACHINE IS BROKEN: Postfix does not work with its old configuration either. Run: ${result#broken }" ;;
    recovered) exit 0 ;;
    '') exit 76 ;;
    *) bundle_failed 4 "an answer that nobody knows: $result" ;;
    esac
}

tell_proof() {
    why=${proof#* }
    case $proof in
    match*)
        say "proven: the hub shows a pinned key to this laptop."
        [ "$proof" = match ] || bundle_say "warning: $why"
        ;;
    mismatch*)
        bundle_error "the hub shows another key than the pinned one, or none: $why"
        bundle_error "The pin stays, and mail waits on this laptop. Is it the real hub? If its key was changed, make the bundle anew."
        exit 5
        ;;
    unreachable*) bundle_say "warning: not proven yet, the hub did not answer: $why. Mail waits until it does; run this again to prove it." ;;
    *) bundle_say "note: not proven: ${why:-no proof was asked for}" ;;
    esac
    exit 0
}

bundle_failed() {
    bundle_error "failed: $failed"
    [ -z "$logs" ] || bundle_error "$logs"
    bundle_error "$2"
    exit "$1"
}
