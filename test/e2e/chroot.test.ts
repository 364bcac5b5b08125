import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { configuration, eventually, labHost, mailWith, on, send, startPerl, tryOn } from "./lab";
import { addReleases, releases } from "./releases";
import { Stack } from "./stack";

const stack = new Stack("chroot");
const laptops = releases.map(({ laptop }) => laptop);
const originals = new Map<string, string>();
/** Where the hub is in the network that a laptop roams to, as the name server there says. */
const elsewhere = "10.77.9.3";
const { ip: server } = labHost("outside");
let nameServer = "";

async function up(args: Record<string, unknown>): Promise<string> {
    await stack.machines({}, Object.fromEntries(laptops.map((name) => [name, args])));
    const { code, out } = await stack.up("--skip-preview");
    assert.equal(code, 0, out);
    return out;
}

/** The chroot column of the two services by which mail leaves: relay, smtp. */
const columns = (laptop: string) =>
    on(laptop, "postconf -F smtp/unix/chroot relay/unix/chroot | sort")
        .match(/[ny-]$/gm)
        ?.join(" ");

/** Sends a mail and says at which address of the hub it was handed over. */
async function handedOverAt(laptop: string, subject: string): Promise<string> {
    send(laptop, subject);
    await eventually("the mail arrives", () => mailWith("hub", subject));
    const [, at = ""] =
        /relay=mailhub\.example\.com\[([^\]]*)\]:587/.exec(
            on(laptop, "grep 'to=<alice@example.com>.*status=sent' /var/log/mail.log | tail -n 1"),
        ) ?? [];
    return at;
}

before(async () => {
    addReleases();
    for (const laptop of laptops) originals.set(laptop, configuration(laptop));
    on("hub", `ip addr add ${elsewhere}/16 dev eth0`);
    // Answers every question for an address with that one, and any other with nothing (RFC 1035, 4.1).
    nameServer = startPerl(
        "outside",
        `use IO::Socket::INET;
        $s = IO::Socket::INET->new(LocalAddr => "${server}", LocalPort => 53, Proto => "udp") or die;
        while ($s->recv($_, 512)) {
            ($question) = /^.{12}((?:[^\\0]+\\0)(..)..)/s; $a = $2 eq "\\0\\1";
            $s->send(substr($_, 0, 2) . "\\x85\\x80\\0\\1" . ($a ? "\\0\\1" : "\\0\\0") . "\\0\\0\\0\\0" . $question .
                ($a ? "\\xc0\\x0c\\0\\1\\0\\1\\0\\0\\0\\0\\0\\4" . pack("C4", ${elsewhere.replaceAll(".", ", ")}) : ""));
        }`,
    );
});

after(() => {
    on("outside", `kill ${nameServer}`);
    on("hub", `ip addr del ${elsewhere}/16 dev eth0`);
    stack.remove();
});

test("in the chroot, when it is asked for, the distribution's own lines count", async () => {
    await up({ chroot: true });
    for (const laptop of laptops) assert.equal(columns(laptop), "y y");
});

for (const { postfix, laptop, debian } of releases) {
    test(`there a laptop that roams goes on asking the old name server, with Postfix ${postfix}`, async () => {
        on(laptop, `printf 'search example.com\\nnameserver ${server}\\n' >/etc/resolv.conf`);
        assert.equal(await handedOverAt(laptop, `stale-${debian}`), labHost("hub").ip);
    });
}

test("by default outbound mail leaves outside the chroot, and the rest of master.cf stays", async () => {
    await up({});
    for (const laptop of laptops) {
        assert.equal(columns(laptop), "n n");
        assert.match(on(laptop, "postconf -P relay/unix/syslog_name"), /\$service_name$/m);
    }
});

for (const { postfix, laptop, debian } of releases) {
    test(`a laptop that roams finds the hub where it is now, with Postfix ${postfix}`, async () => {
        assert.equal(await handedOverAt(laptop, `fresh-${debian}`), elsewhere);
        on(laptop, "printf 'search example.com\\nnameserver 10.77.0.254\\n' >/etc/resolv.conf");
        // A smtp(8) that is there already stays with the name server that it began with, max_idle long (100 s).
        on(laptop, "postfix reload");
        assert.equal(await handedOverAt(laptop, `home-${debian}`), labHost("hub").ip);
    });
}

test("a second up changes nothing, and a refresh sees nothing", async () => {
    const { code, out } = await stack.up("--skip-preview", "--expect-no-changes", "--refresh");
    assert.equal(code, 0, out);
});

test("an admin's own line stays, and the preview says so; with chroot given it yields to takeOver", async () => {
    const { code: gone } = await stack.destroy();
    assert.equal(gone, 0);
    on("laptop1", "cp -p /etc/postfix/master.cf /root/master.cf");
    try {
        on("laptop1", "postconf -P smtp/unix/smtp_helo_timeout=99s");
        await stack.machines({}, { laptop1: {} });
        const kept = await stack.up();
        assert.equal(kept.code, 0, kept.out);
        assert.match(kept.out, /smtp\/unix of master\.cf stays as the machine's admin has it/);
        assert.equal(columns("laptop1"), "n y");
        await stack.machines({}, { laptop1: { chroot: false } });
        const refused = await stack.preview();
        assert.notEqual(refused.code, 0, refused.out);
        assert.match(
            refused.out,
            /already has this service \("smtp\/unix smtp"\): write takeOver: \["smtp\/unix"\]/,
        );
        await stack.machines({}, { laptop1: { chroot: false, takeOver: ["smtp/unix"] } });
        const taken = await stack.up();
        assert.equal(taken.code, 0, taken.out);
        assert.equal(columns("laptop1"), "n n");
        assert.equal(tryOn("laptop1", "postconf -P smtp/unix/smtp_helo_timeout").out.includes("99s"), false);
        const { code, out } = await stack.destroy();
        assert.equal(code, 0, out);
        assert.match(on("laptop1", "postconf -P smtp/unix/smtp_helo_timeout"), /= 99s$/m);
    } finally {
        on("laptop1", "cp -p /root/master.cf /etc/postfix/master.cf && postfix reload");
    }
    for (const laptop of laptops) assert.equal(configuration(laptop), originals.get(laptop), laptop);
});
