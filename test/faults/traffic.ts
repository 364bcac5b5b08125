import { setTimeout as sleep } from "node:timers/promises";
import { on } from "../e2e/lab";
import { account } from "./account";
import type { End, Logs } from "./duplicates";
import { labCommand, Machine } from "./machine";
import { copies, Sender, stops, strayMail } from "./mail";
import type { Report } from "./report";

export const hosts = ["hub", "laptop1", "laptop2"] as const;
export type Host = (typeof hosts)[number];

const everyMilliseconds = 700;

/** The machines of a lab, and the mail that passes between them without pause. */
export class Traffic {
    private readonly machines = new Map(
        [...hosts, "outside", "impostor"].map((name) => [name, new Machine(name)]),
    );
    private readonly senders = new Map<Host, Sender>();

    /** `run` stands in the name of each message, and is another one for each run on the same hosts. */
    constructor(private readonly run: string) {}

    machine(name: string): Machine {
        const machine = this.machines.get(name);
        if (!machine) throw new Error(`no machine ${name}`);
        return machine;
    }

    prepare(): void {
        // A mailbox's dot-lock outlives a power cut and keeps local(8) waiting for 500 s (postconf(5), stale_lock_time).
        for (const name of ["hub", "outside"]) {
            on(
                name,
                "postconf -e mailbox_delivery_lock=fcntl && touch -d '1 minute ago' /etc/postfix/main.cf && postfix reload",
            );
        }
    }

    begin(from: readonly Host[]): void {
        for (const host of from)
            this.senders.set(host, new Sender(new Machine(host), this.run, everyMilliseconds));
    }

    async pause(host: Host): Promise<void> {
        await this.senders.get(host)?.pause();
    }

    goOn(host: Host): void {
        this.senders.get(host)?.goOn();
    }

    /** Stops the sender of a host, and waits until its queue is empty. */
    async drain(host: Host): Promise<void> {
        await this.pause(host);
        const machine = this.machine(host);
        const waiting = "cd /var/spool/postfix && find maildrop incoming active deferred -type f | wc -l";
        const end = Date.now() + 180_000;
        for (let count = 0; (await machine.get(waiting)).trim() !== "0"; count++) {
            if (Date.now() > end)
                throw new Error(
                    `mail waits on ${host}: ${(await machine.run("postqueue -p | tail -n 20")).out}`,
                );
            // Each time the queue manager begins at the queue's head again.
            if (count % 50 === 0) await machine.run("postqueue -f");
            await sleep(100);
        }
    }

    /** What met a host that was off has its next try now. */
    async flush(): Promise<void> {
        for (const name of [...hosts, "outside"]) await this.machine(name).run("postqueue -f");
    }

    /** No more mail; all that was posted gets to where it goes, and is counted. */
    async end(report: Report): Promise<void> {
        for (const sender of this.senders.values()) await sender.end();
        for (const host of ["laptop1", "laptop2", "hub"] as const) await this.drain(host);
        const posted = [...this.senders.values()].flatMap((sender) => sender.posted);
        const found = [
            ...(await copies(this.machine("hub"), "alice", this.run)),
            ...(await copies(this.machine("outside"), "alice", this.run)),
        ];
        const ends: End[] = [];
        for (const host of hosts) {
            const machine = this.machine(host);
            ends.push(...machine.ends, ...(await stops(machine)));
            const stray = await strayMail(machine, host !== "hub");
            report.bounced.push(...stray.bounced);
            report.clear.push(...stray.clear);
        }
        let logs: Promise<Logs> | undefined;
        const counted = await account(posted, found, ends, () => (logs ??= wholeLogs()));
        report.sent += counted.sent;
        report.delivered += counted.delivered;
        report.lost.push(...counted.lost);
        report.duplicates.push(...counted.duplicates);
        report.clear.push(...counted.clear);
        const caught = await copies(this.machine("impostor"), "caught", this.run);
        report.impostor.push(...caught.map(({ id }) => id));
    }

    close(): void {
        for (const machine of this.machines.values()) machine.close();
    }
}

async function wholeLogs(): Promise<Logs> {
    const read = [...hosts, "outside"].map(async (host) => {
        const { out } = await labCommand("exec", host, "cat", "/var/log/mail.log");
        return [host, out.split("\n")] as const;
    });
    return new Map(await Promise.all(read));
}
