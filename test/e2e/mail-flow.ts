import assert from "node:assert/strict";
import { eventually, mailWith, on, send, tryOn } from "./lab";

/** What each laptop runs: a mail every half second, and a line for each that its own Postfix took. */
const loop = (name: string): string => `
count=0
while [ -e /run/mail-flow ]; do
    id=flow-${name}-$count
    printf 'Subject: %s\\n\\n%s\\n' "$id" "$id" | sendmail -f bob@example.com alice@example.com && echo "$id" >>/root/mail-flow
    count=$((count + 1))
    sleep 0.5
done`;

/** Mail that laptops send to their hub without pause, and its account. */
export class MailFlow {
    constructor(
        private readonly hub: string,
        private readonly laptops: string[],
    ) {}

    begin(): void {
        for (const laptop of this.laptops) this.beginOn(laptop);
    }

    /** Also behind a start of the laptop, which ends what ran on it. */
    beginOn(laptop: string): void {
        const script = loop(`${laptop}-${Date.now()}`).replaceAll("'", "'\\''");
        on(laptop, `touch /run/mail-flow; setsid sh -c '${script}' </dev/null >/dev/null 2>&1 &`);
    }

    end(): void {
        for (const laptop of this.laptops) tryOn(laptop, "rm -f /run/mail-flow");
    }

    sent(laptop: string): string[] {
        return tryOn(laptop, "cat /root/mail-flow").out.split("\n").filter(Boolean);
    }

    /** Waits until a laptop sends again: what it takes from now on arrives. */
    async flows(laptop: string): Promise<void> {
        const subject = `now-${laptop}-${Date.now()}`;
        send(laptop, subject);
        await eventually(
            `mail of ${laptop} arrives`,
            () => {
                tryOn(laptop, "postqueue -f");
                return mailWith(this.hub, subject);
            },
            180,
        );
    }

    /** All that was taken arrives, and nothing was bounced; what waits is tried at once. */
    async settles(): Promise<number> {
        this.end();
        const all = this.laptops.flatMap((laptop) => this.sent(laptop));
        let missing: string[] = [];
        await eventually(
            "every mail arrives",
            () => {
                for (const host of [...this.laptops, this.hub]) tryOn(host, "postqueue -f");
                const arrived = this.arrived();
                missing = all.filter((id) => !arrived.has(id));
                return missing.length === 0;
            },
            120,
        ).catch((error: Error) => {
            const queues = this.laptops.map((laptop) => `${laptop}: ${tryOn(laptop, "postqueue -p").out}`);
            throw new Error(`${error.message}: lost ${missing.join(" ")}\n${queues.join("\n")}`);
        });
        for (const host of [...this.laptops, this.hub])
            assert.doesNotMatch(tryOn(host, "cat /var/log/mail.log").out, /status=bounced/, host);
        assert.ok(all.length > 0, "mail was sent at all");
        return all.length;
    }

    private arrived(): Set<string> {
        const box = tryOn(this.hub, "cat /var/mail/alice").out;
        return new Set([...box.matchAll(/^Subject: (flow-\S+)$/gm)].map(([, id]) => id as string));
    }
}
