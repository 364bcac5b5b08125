#!/usr/bin/env bash
# Installs the pinned Ansible into a folder of its own, unless it is there. Prints nothing when all is well.
#
#   install.sh FOLDER
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
folder=$1
cmp -s requirements.txt "$folder/requirements.txt" && exit

refuse() {
    printf 'bench: %s\n       %s\n' "$1" "or leave it out: npm run bench -- --only module,floor,shell,ssh,ssh2" >&2
    exit 1
}
python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    refuse "Ansible wants Python 3.11 or newer with venv: apt-get install -y python3-venv"
echo "bench: installing Ansible into $folder" >&2
rm -rf "$folder"
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: --no-deps -r requirements.txt ||
    refuse "pip could not install what bench/contenders/ansible/requirements.txt names"
cp requirements.txt "$folder/"
