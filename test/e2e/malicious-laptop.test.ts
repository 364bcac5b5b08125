import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { DirectProvider, type Kept } from "./direct";
import { directGrant, directHub, type KeyPair, newKeyPair } from "./direct-machines";
import { configuration, labHost, mailWith, on, operatorKey, readOn, tryOn } from "./lab";
import { addReleases, releases } from "./releases";

/** The laptop in wrong hands: it has its own key and certificate, all of its root's rights, and no more. */
const laptop = "laptop1";
const [own, other, stranger] = [newKeyPair("mallory"), newKeyPair("alice"), newKeyPair("alice")];
let provider: DirectProvider;

const put = (host: string, file: string, text: string): string =>
    on(host, `umask 077; echo ${Buffer.from(text).toString("base64")} | base64 -d >${file}`);

before(async () => {
    addReleases();
    provider = await DirectProvider.start();
    for (const [name, { privateKey, certificate }] of Object.entries({ own, stranger }))
        put(laptop, `/root/${name}.pem`, `${privateKey}\n${certificate}`);
    // Speaks to a server over TLS with a key, or without any, a line at a time, and prints each answer.
    put(laptop, "/root/talk.pl", talk);
});
after(() => {
    on(laptop, "rm -f /root/own.pem /root/stranger.pem /root/talk.pl");
    provider.stop();
});

const talk = `
use strict; use Net::SSLeay; use IO::Socket::INET;
my ($host, $port, $pem, @lines) = @ARGV;
my $socket = IO::Socket::INET->new(PeerAddr => $host, PeerPort => $port, Timeout => 30) or die "no connection";
my $plain = sub { my $all = ""; while (defined(my $l = <$socket>)) { $all .= $l; last if $l =~ /^\\d{3} /; } $all };
$plain->();
print $socket "EHLO mallory.example\\r\\n"; $plain->();
print $socket "STARTTLS\\r\\n"; $plain->();
Net::SSLeay::initialize();
my $context = Net::SSLeay::CTX_new() or die;
if ($pem ne "none") {
    Net::SSLeay::CTX_use_certificate_file($context, $pem, 1) or die "certificate";
    Net::SSLeay::CTX_use_PrivateKey_file($context, $pem, 1) or die "key";
}
my $ssl = Net::SSLeay::new($context);
Net::SSLeay::set_fd($ssl, fileno $socket);
Net::SSLeay::connect($ssl) > 0 or die "no TLS";
my $answer = sub { my $all = ""; until ($all =~ /^\\d{3} [^\\n]*\\n\\z/m) { my $part = Net::SSLeay::read($ssl); last unless defined $part && length $part; $all .= $part } $all };
for my $line (@lines) { print "> $line\\n"; $line =~ s/\\\\r\\\\n/\\r\\n/g; Net::SSLeay::write($ssl, "$line\\r\\n"); print $answer->(); }
`;

/** What the hub answers to each line, behind an EHLO over TLS. */
function says(hub: string, key: "own" | "stranger" | "none", ...lines: string[]): string[] {
    const pem = key === "none" ? "none" : `/root/${key}.pem`;
    const quoted = ["EHLO mallory.example", ...lines].map((line) => `'${line}'`).join(" ");
    const out = on(laptop, `perl /root/talk.pl ${labHost(hub).ip} 587 ${pem} ${quoted}`);
    return out
        .split(/^> .*\n/m)
        .slice(1)
        .map((text) => text.trim());
}

const elsewhere = "RCPT TO:<victim@example.net>";
const refused = /^(4|5)\d\d /;

for (const { postfix, hub } of releases) {
    describe(`a laptop in wrong hands, at a hub of Postfix ${postfix}`, () => {
        const kept: Kept[] = [];
        let stood = "";
        const hubKey: KeyPair = newKeyPair(hub);
        before(async () => {
            stood = configuration(hub);
            kept.push(await provider.create(directHub(hub, hubKey)));
            const limited = { name: "mallory", pins: [own.pin], senders: ["mallory@example.com"] };
            kept.push(
                await provider.create(
                    directGrant("laptops", hub, [limited, { name: "alice", pins: [other.pin] }]),
                ),
            );
        });
        after(() => assert.equal(configuration(hub), stood));

        test("with its own key it may send as itself, and as nobody else", () => {
            assert.match(says(hub, "own", "MAIL FROM:<mallory@example.com>", elsewhere)[2] ?? "", /^250 /);
            for (const from of [
                "alice@example.com",
                "root",
                "MALLORY@example.com@example.net",
                '"mallory@example.com"@example.net',
            ])
                assert.match(says(hub, "own", `MAIL FROM:<${from}>`, elsewhere)[2] ?? "", refused, from);
        });

        test("another's name in the certificate is no other's key, and no certificate is none", () => {
            for (const key of ["stranger", "none"] as const)
                for (const to of [
                    "victim@example.net",
                    "victim%example.net@example.com",
                    "@example.com:victim@example.net",
                    "example.net!victim",
                ])
                    assert.match(
                        says(hub, key, "MAIL FROM:<alice@example.com>", `RCPT TO:<${to}>`)[2] ?? "",
                        refused,
                        `${key} ${to}`,
                    );
        });

        test("it cannot call itself another client", () => {
            for (const command of [
                "XCLIENT ADDR=127.0.0.1 NAME=localhost LOGIN=alice",
                "XFORWARD ADDR=127.0.0.1",
            ]) {
                const [, answer, , rcpt] = says(
                    hub,
                    "own",
                    command,
                    "MAIL FROM:<alice@example.com>",
                    elsewhere,
                );
                assert.match(answer ?? "", refused, command);
                assert.match(rcpt ?? "", refused, command);
            }
            assert.doesNotMatch(says(hub, "own")[0] ?? "", /XCLIENT|XFORWARD|AUTH/);
        });

        test("there is no password to guess", () => {
            const plain = Buffer.from("\0alice\0password").toString("base64");
            assert.match(says(hub, "own", `AUTH PLAIN ${plain}`)[1] ?? "", /^503 |^502 /);
        });

        test("without a key it learns no names, and wakes no queue", () => {
            const [, vrfy] = says(hub, "none", "VRFY victim@example.net");
            assert.match(vrfy ?? "", refused);
            const [, etrn] = says(hub, "none", "ETRN example.net");
            assert.match(etrn ?? "", refused);
        });

        test("no command brings a message in past a refused recipient", () => {
            const subject = `smuggled-${postfix}`;
            // The line end behind it is sent with each line.
            const body = `Subject: ${subject}\\r\\n\\r\\nx`;
            const size = body.replaceAll("\\r\\n", "  ").length + 2;
            for (const key of ["own", "none"] as const) {
                const from = "MAIL FROM:<alice@example.com>";
                const [, , rcpt, bdat] = says(
                    hub,
                    key,
                    from,
                    "RCPT TO:<alice@example.com>",
                    `BDAT ${size} LAST\\r\\n${body}`,
                );
                assert.match(rcpt ?? "", refused);
                assert.match(bdat ?? "", refused);
                const [, , , data] = says(hub, key, from, "RCPT TO:<alice@example.com>", "DATA");
                assert.match(data ?? "", refused);
            }
            assert.equal(mailWith(hub, subject), undefined);
            assert.match(on(hub, "postqueue -p"), /is empty/);
        });

        test("the hub has no laptop's key, and what it has is root's alone", () => {
            const files = on(hub, "find /etc/postfix/pulumi -type f").trim().split("\n");
            const keys = files.filter((file) => /PRIVATE KEY/.test(readOn(hub, file)));
            assert.equal(keys.length, 1, keys.join());
            assert.ok(readOn(hub, keys[0] ?? "").includes(hubKey.privateKey.trim()));
            const loose = on(
                hub,
                // The backup is of files that everybody may read; its folder is root's.
                "find /etc/postfix/pulumi -path '*/backup/*' -prune -o \\( -perm /077 -o ! -user root \\) -print",
            );
            assert.equal(loose, "");
            assert.doesNotMatch(
                tryOn(hub, "cat /etc/postfix/pulumi/*/*/*").out,
                new RegExp(lastLine(operatorKey())),
            );
        });

        test("once its pin is taken out, its key is worth no more than a stranger's", async () => {
            const only = directGrant("laptops", hub, [{ name: "alice", pins: [other.pin] }]);
            kept[1] = await provider.update(kept[1] as Kept, only);
            assert.match(says(hub, "own", "MAIL FROM:<mallory@example.com>", elsewhere)[2] ?? "", refused);
            for (const each of kept.reverse()) await provider.delete(each);
        });
    });
}

const lastLine = (pem: string): string => (pem.trim().split("\n").at(-2) ?? "").replace(/[+/]/g, ".");
