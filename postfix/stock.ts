import { trimSpace } from "./logical-lines";
import type { MasterService } from "./master-cf";

/** The machine's own names: the package writes them into main.cf. */
export interface HostNames {
    fqdn: string;
    hostname: string;
}

/**
 * What the Debian package of 11, 12, 13 and sid writes into main.cf, for "Internet Site", "Satellite system" and
 * "Local only": its `main.cf.debian` and `main.cf.tls`, and what its postinst sets. Nobody chose these values, so
 * they yield without consent. A `relayhost` is only there when it is empty: a satellite's smarthost was chosen.
 */
export const stockValues: Record<string, string[]> = {
    alias_database: ["hash:/etc/aliases", "cdb:/etc/aliases"],
    alias_maps: [
        "hash:/etc/aliases",
        "hash:/etc/aliases, nis:mail.aliases",
        "$alias_database",
        "$alias_database, nis:mail.aliases",
    ],
    append_dot_mydomain: ["no"],
    biff: ["no"],
    compatibility_level: ["2", "3.6", "3.9", "3.11"],
    cyrus_sasl_config_path: ["/etc/postfix/sasl"],
    default_cache_db_type: ["lmdb"],
    default_database_type: ["cdb"],
    default_transport: ["smtp", "error"],
    html_directory: ["/usr/share/doc/postfix/html"],
    inet_interfaces: ["all", "loopback-only"],
    inet_protocols: ["all", "ipv4", "ipv6"],
    mailbox_command: ["", 'procmail -a "$EXTENSION"'],
    mailbox_size_limit: ["0", "51200000"],
    mynetworks: ["127.0.0.0/8", "127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128"],
    mynetworks_style: ["host"],
    myorigin: ["/etc/mailname", "$myhostname"],
    readme_directory: ["no", "/usr/share/doc/postfix"],
    recipient_delimiter: ["", "+"],
    relay_transport: ["smtp", "error"],
    relayhost: [""],
    smtp_tls_CAfile: ["/etc/ssl/certs/ca-certificates.crt"],
    smtp_tls_CApath: ["/etc/ssl/certs"],
    smtp_tls_security_level: ["may"],
    smtp_tls_session_cache_database: ["btree:${data_directory}/smtp_scache"],
    smtpd_banner: ["$myhostname ESMTP $mail_name (Debian/GNU)", "$myhostname ESMTP $mail_name (Debian)"],
    smtpd_relay_restrictions: ["permit_mynetworks permit_sasl_authenticated defer_unauth_destination"],
    smtpd_tls_cert_file: ["/etc/ssl/certs/ssl-cert-snakeoil.pem"],
    smtpd_tls_key_file: ["/etc/ssl/private/ssl-cert-snakeoil.key"],
    smtpd_tls_security_level: ["may"],
};

/** Whether a line of main.cf is the distribution's and not an administrator's. */
export function isStockSetting(name: string, value: string, host: HostNames): boolean {
    const plain = trimSpace(value.replace(/[ \t\r\n\v\f]+/g, " "));
    if (Object.hasOwn(stockValues, name) && stockValues[name]?.includes(plain)) return true;
    if (name === "myhostname" || name === "myorigin") return isOwnName(plain, host);
    return name === "mydestination" && isOwnNames(plain, host);
}

/** The destinations that the package offers: this machine under its names, and `localhost` in its domain. */
function isOwnNames(value: string, host: HostNames): boolean {
    const names = value.split(/[ ,]+/).filter(Boolean);
    const own = ["$myhostname", "localhost.$mydomain", "localhost"];
    return (
        names.length > 0 &&
        names.every((name) => own.includes(name) || isLocalhost(name) || isOwnName(name, host))
    );
}

const isLocalhost = (name: string): boolean => /^localhost\.[a-z0-9.-]+$/i.test(name);

/**
 * A laptop's domain is whatever the network of the day says, so the first label decides: the package wrote the name
 * of the network in which it was installed.
 */
function isOwnName(value: string, { fqdn, hostname }: HostNames): boolean {
    const name = value.toLowerCase().replace(/\.$/, "");
    if (!/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(name)) return false;
    const own = [fqdn, hostname].map((known) => known.toLowerCase().replace(/\.$/, "")).filter(Boolean);
    const firstLabel = (known: string): string => known.split(".")[0] ?? "";
    return own.some((known) => known === name || firstLabel(known) === firstLabel(name));
}

/**
 * The services of the package's `master.cf.dist`, same four releases: fields and arguments. `c` stands for chroot y
 * (11 to 13) or n (sid, and 13 after `postfix chroot off`).
 */
export const stockServices = new Set(
    [
        "smtp inet n - c - - smtpd",
        "pickup unix n - c 60 1 pickup",
        "cleanup unix n - c - 0 cleanup",
        "qmgr unix n - n 300 1 qmgr",
        "tlsmgr unix - - c 1000? 1 tlsmgr",
        "rewrite unix - - c - - trivial-rewrite",
        "bounce unix - - c - 0 bounce",
        "defer unix - - c - 0 bounce",
        "trace unix - - c - 0 bounce",
        "verify unix - - c - 1 verify",
        "flush unix n - c 1000? 0 flush",
        "proxymap unix - - n - - proxymap",
        "proxywrite unix - - n - 1 proxymap",
        "smtp unix - - c - - smtp",
        "relay unix - - c - - smtp -o syslog_name=postfix/$service_name",
        "relay unix - - c - - smtp -o syslog_name=${multi_instance_name?{$multi_instance_name}:{postfix}}/$service_name",
        // Added by the postinst to a master.cf that has none.
        "relay unix - - n - - smtp -o smtp_fallback_relay=",
        "showq unix n - c - - showq",
        "error unix - - c - - error",
        "retry unix - - c - - error",
        "discard unix - - c - - discard",
        "local unix - n n - - local",
        "virtual unix - n n - - virtual",
        "lmtp unix - - c - - lmtp",
        "anvil unix - - c - 1 anvil",
        "scache unix - - c - 1 scache",
        "postlog unix-dgram n - n - 1 postlogd",
        "maildrop unix - n n - - pipe flags=DRXhu user=vmail argv=/usr/bin/maildrop -d ${recipient}",
        "uucp unix - n n - - pipe flags=Fqhu user=uucp argv=uux -r -n -z -a$sender - $nexthop!rmail ($recipient)",
        "ifmail unix - n n - - pipe flags=F user=ftn argv=/usr/lib/ifmail/ifmail -r $nexthop ($recipient)",
        "bsmtp unix - n n - - pipe flags=Fq. user=bsmtp argv=/usr/lib/bsmtp/bsmtp -t$nexthop -f$sender $recipient",
        "scalemail-backend unix - n n - 2 pipe flags=R user=scalemail argv=/usr/lib/scalemail/bin/scalemail-store ${nexthop} ${user} ${extension}",
        "mailman unix - n n - - pipe flags=FRX user=list argv=/usr/lib/mailman/bin/postfix-to-mailman.py ${nexthop} ${user}",
    ].flatMap((line) => ["y", "n"].map((chroot) => line.replace(/^(\S+ \S+ \S+ \S+) c /, `$1 ${chroot} `))),
);

/** Whether a line of master.cf is the distribution's, untouched. */
export function isStockService(service: MasterService): boolean {
    const { service: name, type, unprivileged, chroot, wakeup, maxproc, command, args } = service;
    const fields = [name, type, service.private, unprivileged, chroot, wakeup, maxproc, command, ...args];
    return stockServices.has(fields.join(" "));
}
