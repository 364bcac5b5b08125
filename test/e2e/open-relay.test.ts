import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { relayVerdict } from "../../postfix/judge/open-relay";
import { lookupOf } from "../../postfix/judge/relaying";
import { parseMainCf } from "../../postfix/main-cf";
import { parseMasterCf } from "../../postfix/master-cf";
import { configuration, eventually, labHost, on, readOn, tryOn } from "./lab";
import { addReleases, releases } from "./releases";

type Options = Record<string, string>;

const ends = "reject_unauth_destination";
const relay = (value: string, more: Options = {}): Options => ({ smtpd_relay_restrictions: value, ...more });
/** What a service says of relaying, and as whom the stranger then comes. */
const configurations: [title: string, options: Options, sender?: string][] = [
    ["the distribution's own", {}],
    ["a reject", relay("reject")],
    ["a plain defer", relay("permit_mynetworks, defer")],
    ["a permit", relay(`permit, ${ends}`)],
    ["a permit behind the refusal", relay(`${ends}, permit`)],
    ["nothing that refuses", relay("permit_mynetworks permit_sasl_authenticated")],
    ["nothing at all", relay("")],
    [
        "an old list for recipients only",
        relay("", { smtpd_recipient_restrictions: `permit_mynetworks ${ends}` }),
    ],
    ["an old list that lets everybody in", relay("", { smtpd_recipient_restrictions: `permit, ${ends}` })],
    [
        "a refusal of recipients behind a permit",
        relay(`permit, ${ends}`, { smtpd_recipient_restrictions: "reject" }),
    ],
    [
        "a refusal of clients behind a permit",
        relay(`permit, ${ends}`, { smtpd_client_restrictions: "permit_mynetworks, reject" }),
    ],
    [
        "a refusal of senders behind a permit",
        relay(`permit, ${ends}`, { smtpd_sender_restrictions: "defer" }),
    ],
    ["a refusal that only warns", relay(`warn_if_reject ${ends}, permit`)],
    ["a refusal if it would be permitted", relay("defer_if_permit, permit")],
    [
        "networks as wide as the world",
        relay(`permit_mynetworks, ${ends}`, { mynetworks: "127.0.0.0/8 0.0.0.0/0" }),
    ],
    ["half of the world", relay(`permit_mynetworks, ${ends}`, { mynetworks: "0.0.0.0/1" })],
    ["a table of all networks", relay(`permit_mynetworks, ${ends}`, { mynetworks: "static:all" })],
    [
        "networks by another name",
        relay(`permit_mynetworks, ${ends}`, { mynetworks: "$debug_peer_list", debug_peer_list: "0.0.0.0/0" }),
    ],
    [
        "a list by another name",
        relay("$smtpd_etrn_restrictions", { smtpd_etrn_restrictions: `permit, ${ends}` }),
    ],
    [
        "a list by another name that refuses",
        relay("$smtpd_etrn_restrictions $smtpd_etrn_restrictions reject", { smtpd_etrn_restrictions: ends }),
    ],
    ["a condition that holds", relay("${mynetworks?permit,} reject")],
    ["a condition that does not", relay("${content_filter?permit,} reject")],
    [
        "a class that lets everybody in",
        relay(`mine, ${ends}`, { smtpd_restriction_classes: "mine", mine: "permit" }),
    ],
    [
        "a class that refuses",
        relay(`mine, permit, ${ends}`, { smtpd_restriction_classes: "mine", mine: "reject" }),
    ],
    [
        "a class that says nothing",
        relay(`mine, ${ends}`, { smtpd_restriction_classes: "mine", mine: "permit_sasl_authenticated" }),
    ],
    ["a table that lets everybody in", relay(`check_client_access static:OK, ${ends}`)],
    ["a table that lets nobody in", relay(`check_client_access static:REJECT, permit, ${ends}`)],
    [
        "a table of who says the right word",
        relay(`check_sender_access inline:{friend@example.org=OK}, ${ends}`),
        "friend@example.org",
    ],
    [
        "a table of who says the right greeting",
        relay(`check_helo_access inline:{stranger.example.org=OK}, ${ends}`),
    ],
    [
        "a table of who is refused",
        relay(`check_sender_access inline:{friend@example.org=REJECT}, ${ends}`),
        "friend@example.org",
    ],
    [
        "a permit for whom the other list still asks",
        relay("permit", { smtpd_recipient_restrictions: `permit_mynetworks, ${ends}` }),
    ],
    [
        "a permit beside a list that refuses others",
        relay("permit", {
            smtpd_recipient_restrictions: `check_helo_access inline:{stranger.example.org=OK}, ${ends}`,
        }),
    ],
    [
        "a class that refuses before a permit",
        relay("mine, permit", {
            smtpd_restriction_classes: "mine",
            mine: "warn_if_reject reject, permit_mynetworks, reject",
        }),
    ],
    ["what is its own is permitted, nothing else", relay("permit_auth_destination, reject")],
    [
        "clients with certificates and passwords",
        relay(`permit_tls_clientcerts, permit_sasl_authenticated, ${ends}`),
    ],
    [
        "blocklists before the refusal",
        relay(`reject_non_fqdn_recipient, reject_unknown_recipient_domain, ${ends}`),
    ],
];

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
    const asked = configurations.map(async ([, , sender], index) => {
        const port = firstPort + index;
        const heard = await askAsStranger(ip, port, sender ?? "stranger@example.org", stop.signal);
        if (heard) found.set(port, heard);
    });
    await eventually("each service answers or ends", () => {
        for (const [, port] of readOn(hub, "/var/log/mail.log").matchAll(/ p(\d+)\/smtpd\[\d+\]: fatal:/g))
            found.set(Number(port), "broken");
        return found.size === configurations.length;
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
            const services = configurations.map(([, options], index) => {
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
            for (const [index, [title]] of configurations.entries()) {
                const port = firstPort + index;
                const outcome = judged(hub, port);
                const heard = heardAt.get(port) ?? assert.fail(title);
                counts[heard]++;
                if (heard !== outcome) wrong.push(`${title}: judged ${outcome}, a stranger hears ${heard}`);
            }
            assert.deepEqual(wrong, []);
            assert.ok(Object.values(counts).every((count) => count >= 2) && configurations.length >= 25);
        });

        test("so does swaks, also where every domain is taken for the hub's own", () => {
            const at = (title: string) => firstPort + configurations.findIndex(([known]) => known === title);
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
