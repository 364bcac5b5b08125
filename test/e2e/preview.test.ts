import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { configuration, connection, lab, labHost, on, operatorKey } from "./lab";
import { Stack } from "./stack";

type Settings = Record<string, string>;

const stack = new Stack("preview");
const hosts = ["hub", "laptop1", "laptop2"];
const untouched = new Map<string, string>();
const hubSettings = { message_size_limit: "20480000" };
/** What the lab's Debian and its admin have set on laptop1, as `postconf -n` tells it. */
let foreign: Map<string, string>;

/** One try: a laptop that is away must not cost the test a minute. */
const hasty = { dialErrorLimit: 1, perDialTimeout: 2 };

async function configure(changed: { hub?: Settings; laptop1?: Settings; laptop2?: Settings } = {}) {
    const laptop = { takeOver: ["relayhost"] };
    await stack.config(
        {
            smartHost: {
                hostname: labHost("hub").fqdn,
                connection: connection("hub"),
                settings: { ...hubSettings, ...changed.hub },
            },
            laptops: {
                laptop1: { ...laptop, connection: connection("laptop1"), settings: changed.laptop1 ?? {} },
                laptop2: {
                    ...laptop,
                    connection: { ...connection("laptop2"), ...hasty },
                    settings: changed.laptop2 ?? {},
                },
            },
        },
        { 'privateKeys["*"]': operatorKey() },
    );
}

const state = () => hosts.map((host) => configuration(host));

/** Runs `preview --diff`, which must succeed and leave every host alone. */
async function previewed(...more: string[]): Promise<string> {
    const stood = state();
    const { code, out } = await stack.preview("--diff", ...more);
    assert.equal(code, 0, out);
    assert.deepEqual(state(), stood);
    return out;
}

/** The lines in which a preview says what stands on a host, the first of them with version and action. */
function told(out: string): { action: string; changes: string[] }[] {
    return [
        ...out.matchAll(/^Postfix \S+ on the host, \d+ changes? \((.*)\):\n((?: {2}[-+~] ma\w+\.cf.*\n)*)/gm),
    ].map(([, action = "", changes = ""]) => ({
        action,
        changes: changes
            .split("\n")
            .filter(Boolean)
            .map((line) => line.trim()),
    }));
}

/** Resources of the provider that the property tree wants changed. */
const updates = (out: string) =>
    [...out.matchAll(/~ postfix:index:Host: \(update\)\n.*\n.*::(\S+)\]/g)].map(([, name]) => name);

const explicit = (host: string) =>
    new Map(
        on(host, "postconf -n")
            .split("\n")
            .filter(Boolean)
            .map((line): [string, string] => {
                const [name = "", ...value] = line.split(" =");
                return [name, value.join(" =").trim()];
            }),
    );

before(async () => {
    on("laptop1", "sed -i 's/^relayhost =.*/relayhost = [smtp.isp.example]/' /etc/postfix/main.cf");
    for (const host of hosts) untouched.set(host, configuration(host));
    foreign = explicit("laptop1");
    await configure();
});

after(() => {
    on("laptop1", "sed -i 's/^relayhost =.*/relayhost = /' /etc/postfix/main.cf");
    stack.remove();
});

let promised: string[] = [];

test("before the first up, preview leaves pins open and says of each line on the host who set it", async () => {
    const out = await previewed();
    assert.match(out, /smtp_tls_fingerprint_cert_match: \[unknown\]/);
    assert.match(out, /relayhost +: "\[mailhub\.example\.com\]:587"/);
    const laptop1 = told(out).find(({ changes }) =>
        changes.some((line) => line.includes("[smtp.isp.example]")),
    );
    assert.ok(laptop1, out);
    const { action, changes } = laptop1;
    assert.match(action, /^restart: Postfix reads inet_interfaces only when it starts$/);
    const line = (start: string) =>
        changes.find((change) => change.replace(/^. main\.cf:\d+/, "~ main.cf").startsWith(start));
    assert.match(
        line("~ main.cf relayhost:") ?? "",
        /^~ main\.cf:\d+ relayhost: "\[smtp\.isp\.example\]" => "\[mailhub\.example\.com\]:587" \(set by: admin\)$/,
    );
    assert.match(
        line("~ main.cf inet_interfaces:") ?? "",
        /^~ main\.cf:\d+ inet_interfaces: "all" => "loopback-only" \(set by: distribution\)$/,
    );
    assert.equal(
        line("+ main.cf smtp_tls_fingerprint_cert_match:"),
        '+ main.cf smtp_tls_fingerprint_cert_match: "(known after up)"',
    );
    for (const change of changes) assert.match(change, /^\+|\(set by: (distribution|admin)\)$/);
    // Nothing on a host is spoken of in words of ours that mean nothing there.
    assert.doesNotMatch(
        told(out)
            .flatMap((host) => host.changes)
            .join("\n"),
        /@\{/,
    );
    const [main, master] = [true, false].map((wanted) =>
        changes.filter((change) => change.includes(" main.cf") === wanted),
    );
    // Outbound mail leaves Debian's chroot.
    for (const change of master ?? [])
        assert.match(change, /^~ master\.cf:\d+ (smtp|relay)\/unix (chroot|-o syslog_name): /);
    promised = (main ?? []).map((change) => /^. main\.cf(?::\d+)? (\S+):/.exec(change)?.[1] ?? change).sort();
});

test("up changes the lines that the preview has named, and no other", async () => {
    const { code, out } = await stack.up();
    assert.equal(code, 0, out);
    const now = explicit("laptop1");
    const changed = [...new Set([...foreign.keys(), ...now.keys()])].filter(
        (name) => foreign.get(name) !== now.get(name),
    );
    assert.deepEqual(promised, changed.sort());
});

test("one changed setting is one changed Host, one line with old and new value, and a reload", async () => {
    await configure({ hub: { message_size_limit: "52428800" } });
    const out = await previewed();
    assert.deepEqual(updates(out), ["hub"], out);
    const [hub, ...others] = told(out);
    assert.deepEqual(others, []);
    assert.equal(hub?.action, "reload");
    assert.equal(hub?.changes.length, 1, out);
    const said =
        /^~ main\.cf:(\d+) message_size_limit: "20480000" => "52428800" \(set by: hub-[0-9a-f]{8}\)$/;
    const [, number] = said.exec(hub?.changes[0] ?? "") ?? [];
    assert.ok(number, out);
    assert.equal(on("hub", `sed -n ${number}p /etc/postfix/main.cf`), "message_size_limit = 20480000\n");
    // In the tree too, where the component names it once and its Host once.
    const arrows = out.split("\n").filter((line) => line.includes(" => "));
    assert.deepEqual(
        arrows.filter((line) => !/message_size_limit *: "20480000" => "52428800"/.test(line)),
        [],
    );
    assert.equal(arrows.length, 3, out);
    assert.doesNotMatch(out, /restart/);
});

test("a change of what Postfix listens on says restart", async () => {
    await configure({ laptop1: { inet_protocols: "ipv4" } });
    const out = await previewed();
    assert.deepEqual(updates(out), ["laptop1"], out);
    const [laptop] = told(out);
    assert.match(laptop?.action ?? "", /^restart: /);
    assert.equal(laptop?.changes.length, 1, out);
    assert.match(
        laptop?.changes[0] ?? "",
        /^~ main\.cf:\d+ inet_protocols: "all" => "ipv4" \(set by: distribution\)$/,
    );
});

test("a line that an admin edited inside our block shows beside what the program changes", async () => {
    const edit = (from: string, to: string) =>
        on(
            "laptop1",
            `sed -i 's/^smtp_tls_mandatory_ciphers = ${from}/smtp_tls_mandatory_ciphers = ${to}/' /etc/postfix/main.cf`,
        );
    edit("high", "medium");
    try {
        await configure({ laptop1: { message_size_limit: "52428800" } });
        const [laptop] = told(await previewed());
        assert.equal(laptop?.changes.length, 2, laptop?.changes.join("\n"));
        assert.match(
            laptop?.changes[0] ?? "",
            /smtp_tls_mandatory_ciphers: "medium" => "high" \(set by: laptop1-[0-9a-f]{8}\)$/,
        );
        // With nothing changed in the program, only a look at the host tells.
        await configure();
        const out = await previewed("--refresh");
        assert.deepEqual(updates(out), ["laptop1"], out);
        assert.match(out, /~ smtp_tls_mandatory_ciphers: "medium" => "high"/);
    } finally {
        edit("medium", "high");
    }
});

for (const [how, away, back] of [
    ["without a cable", "unplug", "plug"],
    ["switched off", "stop", "start"],
] as const) {
    test(`a laptop ${how} is a warning, and preview goes on`, async () => {
        await configure({
            hub: { message_size_limit: "52428800" },
            laptop2: { message_size_limit: "52428800" },
        });
        lab(away, "laptop2");
        try {
            const { code, out } = await stack.preview("--diff");
            assert.equal(code, 0, out);
            assert.match(out, /warning: root@10\.77\.1\.2:22: .*cannot say what stands there/);
            assert.deepEqual(updates(out).sort(), ["hub", "laptop2"], out);
            assert.equal(told(out).length, 1, out);
        } finally {
            lab(back, "laptop2");
        }
    });
}

test("destroy gives every host back, the admin's line too", async () => {
    await configure();
    const { code, out } = await stack.destroy();
    assert.equal(code, 0, out);
    for (const host of hosts) assert.equal(configuration(host), untouched.get(host), host);
});
