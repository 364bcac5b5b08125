import { type LabHost, lab, labInfo } from "../test/e2e/lab";

/** What a contender is to make of the lab: the hub and these laptops. */
export interface Wanted {
    hub: LabHost;
    laptops: LabHost[];
    /** `smtp_mail_timeout` of all laptops: the one setting that changes. */
    mailTimeout: string | undefined;
}

export const changedTimeout = "200s";

export function wantedOf(laptops: number, mailTimeout?: string): Wanted {
    const { hosts } = labInfo();
    const host = (name: string): LabHost => {
        const found = hosts.find((one) => one.name === name);
        if (!found) throw new Error(`the lab has no ${name}`);
        return found;
    };
    const names = Array.from({ length: laptops }, (_, index) => `laptop${index + 1}`);
    return { hub: host("hub"), laptops: names.map(host), mailTimeout };
}

/** What a shell line prints on each host, by the host's name. Not over SSH: nobody's connections are counted wrong. */
export function onEach(line: string): Map<string, string> {
    const said = new Map<string, string>();
    for (const row of lab("each", "sh", "-c", line).split("\n")) {
        const [, name = "", words = ""] = /^([a-z0-9-]+): (.*)$/.exec(row) ?? [];
        if (name !== "") said.set(name, said.has(name) ? `${said.get(name)}\n${words}` : words);
    }
    return said;
}

/** How often sshd on each host has let somebody in, or turned somebody away, since it was booted. */
export function connections(): Map<string, number> {
    const seen = onEach(
        "grep -cE 'sshd.*(Accepted |\\[preauth\\])' /var/log/auth.log 2>/dev/null || [ $? = 1 ] || echo 0",
    );
    return new Map([...seen].map(([name, count]) => [name, Number(count)]));
}

/** Every host's Postfix as it is now; `restoreStock` brings it back. */
export function keepStock(): void {
    onEach("rm -rf /root/stock && cp -a /etc/postfix /root/stock");
}

/** Every host's Postfix as it was kept, with no mail and no log. The hosts stay on, and so does all that is in memory. */
export function restoreStock(): void {
    onEach(
        `pid=/var/spool/postfix/pid/master.pid
        [ ! -s $pid ] || kill $(cat $pid)
        while ! /usr/lib/postfix/sbin/master -t; do sleep 0.05; done
        rm -rf /etc/postfix /run/pulumi-postfix /var/mail/*
        cp -a /root/stock /etc/postfix
        find /var/lib/postfix -type f ! -name master.lock -delete
        find /var/spool/postfix -type f ! -path '*/etc/*' ! -path '*/lib/*' ! -path '*/usr/*' ! -path '*/pid/*' -delete
        : >/var/log/mail.log
        : >/var/spool/postfix/quick-start
        postfix start >/dev/null 2>&1
        diff -r /root/stock /etc/postfix`,
    );
}
