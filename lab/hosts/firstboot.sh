# shellcheck shell=sh disable=SC2154 # variables of the script that reads this file
# What makes a fresh disk this host and no other. Runs before the host's root is entered.
#
# main.cf stays what Debian's postinst writes for an "Internet Site" with this host's name: the root
# was installed with placeholder names, which are replaced here. Nothing is set by postconf.

firstboot() { # reads init.sh's variables: state me disk name fqdn
    root=$disk/root op=$state/op domain=${fqdn#*.}

    echo "$name" >"$root/etc/hostname"
    openssl rand -hex 16 >"$root/etc/machine-id"
    read -r address <"$me/addresses"
    printf '127.0.0.1\tlocalhost\n%s\t%s %s\n' "$address" "$fqdn" "$name" >"$root/etc/hosts"
    printf 'search %s\nnameserver 10.77.0.254\n' "$domain" >"$root/etc/resolv.conf"

    firstboot_users
    [ -d "$root/etc/postfix" ] || return 0 # a bare root
    firstboot_postfix
    case $name in
        hub | hub-* | outside) firstboot_domain ;;
        impostor) firstboot_impostor ;;
    esac
    # Postfix waits until a main.cf is two seconds old before it reads it.
    touch -d '1 day ago' "$root/etc/postfix/main.cf" "$root/etc/postfix/master.cf"
}

firstboot_users() {
    if [ -d "$disk/kept" ]; then # `reset --keep-host-key`
        mv "$disk"/kept/* "$root/etc/ssh/"
        rmdir "$disk/kept"
    else
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
