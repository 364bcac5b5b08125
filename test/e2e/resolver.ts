import { on, startPerl } from "./lab";

/**
 * A resolver on a host itself that says of its answers that DNSSEC vouches for them: what a validating one such as
 * unbound would say of signed zones, which the lab does not have. It knows one server, and its TLSA record if there is
 * one in `/run/tlsa`; while `/run/insecure` is there it vouches for nothing.
 */
export function startResolver(host: string, server: { fqdn: string; ip: string; port: number }): () => void {
    const pid = startPerl(host, program(server));
    const files = "/etc/resolv.conf /var/spool/postfix/etc/resolv.conf";
    on(host, `for f in ${files}; do cp -p $f $f.before; echo nameserver 127.0.0.1 >$f; done; postfix reload`);
    return () => {
        on(host, `kill ${pid}; for f in ${files}; do mv $f.before $f; done; postfix reload; rm -f /run/tlsa`);
    };
}

/** RFC 1035, 4.1; RFC 6698, 2.1: A is type 1, TLSA 52. */
const program = ({ fqdn, ip, port }: { fqdn: string; ip: string; port: number }): string => `
use Socket;
socket(my $s, PF_INET, SOCK_DGRAM, 0) or die;
bind($s, pack_sockaddr_in(53, INADDR_LOOPBACK)) or die;
while (defined(my $from = recv($s, my $query, 4096, 0))) {
    my ($at, @labels) = (12);
    while (my $length = ord(substr($query, $at, 1))) {
        push @labels, lc substr($query, $at + 1, $length);
        $at += $length + 1;
    }
    my $name = join(".", @labels);
    my $type = unpack("n", substr($query, $at + 1, 2));
    my $data = "";
    $data = inet_aton("${ip}") if $type == 1 && $name eq "${fqdn}";
    if ($type == 52 && $name eq "_${port}._tcp.${fqdn}" && open(my $file, "<", "/run/tlsa")) {
        my $hex = <$file>;
        $hex =~ s/[^0-9a-fA-F]//g;
        $data = pack("C3H*", 3, 1, 1, $hex);
    }
    my $flags = -e "/run/insecure" ? 0x8180 : 0x81a0;
    my $answer = length $data ? pack("nnnNn", 0xc00c, $type, 1, 60, length $data) . $data : "";
    my $header = substr($query, 0, 2) . pack("n5", $flags, 1, length $data ? 1 : 0, 0, 0);
    send($s, $header . substr($query, 12, $at + 5 - 12) . $answer, 0, $from);
}`;
