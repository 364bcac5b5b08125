# shellcheck shell=bash disable=SC2154 # variables of the script that reads this file
# Cables and addresses. What is done here is also written down, so that a host keeps it over a power cycle.

link_of() { # IP -> "LINK MAC": the operator's end (ip(8) allows 15 characters), the host's end
    local rest=${1#10.77.}
    # A MAC of its own for life, as a real card has it: after a power cycle nobody asks a dead address.
    printf 'v%s 02:00:0a:4d:%02x:%02x\n' "$rest" "${rest%.*}" "${rest#*.}"
}

on_operator() { nsenter --net="/proc/$(operator_pid)/ns/net" "$@"; }

unplug() { # HOST [--silent]
    local host=$1 link address mac
    read -r link mac <"$hosts_dir/$host/link"
    : >"$hosts_dir/$host/unplugged"
    running "$hosts_dir/$host/pid" || return 0
    if [ "${2:-}" = --silent ]; then
        # The operator keeps sending to where the host was: no answer at all, as with a sleeping laptop far
        # away, where a link that is down is noticed in 3 s ("no route to host").
        while read -r address; do
            on_operator ip neigh replace "$address" lladdr "$mac" dev br0 nud permanent
        done <"$hosts_dir/$host/addresses"
    fi
    on_operator ip link set "$link" down
}

plug() { # HOST
    local host=$1 link mac address
    read -r link mac <"$hosts_dir/$host/link"
    rm -f "$hosts_dir/$host/unplugged"
    while read -r address; do
        on_operator ip neigh del "$address" dev br0 2>/dev/null || :
    done <"$hosts_dir/$host/addresses"
    running "$hosts_dir/$host/pid" || return 0
    on_operator ip link set "$link" up
}

# The primary address of FROM goes to TO (back: move_address IMPOSTOR HUB with the hub's own address).
move_address() { # ADDRESS FROM TO
    local address=$1 from=$2 to=$3
    grep -qxF "$address" "$hosts_dir/$from/addresses" ||
        fail "$from does not have $address now" "see: lab.sh status"
    sed -i "\\|^$address\$|d" "$hosts_dir/$from/addresses"
    printf '%s\n' "$address" >>"$hosts_dir/$to/addresses"
    ! running "$hosts_dir/$from/pid" || in_host "$from" ip addr del "$address/16" dev eth0
    ! running "$hosts_dir/$to/pid" || in_host "$to" ip addr add "$address/16" dev eth0
    forget_neighbour "$address"
}

forget_neighbour() { # ADDRESS: everybody asks again who has it, instead of after a minute
    local name
    on_operator ip neigh flush to "$1" 2>/dev/null || :
    for name in $(host_names); do
        ! running "$hosts_dir/$name/pid" || nsenter --net="/proc/$pid/ns/net" ip neigh flush to "$1" 2>/dev/null || :
    done
}
