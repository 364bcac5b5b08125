import { relayAccessSettings } from "../../../postfix/roles/relay-access";
import { type SmartHostRole, smartHostSettings } from "../../../postfix/roles/smart-host";
import { type HostSettings, Role } from "../../../postfix/settings";
import type { HostFacts } from "../../../provider/host/facts";
import type { FragmentId } from "../../../provider/host/identity";
import { type HostInputs, readInputs } from "../../../provider/host/inputs";
import type { Target } from "../../../provider/host/plan";
import { type RoadWarriorRole, roadWarriorSettings } from "../../road-warrior-settings";

/** main.cf as Debian 12 leaves it on a machine `alice.example.com` installed as "Internet Site". */
export const stockMain = `# See /usr/share/postfix/main.cf.dist for a commented, more complete version


# Debian specific:  Specifying a file name will cause the first
# line of that file to be used as the name.  The Debian default
# is /etc/mailname.
#myorigin = /etc/mailname

smtpd_banner = $myhostname ESMTP $mail_name (Debian/GNU)
biff = no

# appending .domain is the MUA's job.
append_dot_mydomain = no

# Uncomment the next line to generate "delayed mail" warnings
#delay_warning_time = 4h

readme_directory = no

# See http://www.postfix.org/COMPATIBILITY_README.html -- default to 3.6 on
# fresh installs.
compatibility_level = 3.6



# TLS parameters
smtpd_tls_cert_file=/etc/ssl/certs/ssl-cert-snakeoil.pem
smtpd_tls_key_file=/etc/ssl/private/ssl-cert-snakeoil.key
smtpd_tls_security_level=may

smtp_tls_CApath=/etc/ssl/certs
smtp_tls_security_level=may
smtp_tls_session_cache_database = btree:\${data_directory}/smtp_scache


smtpd_relay_restrictions = permit_mynetworks permit_sasl_authenticated defer_unauth_destination
myhostname = alice.example.com
alias_maps = hash:/etc/aliases
alias_database = hash:/etc/aliases
myorigin = /etc/mailname
mydestination = $myhostname, alice.example.com, localhost.example.com, , localhost
relayhost = 
mynetworks = 127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128
mailbox_size_limit = 0
recipient_delimiter = +
inet_interfaces = all
inet_protocols = all
`;

/** master.cf of the same package; of its comments only some. */
export const stockMaster = `#
# Postfix master process configuration file.  For details on the format
# of the file, see the master(5) manual page (command: "man 5 master" or
# on-line: http://www.postfix.org/master.5.html).
#
# ==========================================================================
# service type  private unpriv  chroot  wakeup  maxproc command + args
#               (yes)   (yes)   (no)    (never) (100)
# ==========================================================================
smtp      inet  n       -       y       -       -       smtpd
#smtp      inet  n       -       y       -       1       postscreen
# Choose one: enable submission for loopback clients only, or for any client.
#127.0.0.1:submission inet n -   y       -       -       smtpd
#submission inet n       -       y       -       -       smtpd
#  -o syslog_name=postfix/submission
#  -o smtpd_tls_security_level=encrypt
pickup    unix  n       -       y       60      1       pickup
cleanup   unix  n       -       y       -       0       cleanup
qmgr      unix  n       -       n       300     1       qmgr
#qmgr     unix  n       -       n       300     1       oqmgr
tlsmgr    unix  -       -       y       1000?   1       tlsmgr
rewrite   unix  -       -       y       -       -       trivial-rewrite
bounce    unix  -       -       y       -       0       bounce
defer     unix  -       -       y       -       0       bounce
trace     unix  -       -       y       -       0       bounce
verify    unix  -       -       y       -       1       verify
flush     unix  n       -       y       1000?   0       flush
proxymap  unix  -       -       n       -       -       proxymap
proxywrite unix -       -       n       -       1       proxymap
smtp      unix  -       -       y       -       -       smtp
relay     unix  -       -       y       -       -       smtp
        -o syslog_name=postfix/$service_name
#       -o smtp_helo_timeout=5 -o smtp_connect_timeout=5
showq     unix  n       -       y       -       -       showq
error     unix  -       -       y       -       -       error
retry     unix  -       -       y       -       -       error
discard   unix  -       -       y       -       -       discard
local     unix  -       n       n       -       -       local
virtual   unix  -       n       n       -       -       virtual
lmtp      unix  -       -       y       -       -       lmtp
anvil     unix  -       -       y       -       1       anvil
scache    unix  -       -       y       -       1       scache
postlog   unix-dgram n  -       n       -       1       postlogd
maildrop  unix  -       n       n       -       -       pipe
  flags=DRXhu user=vmail argv=/usr/bin/maildrop -d \${recipient}
`;

export function factsOf(more: Partial<HostFacts> = {}): HostFacts {
    return {
        version: "3.7.11",
        configDirectory: "/etc/postfix",
        mainCf: stockMain,
        masterCf: stockMaster,
        hostname: "alice",
        fqdn: "alice.example.com",
        mapTypes: ["hash", "texthash"],
        unknownNames: [],
        parameters: [],
        defaults: {},
        named: { files: {}, badTables: {}, missingDaemons: {} },
        running: true,
        masterPid: "100",
        ipv6: true,
        foreignSendmail: "",
        queueLength: 0,
        listeners: [],
        pins: {},
        laptops: { grants: [], proofs: [] },
        generationFiles: [],
        places: [],
        altered: [],
        network: { there: [], flushes: [], hooks: [] },
        lyingFiles: { certificates: {}, keyBlocks: {} },
        interrupted: false,
        ...more,
    };
}

/** A well-formed pin, unlike for each number. */
export const pin = (n: number): string =>
    Array.from({ length: 32 }, (_, place) =>
        ((n + place) % 256).toString(16).toUpperCase().padStart(2, "0"),
    ).join(":");

const entry = { privateKey: "KEY", certificate: "CERTIFICATE" };

function inputsOf(owner: string, role: Role, settings: HostSettings, more: Partial<HostInputs>): HostInputs {
    return readInputs({ owner, role, connection: { host: "192.0.2.1" }, ...settings, ...more });
}

interface More extends Partial<HostInputs> {
    settings?: Record<string, string>;
}

export function laptop(
    { settings = {}, ...more }: More = {},
    role: Partial<RoadWarriorRole> = {},
): HostInputs {
    const hub = { hostname: "mailhub.example.com", port: 587, pins: [pin(1), pin(2)] };
    const wanted = roadWarriorSettings({ hub, identity: [entry], settings, ...role });
    return inputsOf("alice", Role.RoadWarrior, wanted, more);
}

export function hub({ settings = {}, ...more }: More = {}, role: Partial<SmartHostRole> = {}): HostInputs {
    const wanted = smartHostSettings({ mode: "dedicated", port: 587, identity: [entry], settings, ...role });
    return inputsOf("hub", Role.SmartHost, wanted, more);
}

export function grant(names: string[], more: Partial<HostInputs> = {}): HostInputs {
    const laptops = names.map((name, index) => ({ name, pins: [pin(10 + index)] }));
    return inputsOf("laptops", Role.RelayAccess, relayAccessSettings(laptops), more);
}

/** A setting or service and nothing else: what one test is about. */
export function plain(settings: Partial<HostSettings>, more: Partial<HostInputs> = {}): HostInputs {
    const all = { main: {}, lists: {}, services: {}, chains: {}, tables: {}, ...settings };
    return inputsOf("plain", Role.SmartHost, all, more);
}

export const ids = {
    alice: { owner: "alice-a11ce000", instance: "a".repeat(16) },
    hub: { owner: "hub-00000001", instance: "1".repeat(16) },
    guest: { owner: "guest-00000002", instance: "2".repeat(16) },
    laptops: { owner: "laptops-00000003", instance: "3".repeat(16) },
    plain: { owner: "plain-00000004", instance: "4".repeat(16) },
} satisfies Record<string, FragmentId>;

export const target = (id: FragmentId, generation = "0123456789abcdef"): Target => ({ id, generation });
