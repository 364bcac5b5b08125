import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { configuration, eventually, litter, mailWith, on, send, startPerl, tryOn } from "./lab";
import { addReleases, releases } from "./releases";
import { Stack } from "./stack";

const stack = new Stack("other-mta");
before(() => addReleases());
after(() => stack.remove());

/** Preview and `up` are refused with these words, and the host is as it was. */
async function refused(laptop: string, words: string): Promise<void> {
    const standing = configuration(laptop);
    for (const { code, out } of [await stack.preview(), await stack.up("--skip-preview")]) {
        assert.notEqual(code, 0, out);
        assert.ok(out.includes(words), out);
    }
    assert.equal(configuration(laptop), standing);
    assert.equal(litter(laptop), "");
}

for (const { postfix, laptop, debian } of releases) {
    describe(`on a laptop with Postfix ${postfix}`, () => {
        before(() => stack.machines({}, { [laptop]: {} }));

        test("a program on port 25 while Postfix is off: told before anything is changed", async () => {
            on(laptop, "postfix stop");
            const listening = () => tryOn(laptop, "grep -q ' 0100007F:0019 .* 0A ' /proc/net/tcp").code === 0;
            await eventually("port 25 is free", () => !listening());
            const process = startPerl(
                laptop,
                'use IO::Socket::INET; $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => 25, Listen => 1) or die; sleep 300',
            );
            try {
                await eventually("it listens", listening);
                await refused(
                    laptop,
                    `services: port 25, which "smtp/inet" in master.cf serves, is taken on this host by perl (process ${process}), and Postfix does not run there`,
                );
                assert.notEqual(tryOn(laptop, "postfix status").code, 0, "it was not started");
            } finally {
                on(laptop, `kill ${process}`);
            }
        });

        test("another mail server's sendmail: told before anything is changed", async () => {
            on(laptop, "mv /usr/sbin/sendmail /usr/sbin/sendmail.postfix; cp /bin/true /usr/sbin/sendmail");
            try {
                await refused(
                    laptop,
                    "/usr/sbin/sendmail on this host is not Postfix's: programs would hand their mail to another mail server, past the pin",
                );
            } finally {
                on(laptop, "mv -f /usr/sbin/sendmail.postfix /usr/sbin/sendmail");
            }
        });

        test("with both out of the way the same run succeeds, and mail leaves", async () => {
            const { code, out } = await stack.up("--skip-preview");
            assert.equal(code, 0, out);
            send(laptop, `alone-${debian}`);
            await eventually("the mail arrives", () => mailWith("hub", `alone-${debian}`));
            const gone = await stack.destroy();
            assert.equal(gone.code, 0, gone.out);
        });
    });
}
