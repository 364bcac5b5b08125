import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { relayVerdict } from "../../postfix/judge/open-relay";
import { lookupOf } from "../../postfix/judge/relaying";
import { parseMainCf } from "../../postfix/main-cf";
import { parseMasterCf } from "../../postfix/master-cf";
import { relayLists } from "../relay-lists";
import { configuration, eventually, labHost, on, readOn, tryOn } from "./lab";
import { addReleases, releases } from "./releases";

const firstPort = 3001;

type Heard = "closed" | "open" | "broken";

/** What a stranger hears who wants to send a mail to somebody elsewhere; nothing at all where smtpd(8) does not start. */
async function askAsStranger(
    host: string,
    port: number,
    sender: string,
    signal: AbortSignal,
): Promise<Heard | undefined> {
    const socket = connect({ host, port, signal });
    socket.setEncoding("latin1");
    const says = [
        "EHLO stranger.example.org",
        `MAIL FROM:<${sender}>`,
        "RCPT TO:<victim@example.net>",
        "QUIT",
    ];
    let heard = "";
    try {
        for await (const chunk of socket) {
            heard += chunk as string;
            const line = /^\d{3} .*\r\n/m.exec(heard)?.[0];
            if (line === undefined) continue;
            heard = "";
            const next = says.shift();
            if (/Server configuration (error|problem)/.test(line)) return "broken";
            if (next === "QUIT") return line.startsWith("250") ? "open" : "closed";
            socket.write(`${next}\r\n`);
        }
    } catch (error) {
        if (!signal.aborted) throw error;
    } finally {
        socket.destroy();
    }
    return undefined;
}

/** All answers, by port. A service that ends each time it is started is known by what it logs. */
async function answers(hub: string): Promise<Map<number, Heard>> {
    const found = new Map<number, Heard>();
    const stop = new AbortController();
    const { ip } = labHost(hub);
    const asked = relayLists.map(async ({ sender }, index) => {
        const port = firstPort + index;
        const heard = await askAsStranger(ip, port, sender ?? "stranger@example.org", stop.signal);
        if (heard) found.set(port, heard);
    });
    await eventually("each service answers or ends", () => {
        for (const [, port] of readOn(hub, "/var/log/mail.log").matchAll(/ p(\d+)\/smtpd\[\d+\]: fatal:/g))
            found.set(Number(port), "broken");
        return found.size === relayLists.length;
    });
    stop.abort();
    await Promise.all(asked);
    return found;
}

for (const { debian, postfix, hub } of releases) {
    describe(`what is an open relay is one on Postfix ${postfix}`, () => {
        let stood = "";

        before(() => {
            if (debian === releases[0]?.debian) addReleases();
            stood = configuration(hub);
            on(hub, "cp -p /etc/postfix/master.cf /root/master.cf");
            const services = relayLists.map(({ options }, index) => {
                const settings = Object.entries(options).map(
                    ([name, value]) => `  -o {${name} = ${value}}\n`,
                );
                return `${firstPort + index} inet n - n - - smtpd\n  -o syslog_name=p${firstPort + index}\n${settings.join("")}`;
            });
            on(hub, `cat >>/etc/postfix/master.cf <<'END'\n${services.join("")}END\npostfix reload`);
        });
        after(() => {
            on(hub, "mv /root/master.cf /etc/postfix/master.cf && postfix reload");
            assert.equal(configuration(hub), stood);
        });

        test("the judge's verdict is what a stranger hears", async () => {
            const wrong: string[] = [];
            const counts = { open: 0, closed: 0, broken: 0 };
            const heardAt = await answers(hub);
            for (const [index, { title, outcome: told }] of relayLists.entries()) {
                const port = firstPort + index;
                const outcome = judged(hub, port);
                assert.equal(outcome, told, title);
                const heard = heardAt.get(port) ?? assert.fail(title);
                counts[heard]++;
                if (heard !== outcome) wrong.push(`${title}: judged ${outcome}, a stranger hears ${heard}`);
            }
            assert.deepEqual(wrong, []);
            assert.ok(Object.values(counts).every((count) => count >= 2) && relayLists.length >= 25);
        });

        test("so does swaks, also where every domain is taken for the hub's own", () => {
            const at = (title: string) => firstPort + relayLists.findIndex((known) => known.title === title);
            const ask = (port: number) =>
                tryOn(
                    "impostor",
                    `swaks --server ${labHost(hub).ip}:${port} --from a@example.org --to v@example.net --quit-after RCPT`,
                ).code;
            assert.equal(ask(at("networks as wide as the world")), 0);
            assert.notEqual(ask(firstPort), 0);
            // trivial-rewrite(8) reads it, and for all services alike.
            on(
                hub,
                "cp -p /etc/postfix/main.cf /root/main.cf && postconf -e relay_domains=static:all && postfix reload",
            );
            try {
                assert.equal(judged(hub, firstPort), "open");
                assert.equal(ask(firstPort), 0);
            } finally {
                on(hub, "mv /root/main.cf /etc/postfix/main.cf && postfix reload");
            }
        });
    });
}

/** What the judge makes of a service, from the host's files as they are. */
function judged(hub: string, port: number): string {
    const { settings } = parseMainCf(readOn(hub, "/etc/postfix/main.cf"));
    const { services } = parseMasterCf(readOn(hub, "/etc/postfix/master.cf"));
    const builtIn = Object.fromEntries(
        parseMainCf(on(hub, "postconf -d -x")).settings.map(({ name, value }) => [name, value]),
    );
    const service = services.find((candidate) => candidate.service === String(port));
    assert.ok(service);
    return relayVerdict(lookupOf(service, settings, builtIn)).outcome;
}
