import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { configuration, eventually, litter, mailWith, on, send, tryOn } from "./lab";
import { complaintsButOfCaches } from "./mail-log";
import { addReleases, oneByOne } from "./releases";
import { Stack } from "./stack";

const stack = new Stack("ipv6-off");
const ipv6 = (host: string, off: 0 | 1) =>
    on(host, `for part in all default lo; do echo ${off} >/proc/sys/net/ipv6/conf/$part/disable_ipv6; done`);

before(() => addReleases());
after(() => stack.remove());

for (const { postfix, hub, laptop, debian } of oneByOne) {
    describe(`with IPv6 off and Postfix ${postfix}`, () => {
        const originals = new Map<string, string>();
        const logged = new Map<string, string[]>();

        before(async () => {
            for (const host of [hub, laptop]) {
                ipv6(host, 1);
                originals.set(host, configuration(host));
                logged.set(host, complaintsButOfCaches(host));
            }
            await stack.machines({}, { [laptop]: {} }, hub);
        });

        after(() => {
            for (const host of [hub, laptop]) ipv6(host, 0);
        });

        test("the preview says that IPv4 alone is used, and why", async () => {
            const { code, out } = await stack.preview();
            assert.equal(code, 0, out);
            const told = out.slice(out.indexOf("Diagnostics:"));
            const notes = told.match(/inet_protocols = ipv4, because IPv6 is switched off on this host/g);
            assert.equal(notes?.length, 2, out);
        });

        test("hub and laptop work, and mail arrives over pinned TLS", async () => {
            const { code, out } = await stack.up("--skip-preview");
            assert.equal(code, 0, out);
            for (const host of [hub, laptop]) assert.equal(on(host, "postconf -h inet_protocols"), "ipv4\n");
            assert.equal(
                on(laptop, "postconf -h mynetworks"),
                "127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128\n",
            );
            // By SMTP: the laptop's smtpd(8) reads mynetworks.
            on(
                laptop,
                `printf 'EHLO x\\r\\nMAIL FROM:<bob@example.com>\\r\\nRCPT TO:<alice@example.com>\\r\\nDATA\\r\\n' >/tmp/smtp
                printf 'Subject: four-${debian}\\r\\n\\r\\nx\\r\\n.\\r\\nQUIT\\r\\n' >>/tmp/smtp
                perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new("127.0.0.1:25") or die; $_ = <$s>;
                    open F, "/tmp/smtp"; while (<F>) { print $s $_; next if /^(Subject|x|\\r)/; $_ = <$s>; $_ = <$s> while /^\\d+-/ }'`,
            );
            const mail = await eventually("the mail arrives", () => mailWith(hub, `four-${debian}`));
            assert.match(mail, /using TLSv1\.3/);
        });

        test("a second up changes nothing, a refresh sees nothing, and no log has a new warning", async () => {
            const { code, out } = await stack.up("--skip-preview", "--expect-no-changes", "--refresh");
            assert.equal(code, 0, out);
            for (const host of [hub, laptop])
                assert.deepEqual(complaintsButOfCaches(host), logged.get(host), host);
        });

        test("IPv6 alone is refused, for it would be nothing", async () => {
            const standing = configuration(laptop);
            await stack.machines({}, { [laptop]: { inetProtocols: "ipv6" } }, hub);
            const { code, out } = await stack.up("--skip-preview");
            assert.notEqual(code, 0, out);
            assert.match(out, /main\.inet_protocols: given "ipv6", but IPv6 is switched off on this host/);
            assert.equal(configuration(laptop), standing);
        });

        test("destroy leaves both as they were", async () => {
            const { code, out } = await stack.destroy();
            assert.equal(code, 0, out);
            for (const [host, original] of originals) {
                assert.equal(configuration(host), original, host);
                assert.equal(litter(host), "");
            }
        });

        test("a Postfix that is dead of it is brought to life", async () => {
            // As Red Hat's package has it: every Postfix command ends with `no local interface found for ::1`.
            on(
                laptop,
                `postfix stop; cp -p /etc/hosts /root/hosts; cp -p /etc/postfix/main.cf /root/main.cf
                echo '::1 localhost' >>/etc/hosts
                sed -i '/^mynetworks/d; s/^inet_interfaces.*/inet_interfaces = localhost/' /etc/postfix/main.cf
                touch -d '1 minute ago' /etc/postfix/main.cf`,
            );
            try {
                assert.match(tryOn(laptop, "postconf -n").out, /no local interface found for ::1/);
                const takeOver = ["inet_interfaces"];
                await stack.machines({}, { [laptop]: { takeOver } }, hub);
                const { code, out } = await stack.up("--skip-preview");
                assert.equal(code, 0, out);
                assert.equal(litter(laptop), "");
                send(laptop, `risen-${debian}`);
                await eventually("the mail arrives", () => mailWith(hub, `risen-${debian}`));
                ipv6(laptop, 0);
                const gone = await stack.destroy();
                assert.equal(gone.code, 0, gone.out);
            } finally {
                on(
                    laptop,
                    "cp -p /root/hosts /etc/hosts; cp -p /root/main.cf /etc/postfix/main.cf; postfix reload || postfix start",
                );
            }
        });
    });
}
