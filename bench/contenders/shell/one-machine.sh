#!/bin/sh
# One machine: composes its script and hands it to its shell. Called by apply.sh, whose variables it reads.
set -eu
name=$1

file() { # NAME MODE: a file of the machine, of what comes in
    printf 'cat >"$new/%s" <<\\END\n' "$1"
    cat
    printf 'END\nchmod %s "$new/%s"\n' "$2" "$1"
}

settings() {
    # Debian's own main.cf for an Internet site.
    cat <<END
smtpd_banner = \$myhostname ESMTP \$mail_name (Debian/GNU)
biff = no
append_dot_mydomain = no
readme_directory = no
compatibility_level = 3.6
smtp_tls_CApath = /etc/ssl/certs
smtp_tls_session_cache_database = btree:\${data_directory}/smtp_scache
alias_maps = hash:/etc/aliases
alias_database = hash:/etc/aliases
myorigin = /etc/mailname
mynetworks = 127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128
mailbox_size_limit = 0
recipient_delimiter = +
inet_interfaces = all
inet_protocols = all
END
    if [ "$name" = hub ]; then
        cat <<END
myhostname = mailhub.example.com
mydestination = \$myhostname, mailhub.example.com, localhost.example.com, localhost, example.com
smtpd_tls_chain_files = /etc/postfix/smarthost.pem
smtpd_tls_security_level = may
smtpd_tls_ask_ccert = yes
smtpd_tls_fingerprint_digest = sha256
smtpd_tls_loglevel = 1
relay_clientcerts = texthash:/etc/postfix/relay_clientcerts
smtpd_relay_restrictions = permit_mynetworks permit_tls_clientcerts defer_unauth_destination
END
    else
        cat <<END
myhostname = $name.example.com
mydestination = \$myhostname, $name.example.com, localhost.example.com, localhost
relayhost = [mailhub.example.com]
smtp_tls_chain_files = /etc/postfix/smarthost.pem
smtp_tls_security_level = fingerprint
smtp_tls_fingerprint_digest = sha256
smtp_tls_fingerprint_cert_match = $(cat "$folder/hub.pin")
smtp_tls_loglevel = 1
smtpd_relay_restrictions = permit_mynetworks defer_unauth_destination
${mail_timeout:+smtp_mail_timeout = $mail_timeout}
END
    fi
}

clientcerts() {
    while read -r laptop; do echo "$(cat "$folder/$laptop.pin") $laptop"; done <"$laptops"
}

said=$(
    {
        echo 'set -eu; umask 077; new=$(mktemp -d /etc/postfix/.new.XXXXXX)'
        file smarthost.pem 600 <"$folder/$name.pem"
        settings | file main.cf 644
        [ "$name" != hub ] || clientcerts | file relay_clientcerts 644
        echo "mode=$mode"
        cat "$here/on-machine.sh"
    } | ssh -F "$ssh_config" "$name" sh
)
echo "$name $said"
