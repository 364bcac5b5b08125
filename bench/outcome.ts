import assert from "node:assert/strict";
import { eventually, mailWith, on, send } from "../test/e2e/lab";
import { onEach, type Wanted } from "./fleet";

/** Every laptop has what was wanted of it, by Postfix's own word; the others were left alone. */
export function assertSettings({ laptops, mailTimeout }: Wanted): void {
    const said = onEach("postconf -h relayhost smtp_tls_security_level smtp_mail_timeout");
    for (const { name } of laptops) {
        const [relayhost, level, timeout] = (said.get(name) ?? "").split("\n");
        assert.match(relayhost ?? "", /^\[mailhub\.example\.com\](:\d+)?$/, `relayhost of ${name}`);
        assert.equal(level, "fingerprint", `smtp_tls_security_level of ${name}`);
        assert.equal(timeout, mailTimeout ?? "300s", `smtp_mail_timeout of ${name}`);
    }
}

/**
 * A mail of the last laptop to a stranger arrives: the laptop has met the key that it pins, and the hub relays for the
 * laptop's, since it relays for nobody else.
 */
export async function assertMail({ laptops }: Wanted, subject: string): Promise<void> {
    const sender = laptops.at(-1)?.name;
    if (sender === undefined) throw new Error("no laptop");
    send(sender, subject, "alice@example.net");
    await eventually(`the mail of ${sender} arrives`, () => mailWith("outside", subject), 30);
    assert.match(
        on(sender, "cat /var/log/mail.log"),
        /Verified TLS connection established to mailhub\.example\.com/,
    );
}
