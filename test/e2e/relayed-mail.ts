import assert from "node:assert/strict";
import { eventually, mailWith, on, send, tryOn } from "./lab";

/** Waits until a mail has gone on to another site, which takes a grant on the hub; what waits is tried at once. */
export async function arrivesOutside(laptop: string, subject: string): Promise<void> {
    await eventually(
        `the mail of ${laptop} arrives outside`,
        () => {
            tryOn(laptop, "postqueue -f");
            return mailWith("outside", subject);
        },
        120,
    );
}

/** Sends a mail to another site, and waits for it there. */
export function relayed(laptop: string, subject: string): Promise<void> {
    send(laptop, subject, "alice@example.net");
    return arrivesOutside(laptop, subject);
}

/** The hub takes a mail for another site from nobody whom it does not know: it waits on the laptop, and is no bounce. */
export async function waits(laptop: string, subject: string): Promise<void> {
    send(laptop, subject, "alice@example.net");
    await eventually("it is deferred", () => /said: 45\d 4\./.test(on(laptop, "postqueue -p")));
    assert.equal(tryOn(laptop, "grep -q status=bounced /var/log/mail.log").code, 1);
    assert.equal(mailWith("outside", subject), undefined);
}
