#!/bin/sh
# Keys, certificates and pins of machines that have none yet: what the rivals of this module need beforehand, and what
# it makes itself. As many at once as there are processors.
#
#   keys.sh FOLDER NAME...        makes FOLDER/NAME.pem (key and certificate) and FOLDER/NAME.pin
set -eu
folder=$1
shift
mkdir -p "$folder"
umask 077
for name; do
    [ -e "$folder/$name.pin" ] || echo "$name"
done | xargs -r -P "$(nproc)" -I{} sh -eu -c '
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=$2" \
        -keyout "$1/$2.key" -out "$1/$2.crt" 2>/dev/null
    cat "$1/$2.key" "$1/$2.crt" >"$1/$2.pem"
    openssl x509 -in "$1/$2.crt" -noout -fingerprint -sha256 | sed "s/.*=//" >"$1/$2.pin"
' keys "$folder" {}
