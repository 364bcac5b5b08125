# shellcheck shell=bash disable=SC2154 # variables of the script that reads this file
# What there is: for people (status) and for programs (info --json).

host_state() { # HOST
    if ! running "$hosts_dir/$1/pid"; then printf off
    elif [ -e "$hosts_dir/$1/unplugged" ]; then printf unplugged
    else printf on; fi
}

lab_status() {
    local name fqdn release
    [ -d "$state" ] && running "$op/pid" || { echo "lab: $lab is not up"; return; }
    echo "lab: $lab, ends by itself in $(($(<"$op/end") - EPOCHSECONDS)) s, operator 10.77.0.254"
    for name in $(host_names); do
        read -r fqdn release _ <"$hosts_dir/$name/host"
        printf '%-12s %-28s %-10s %-10s %s\n' "$name" "$fqdn" "$release" "$(host_state "$name")" \
            "$(tr '\n' ' ' <"$hosts_dir/$name/addresses")"
    done
}

json() { local s=${1//\\/\\\\} && printf '"%s"' "${s//\"/\\\"}"; }

lab_info() { # as JSON; a host's hostKey is null before its first boot
    local name fqdn release address type key comma=
    operator_pid >/dev/null
    printf '{\n  "name": "%s",\n  "operator": "10.77.0.254",\n  "key": %s,\n  "password": %s,\n' \
        "$lab" "$(json "$op/key")" "$(json "$op/password")"
    printf '  "knownHosts": %s,\n  "sshConfig": %s,\n  "hosts": [' "$(json "$op/known_hosts")" "$(json "$op/ssh_config")"
    for name in $(host_names); do
        read -r fqdn release address <"$hosts_dir/$name/host"
        key=null
        [ ! -s "$hosts_dir/$name/hostkey.pub" ] ||
            { read -r type key _ <"$hosts_dir/$name/hostkey.pub" && key="\"$type $key\""; }
        printf '%s\n    {"name": "%s", "fqdn": "%s", "ip": "%s", "release": "%s", "state": "%s", "hostKey": %s}' \
            "$comma" "$name" "$fqdn" "$address" "$release" "$(host_state "$name")" "$key"
        comma=,
    done
    printf '\n  ]\n}\n'
}
