#!/bin/sh
# What somebody writes by hand who knows Postfix and wants it fast: for each machine one ssh that gets one script, all
# at once. Settings, keys and the list of laptops are staged, checked by `postfix check`, moved into place, reloaded.
#
#   apply.sh apply|compare FOLDER SSH_CONFIG LAPTOPS MAIL_TIMEOUT MACHINE...
#
# FOLDER keeps keys and pins. LAPTOPS: the file with the names of all laptops. MACHINE: who is contacted; "hub" or
# laptops. Prints for each "MACHINE same", "changed" or "differs".
set -eu
here=$(dirname "$0")
export here mode="$1" folder="$2" ssh_config="$3" laptops="$4" mail_timeout="$5"
shift 5
# The names in LAPTOPS are short, and none has a space in it.
# shellcheck disable=SC2046
sh "$here/../keys.sh" "$folder" hub $(cat "$laptops")
printf '%s\n' "$@" | xargs -P 50 -I{} sh "$here/one-machine.sh" {}
