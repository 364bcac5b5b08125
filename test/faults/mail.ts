import { setTimeout as sleep } from "node:timers/promises";
import type { End, Hop } from "./duplicates";
import type { Machine } from "./machine";

/** A message that a host's own Postfix took: from then on it must arrive, once. */
export interface Posted {
    id: string;
    from: string;
    /** Where its mailbox is. */
    at: string;
    time: number;
}

const domains: [at: string, address: string][] = [
    ["hub", "alice@example.com"],
    ["outside", "alice@example.net"],
];

/** One sender on one host, that never pauses unless it is told to. */
export class Sender {
    private halted = false;
    private over = false;
    private working: Promise<void>;
    private resume?: () => void;
    private idle?: () => void;
    readonly posted: Posted[] = [];
    /** What was not taken, or of which nobody knows: the host died meanwhile. */
    refused = 0;

    constructor(
        private readonly machine: Machine,
        private readonly run: string,
        private readonly intervalMilliseconds: number,
    ) {
        this.working = this.work();
    }

    private async work(): Promise<void> {
        for (let count = 0; !this.over; count++) {
            if (this.halted) {
                const halt = new Promise<void>((resolve) => (this.resume = resolve));
                this.idle?.();
                await halt;
                continue;
            }
            const [at, address] = domains[count % domains.length] as [string, string];
            const id = `${this.run}-${this.machine.name}-${count}@faults`;
            // Every fifth is long enough to be broken in the middle.
            const body = count % 5 === 4 ? `${"x".repeat(70)}\n`.repeat(1500) : "a line\n";
            const mail = `Subject: ${id}\nMessage-ID: <${id}>\n\n${body}`;
            const line = `sendmail -f bob@example.com ${address}`;
            const { code } = await this.machine.run(line, mail);
            if (code === 0) this.posted.push({ id, from: this.machine.name, at, time: Date.now() });
            else this.refused++;
            await sleep(code === 0 ? this.intervalMilliseconds : 500);
        }
    }

    async pause(): Promise<void> {
        if (this.halted || this.over) return;
        const idle = new Promise<void>((resolve) => (this.idle = resolve));
        this.halted = true;
        await idle;
    }

    goOn(): void {
        this.halted = false;
        this.resume?.();
    }

    async end(): Promise<void> {
        this.over = true;
        this.goOn();
        await this.working;
    }
}

/** A message as it lies in a mailbox. */
export interface Copy {
    id: string;
    at: string;
    /** From the host on which it was posted to the one that has it. */
    way: Hop[];
    /** Milliseconds, from the mailbox's own line. */
    time: number;
    encrypted: boolean;
}

const names: Record<string, string> = {
    "mailhub.example.com": "hub",
    "outside.example.net": "outside",
    "laptop1.example.com": "laptop1",
    "laptop2.example.com": "laptop2",
};

/** What lies in a mailbox, of this run. */
export async function copies(machine: Machine, user: string, run: string): Promise<Copy[]> {
    const { out } = await machine.run(
        `sed -n '/^From /p;/^Received:/,/^Subject:/p' /var/mail/${user} 2>/dev/null`,
    );
    return out.split(/^From /m).flatMap((mail) => {
        const [, id = ""] = /^Subject: (\S+@faults)$/m.exec(mail) ?? [];
        if (!id.startsWith(`${run}-`)) return [];
        const [, date = ""] = /^\S+ +(.*)$/m.exec(mail) ?? [];
        const received = mail
            .split(/^Received: /m)
            .slice(1)
            .reverse();
        const way = received.map((text) => {
            const [, host = "", queueId = ""] = /\bby (\S+) .*?\sid ([0-9A-Za-z]+)/s.exec(text) ?? [];
            return { host: names[host] ?? host, id: queueId };
        });
        const hop = received.find((text) => text.includes("by mailhub.example.com"));
        return [
            {
                id,
                at: machine.name,
                way,
                time: Date.parse(`${date} UTC`),
                encrypted: /using TLSv1/.test(hop ?? "") || /userid 0/.test(hop ?? ""),
            },
        ];
    });
}

/** Lines of a host's log that tell of mail that was given up, or went where it must not. */
export async function strayMail(
    machine: Machine,
    isLaptop: boolean,
): Promise<{ bounced: string[]; clear: string[] }> {
    const look = async (line: string) => (await machine.run(line)).out.split("\n").filter(Boolean);
    const bounced = await look(
        "grep -E 'status=(bounced|expired)|sender non-delivery notification' /var/log/mail.log | grep -v pulumi-postfix-p",
    );
    const sent = "grep -E '/smtp\\[[0-9]+\\]: .*status=sent' /var/log/mail.log";
    const clear = isLaptop ? await look(`${sent} | grep -vF 'relay=mailhub.example.com[10.77.0.1]:587'`) : [];
    return { bounced, clear };
}

/** Within this time behind the words of a master that ends its daemons do. */
const dyingMilliseconds = 200;

/** When Postfix ended on a host by itself or by its own command, as its log tells. */
export async function stops(machine: Machine): Promise<End[]> {
    const { out } = await machine.run(
        "grep -hE '/master\\[[0-9]+\\]: (terminating on signal|fatal:)' /var/log/mail.log",
    );
    return out.split("\n").flatMap((line) => {
        const from = Date.parse(line.split(" ")[0] ?? "");
        if (Number.isNaN(from)) return [];
        return [{ host: machine.name, what: "Postfix stopped", from, to: from + dyingMilliseconds }];
    });
}
