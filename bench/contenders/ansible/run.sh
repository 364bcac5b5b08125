#!/bin/sh
# Makes the keys that are missing, then runs the playbook.
#
#   run.sh KEYS LAPTOPS WORDS_OF_ANSIBLE_PLAYBOOK...      LAPTOPS: the file with their names
set -eu
here=$(dirname "$0")
keys=$1 laptops=$2
shift 2
# The names in LAPTOPS are short, and none has a space in it.
# shellcheck disable=SC2046
sh "$here/../keys.sh" "$keys" hub $(cat "$laptops")
exec ansible-playbook "$here/playbook.yml" -e "keys=$keys" "$@"
