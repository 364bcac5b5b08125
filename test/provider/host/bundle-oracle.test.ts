import assert from "node:assert/strict";
import { after, test } from "node:test";
import fc from "fast-check";
import { rangesOf } from "../../../provider/host/bundle/ranges";
import { decodeBytes } from "../../../provider/host/bytes";
import type { HostFacts } from "../../../provider/host/facts";
import type { HostInputs } from "../../../provider/host/inputs";
import { type Plan, planChange, planRemoval } from "../../../provider/host/plan";
import { brokenMasterCfBytes, mainCfBytes, mainCfLine, masterCfBytes } from "../../unit/host-files";
import { runs } from "../../unit/properties";
import { type AwkPlan, AwkPlanner, awks, rangeFor } from "./bundle-awk";
import { factsOf, ids, laptop, pin, stockMain, stockMaster, target } from "./fixtures";

// A bundle plans by awk(1) what the provider plans in TypeScript: the latter says what is right.

const planner = new AwkPlanner();
after(() => planner.remove());

const hub = { hostname: "mailhub.example.com", port: 587, pins: [pin(1), pin(2)] };
const wishes: HostInputs[] = [
    laptop(),
    laptop({ takeOver: ["*"] }),
    laptop({
        takeOver: ["relayhost", "mydestination", "transport_maps"],
        settings: { biff: "yes", x_y: "$u" },
    }),
    laptop({ settings: { message_size_limit: "60000000" } }, { chroot: true }),
    laptop({ exclusive: true }, { security: "encrypt" }),
    laptop({
        takeOver: ["submission/inet"],
        services: {
            "587/inet": {
                command: "smtpd",
                options: { syslog_name: "own", smtpd_client_restrictions: "permit" },
            },
            "127.0.0.1:2525/inet": { command: "smtpd -v", options: {} },
            "smtp/unix": { command: "smtp", options: {}, yields: true, chroot: "n" },
        },
    }),
    laptop({}, { routes: { hubs: [{ ...hub, hostname: "second.example.com" }] } }),
];
const ranges = wishes.map((inputs) => rangesOf(inputs, ids.alice));

const admins = [
    "relayhost = [isp.example.net]",
    "relayhost =",
    "transport_maps = hash:/etc/postfix/transport",
    "default_transport = smtp",
    "default_transport = uucp",
    "mailbox_transport = lmtp:unix:private/dovecot",
    "mailbox_transport = lmtp:inet:127.0.0.1:24",
    "content_filter = smtp-amavis:[127.0.0.1]:10024",
    "address_verify_relayhost = $relayhost",
    "address_verify_transport_maps =",
    "smtp_tls_policy_maps = hash:/etc/postfix/policy",
    "smtp_tls_cert_file = /etc/ssl/own.pem",
    "smtp_tls_session_cache_database = btree:${data_directory}/smtp_scache",
    "smtp_tls_session_cache_database = btree:${spool_directory}/smtp_scache",
    "smtpd_tls_session_cache_database = btree:$spool_directory/smtpd_scache",
    "spool_directory = /var/x",
    "mydestination = $myhostname, alice, localhost.localdomain, localhost",
    "mydestination = $myhostname, example.org",
    "mydestination =",
    "myorigin = alice.home",
    "mynetworks = 192.0.2.0/24",
    "mynetworks = 127.0.0.0/8\n  [::ffff:127.0.0.0]/104\n# in between\n\t[::1]/128",
    "inet_protocols = ipv4",
    "inet_protocols = all",
    "inet_interfaces = 192.0.2.1",
    "message_size_limit = 70000000",
    "mailbox_size_limit = 1000",
    "virtual_mailbox_domains = x.example",
    "tls_required_enable = yes",
    "biff = no",
    "smtp_tls_loglevel=1",
];
const adminServices = [
    "587 inet n - n - - smtpd -o smtpd_tls_security_level=encrypt",
    "submission inet n - y - - smtpd",
    "127.0.0.1:587 inet n - y - - smtpd",
    "[::1]:submission inet n - - - - smtpd\n  -o { smtpd_client_restrictions = permit, reject }",
    "smtp inet n - y - - smtpd -o content_filter=x:y",
    "smtp unix - - n - - smtp -o smtp_tls_security_level=none",
    "smtp unix - - n - - smtp\n  -o { smtp_tls_policy_maps = }\n  -o smtp_tls_loglevel=2",
    "relay unix - - n - - smtp -o smtp_fallback_relay=",
    "relay unix - - y - - lmtp",
    "slow unix - - n - - smtp -vo smtp_tls_mandatory_ciphers=medium",
    "slow unix - - n - - /usr/lib/postfix/sbin/smtp -o smtp_tls_CAfile={x",
    "rewrite unix - - y - - trivial-rewrite -o relayhost=[other]",
    "x unix - n n - - pipe flags=R user=x argv=/bin/x -o relayhost=y",
    "127.0.0.1:2525 inet n - y - - smtpd",
    "2525 inet n - y - 5 postscreen",
];

const someOf = (all: string[]) =>
    fc.subarray(all, { maxLength: 4 }).map((lines) => lines.map((line) => `${line}\n`));
const cut = (text: string, last: boolean) => (last ? text : text.replace(/\n$/, ""));
const mainText = fc.oneof(
    mainCfBytes.map(decodeBytes),
    fc
        .tuple(fc.boolean(), someOf(admins), fc.array(mainCfLine, { maxLength: 2 }), fc.boolean())
        .map(([stock, lines, odd, last]) =>
            cut([stock ? stockMain : "", ...lines, ...odd.map((line) => `${line}\n`)].join(""), last),
        ),
);
const masterText = fc.oneof(
    masterCfBytes.map(decodeBytes),
    brokenMasterCfBytes.map(decodeBytes),
    fc
        .tuple(fc.boolean(), someOf(adminServices), fc.boolean())
        .map(([stock, lines, last]) => cut([stock ? stockMaster : "", ...lines].join(""), last)),
);
const host = fc.record({
    version: fc.constantFrom(
        "3.5.6",
        "3.5.25",
        "3.7.5",
        "3.7.11",
        "3.8.4",
        "3.9.1",
        "3.10.5",
        "3.11.0",
        "3.12-20270101",
    ),
    mapTypes: fc.constantFrom<string[][]>(
        ["hash", "btree"],
        ["lmdb", "hash"],
        ["btree", "lmdb"],
        ["texthash"],
    ),
    running: fc.boolean(),
    ipv6: fc.boolean(),
    hostname: fc.constantFrom("alice", "mailhub"),
    fqdn: fc.constantFrom("alice.example.com", "mailhub.example.com", "alice"),
});

/** Which lines of the host are refused, and what else an awk program says of its two files. */
function refusals(texts: string[]): string[] {
    const lines = texts.flatMap((text) => {
        const [, line, what] = /^((?:main|master)\.cf line \d+) of the host,? (".*")?/.exec(text) ?? [];
        // Of several lines that are alike the provider names the first.
        return (text.includes("takeOver does not cover it") ? what : line) ?? [];
    });
    const sizes = texts.filter((text) => text.startsWith("message_size_limit would be"));
    return [...new Set(lines)].sort().concat(sizes.map((text) => / with which (\w+)/.exec(text)?.[1] ?? ""));
}

const reasons = (plan: Plan): string[] => plan.problems.map(({ reason }) => reason);

/** What the provider refuses too, though it looks elsewhere; or what a bundle leaves alone. */
const isUnjudged = (text: string) => text.includes("which a bundle cannot judge");
const isLoop = (text: string) => /this machine itself|is myhostname/.test(text);
const isMark = (text: string) =>
    /mend (?:that|it|one)|continues the last line|take one of them out/.test(text);

function compare(awk: string[], awkPlan: AwkPlan, plan: Plan): void {
    const name = awk.join(" ");
    const problems = awkPlan.problems.filter((text) => !isUnjudged(text) && !isLoop(text));
    assert.deepEqual(refusals(problems), refusals(reasons(plan)), name);
    if (reasons(plan).some(isLoop)) assert.ok(awkPlan.problems.some(isLoop), `${name}: a loop`);
    assert.equal(awkPlan.mainCf, plan.mainCf, name);
    assert.equal(awkPlan.masterCf, plan.masterCf, name);
    const said = (kind: string) => awkPlan.said.filter(([word]) => word === kind).map(([, text]) => text);
    const ports = (kind: string) => [...new Set(said(kind))].sort();
    const texts = (numbers: number[]) => numbers.map(String).sort();
    assert.equal(said("action")[0], plan.action, name);
    assert.deepEqual(ports("ownport"), texts(plan.ownPorts), name);
    assert.deepEqual(ports("otherport"), texts(plan.otherPorts), name);
    assert.deepEqual(ports("wrappedport"), texts(plan.wrappedPorts), name);
}

let turn = 0;
/** One after the other: a process costs more than all that it does here. */
const nextAwk = (): string[] => awks[turn++ % awks.length] ?? ["awk"];

interface Seen {
    cases: number;
    refused: number;
    marks: number;
}

function both(wish: number, facts: HostFacts, generation: string, seen: Seen): Plan | undefined {
    const inputs = wishes[wish] ?? laptop();
    const plan = planChange(inputs, facts, target(ids.alice, generation));
    const range = rangeFor(ranges[wish] ?? [], facts.version);
    assert.ok(range);
    const awk = nextAwk();
    const made = planner.run(awk, "apply", facts, target(ids.alice, generation), inputs, range);
    // Somebody else's marks: the provider warns, a bundle refuses.
    if (made.problems.some(isMark)) {
        seen.marks++;
        return undefined;
    }
    compare(awk, made, plan);
    seen.cases++;
    if (made.problems.length > 0) seen.refused++;
    return plan;
}

function bothRemove(facts: HostFacts): Plan {
    const plan = planRemoval(ids.alice.owner, facts);
    for (const awk of awks)
        compare(awk, planner.run(awk, "remove", facts, target(ids.alice, "none"), laptop()), plan);
    return plan;
}

const wish = fc.nat(wishes.length - 1);
const generations = ["0123456789abcdef", "fedcba9876543210"] as const;

test("there are awks to ask", () => assert.ok(awks.length >= 1));

test("a change, another one behind somebody's edits, and the way back: byte for byte what the provider makes", () => {
    const seen: Seen = { cases: 0, refused: 0, marks: 0 };
    fc.assert(
        fc.property(
            fc.tuple(mainText, masterText),
            host,
            fc.tuple(wish, wish),
            fc.tuple(someOf(admins), someOf(adminServices), fc.boolean()),
            ([mainCf, masterCf], known, [first, second], [mainEdits, masterEdits, last]) => {
                const facts = factsOf({ ...known, mainCf, masterCf });
                bothRemove(facts);
                const one = both(first, facts, generations[0], seen);
                if (!one) return;
                const ended = (text: string) => (text === "" || text.endsWith("\n") ? text : `${text}\n`);
                const edited = {
                    mainCf:
                        mainEdits.length > 0 ? cut(ended(one.mainCf) + mainEdits.join(""), last) : one.mainCf,
                    masterCf:
                        masterEdits.length > 0
                            ? cut(ended(one.masterCf) + masterEdits.join(""), last)
                            : one.masterCf,
                };
                const two = both(second, factsOf({ ...known, ...edited }), generations[1], seen);
                if (!two) return;
                bothRemove(factsOf({ ...known, mainCf: two.mainCf, masterCf: two.masterCf }));
                const back = bothRemove(factsOf({ ...known, mainCf: one.mainCf, masterCf: one.masterCf }));
                assert.deepEqual([back.mainCf, back.masterCf], [mainCf, masterCf]);
            },
        ),
        runs(150),
    );
    assert.ok(seen.cases > 200 && seen.refused > 50, JSON.stringify(seen));
});
