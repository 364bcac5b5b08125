# shellcheck shell=sh disable=SC2154 # variables of the script that reads this file
# What makes a fresh disk this host and no other. Runs before the host's root is entered.
#
# main.cf stays what Debian's postinst writes for an "Internet Site" with this host's name: the root
# was installed with placeholder names, which are replaced here. Nothing is set by postconf.

firstboot() { # reads boot.sh's variables: state me disk name fqdn
    root=$disk/root op=$state/op domain=${fqdn#*.} former=$disk/former
    [ ! -d "$former" ] || firstboot_former

    echo "$name" >"$root/etc/hostname"
    [ -s "$root/etc/machine-id" ] || openssl rand -hex 16 >"$root/etc/machine-id"
    read -r address <"$me/addresses"
    printf '127.0.0.1\tlocalhost\n%s\t%s %s\n' "$address" "$fqdn" "$name" >"$root/etc/hosts"
    printf 'search %s\nnameserver 10.77.0.254\n' "$domain" >"$root/etc/resolv.conf"

    firstboot_users
    if [ -d "$former" ]; then # Postfix is set up already
        rm -rf "$former"
        return
    fi
    [ -d "$root/etc/postfix" ] || return 0 # a bare root
    firstboot_postfix
    case $name in
        hub | hub-* | outside) firstboot_domain ;;
        impostor) firstboot_impostor ;;
    esac
    # Postfix waits until a main.cf is two seconds old before it reads it.
    touch -d '1 day ago' "$root/etc/postfix/main.cf" "$root/etc/postfix/master.cf"
}

# `upgrade`: what another release finds of the one before. Accounts and programs come with the release, as does what
# the package has in Postfix's folders and nobody has changed.
firstboot_former() {
    accounts=$former/up/etc
    [ -e "$accounts/passwd" ] || accounts=$former/lower/etc
    cd "$former/up"
    stays=
    for place in etc home root var/lib/postfix var/log var/mail var/spool; do [ ! -e "$place" ] || stays="$stays $place"; done
    find $stays -type c -delete # what overlay has for a file that was removed
    # The numbers of Postfix's user and groups are the release's. By way of others, because one may be the other's new one.
    find $stays -uid "$(id_in "$accounts/passwd" postfix)" -exec chown -h "$(id_in "$root/etc/passwd" postfix)" {} +
    for group in postfix postdrop; do
        find $stays -gid "$(id_in "$accounts/group" $group)" -exec chgrp -h "$(($(id_in "$root/etc/group" $group) + 40000))" {} +
    done
    for group in postfix postdrop; do
        number=$(id_in "$root/etc/group" $group)
        find $stays -gid "$((number + 40000))" -exec chgrp -h "$number" {} +
    done
    rm -f etc/passwd* etc/group* etc/shadow* etc/gshadow* etc/subuid* etc/subgid* etc/ld.so.cache
    cp -a "$former"/lower/etc/aliases* "$root/etc/" # an index of the type that main.cf names
    for place in $stays; do cp -a --parents "$place" "$root/"; done
    cd "$root"
}
id_in() { awk -F: -v name="$2" '$1 == name { print $3 }' "$1"; } # DATABASE NAME

firstboot_users() {
    if [ -d "$disk/kept" ]; then # `reset --keep-host-key`
        mv "$disk"/kept/* "$root/etc/ssh/"
        rmdir "$disk/kept"
    elif [ ! -d "$former" ]; then
        chroot "$root" ssh-keygen -q -t ed25519 -N '' -C "root@$name" -f /etc/ssh/ssh_host_ed25519_key
    fi
    cp "$root/etc/ssh/ssh_host_ed25519_key.pub" "$me/hostkey.pub"
    install -m 644 "$op/key.pub" "$root/etc/ssh/lab_authorized_keys"
    # The lab's password. The hash holds no ':', '#' or '&'; a here-document, so that it is in no argument list.
    read -r hash <"$op/password.hash"
    sed -i -f - "$root/etc/shadow" <<END
s#^\(root\|admin\|nosudo\):[^:]*:#\1:$hash:#
END
}

firstboot_postfix() {
    sed -i "s/stockhost\.stock\.example/$fqdn/g; s/stock\.example/$domain/g; s/stockhost/$name/g" \
        "$root/etc/postfix/main.cf" "$root/etc/mailname"
    mkdir -p "$root/var/spool/postfix/etc"
    install -m 644 "$root/etc/hosts" "$root/etc/resolv.conf" "$root/var/spool/postfix/etc/"
    # Postfix's own way to skip, once, the checks of a start (four fifths of its time), which were done in
    # the root: postfix-script, "quick-start".
    : >"$root/var/spool/postfix/quick-start"
}

firstboot_domain() { # A hub is example.com's mail server, outside is example.net's.
    sed -i "s/^mydestination = .*/&, $domain/" "$root/etc/postfix/main.cf"
}

firstboot_impostor() { # Calls itself the hub, takes everything from everybody, shows what it got.
    chroot "$root" openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \
        -subj /CN=mailhub.example.com -keyout /etc/postfix/impostor.key -out /etc/postfix/impostor.pem 2>&1
    chroot "$root" useradd -m -s /usr/sbin/nologin -p '*' caught
    sed -i -e "s/^myhostname = .*/myhostname = mailhub.example.com/" \
        -e 's|^\(smtpd_tls_cert_file *=\).*|\1/etc/postfix/impostor.pem|' \
        -e 's|^\(smtpd_tls_key_file *=\).*|\1/etc/postfix/impostor.key|' "$root/etc/postfix/main.cf"
    cat >>"$root/etc/postfix/main.cf" <<'END'
smtpd_tls_ask_ccert = yes
smtpd_tls_loglevel = 1
relay_domains = static:all
virtual_alias_domains =
virtual_alias_maps = static:caught@localhost
END
    cat >>"$root/etc/postfix/master.cf" <<'END'
587       inet  n       -       y       -       -       smtpd
END
}
