import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { configuration, eventually, lab, mailWith, on, send, tryOn } from "./lab";
import { Stack } from "./stack";

const stack = new Stack("first");
const hosts = ["hub", "laptop1", "laptop2", "laptop3"];
const before_ = new Map<string, string>();

before(async () => {
    for (const host of hosts) before_.set(host, configuration(host));
    await stack.machines({}, Object.fromEntries(hosts.slice(1).map((name) => [name, {}])));
});

after(() => stack.remove());

test("up makes a hub and three laptops, each proven by its own Postfix", async () => {
    const { code, out } = await stack.up();
    assert.equal(code, 0, out);
    assert.doesNotMatch(out, /unproven|not proven/);
});

for (const laptop of hosts.slice(1)) {
    test(`a mail from ${laptop} arrives over pinned TLS`, async () => {
        send(laptop, `first-${laptop}`);
        const mail = await eventually("the mail arrives", () => mailWith("hub", `first-${laptop}`));
        assert.match(mail, /using TLSv1\.3 with cipher/);
        assert.match(
            on(laptop, "cat /var/log/mail.log"),
            /Verified TLS connection established to mailhub\.example\.com/,
        );
    });
}

test("a second up changes nothing and opens no SSH connection", async () => {
    const logins = () =>
        hosts.map((host) => on(host, "cat /var/log/auth.log /var/log/*.log | grep -c Accepted || true"));
    const counted = logins();
    const { code, out } = await stack.up("--expect-no-changes");
    assert.equal(code, 0, out);
    assert.deepEqual(logins(), counted);
});

test("one edited line is drift of exactly that setting, and up repairs it", async () => {
    on(
        "laptop1",
        "sed -i 's/^smtp_tls_mandatory_ciphers = high/smtp_tls_mandatory_ciphers = medium/' /etc/postfix/main.cf",
    );
    const refreshed = await stack.refresh("--diff", "--skip-preview");
    assert.equal(refreshed.code, 0, refreshed.out);
    assert.match(refreshed.out, /smtp_tls_mandatory_ciphers: "high" => "medium"/);
    assert.equal(refreshed.out.match(/ => /g)?.length, 1, refreshed.out);
    const repaired = await stack.up();
    assert.equal(repaired.code, 0, repaired.out);
    assert.match(on("laptop1", "postconf -h smtp_tls_mandatory_ciphers"), /^high/);
});

test("an impostor at the hub's address gets no message; the mail goes to the hub when it is back", async () => {
    lab("takeover", "impostor", "hub");
    try {
        send("laptop2", "for-the-hub-only");
        await eventually(
            "the mail is deferred",
            () =>
                tryOn(
                    "laptop2",
                    "grep -q 'status=deferred (Server certificate not verified)' /var/log/mail.log",
                ).code === 0,
        );
        assert.notEqual(tryOn("impostor", "grep -rq for-the-hub-only /var/mail /var/spool/postfix").code, 0);
    } finally {
        lab("giveback", "impostor", "hub");
    }
    on("laptop2", "postqueue -f");
    await eventually("the mail arrives", () => mailWith("hub", "for-the-hub-only"), 60);
});

test("the state holds no private key in clear", async () => {
    const { out } = await stack.exportState();
    assert.doesNotMatch(out, /PRIVATE KEY/);
});

test("destroy leaves every host's files byte for byte as they were", async () => {
    const { code, out } = await stack.destroy();
    assert.equal(code, 0, out);
    for (const host of hosts) assert.equal(configuration(host), before_.get(host), host);
});
