import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { after, test } from "node:test";
import { configuration, eventually, labHost, on, operatorKey, readOn, tryOn } from "./lab";
import { OwnProgram } from "./own-program";
import { type CliResult, Stack } from "./stack";

const hosts = ["hub", "laptop1", "laptop2", "laptop3"];
const authLogs = () => hosts.map((host) => readOn(host, "/var/log/auth.log"));

const connection = (name: string, more: Record<string, unknown> = {}) => {
    const { ip, hostKey } = labHost(name);
    return { host: ip, user: "root", hostKey, ...more };
};
const hubAt = (more: Record<string, unknown> = {}, args: Record<string, unknown> = {}) => ({
    smartHost: { hostname: labHost("hub").fqdn, connection: connection("hub", more), ...args },
});

const stack = new Stack("bad-input");
after(async () => {
    // A test that failed in the middle may have left something on the hub.
    await stack.destroy();
    stack.remove();
});

async function up(config: Record<string, unknown>, key = operatorKey()): Promise<CliResult> {
    await stack.config(config, { 'privateKeys["*"]': key });
    return stack.up();
}

/** What the CLI shows at one resource in the end, whole, without the words of the engine before it. */
function told(out: string, resource: string): string {
    const diagnostics = out.slice(out.lastIndexOf("\nDiagnostics:\n"));
    const [, block = ""] = diagnostics.split(`\n  ${resource}:\n`);
    const [text = ""] = block.split(/\n\s*\n/);
    return text.replace(/^ {4}/gm, "").replace(/^error: (Preview failed: )?/, "");
}

/** An `up` that is refused with these very words, all of them, and leaves the host's files as they are. */
async function refused(
    host: string,
    config: Record<string, unknown>,
    words: string[],
    key?: string,
): Promise<void> {
    const before = configuration(host);
    const { code, out } = await up(config, key);
    assert.equal(told(out, `postfix:index:Host (${host})`), words.join("\n"), out);
    assert.notEqual(code, 0, out);
    assert.equal(configuration(host), before);
}

const fingerprintOn = (host: string, file: string): string =>
    on(host, `ssh-keygen -lf ${file}`).split(" ")[1] ?? "";

test("a wrong host key: nobody logs in, both fingerprints are told, and the command to compare works", async () => {
    const file = "/etc/ssh/ssh_host_ed25519_key.pub";
    const [expected, got] = [fingerprintOn("outside", file), fingerprintOn("hub", file)];
    const before = readOn("hub", "/var/log/auth.log");
    await refused("hub", hubAt({ hostKey: labHost("outside").hostKey }), [
        `root@${labHost("hub").ip}:22: wrong host key: expected ${expected} (ssh-ed25519), got ${got} (ssh-ed25519)`,
        "Nothing was sent and no login was tried. Either another machine answers at this address, or this one got a " +
            `new key. Only if \`ssh-keygen -lf ${file}\` on the machine itself prints ${got}: put that file's content ` +
            "into connection.hostKey.",
    ]);
    const seen = await eventually("sshd logs that we hung up", () => {
        const since = readOn("hub", "/var/log/auth.log").slice(before.length);
        return since.includes("[preauth]") && since;
    });
    assert.doesNotMatch(seen, /Accepted|Failed|Invalid user|authenticating/);
});

test("a host out of reach: a warning of the preview, an error of the up, with tries and seconds", async () => {
    const nobody = hubAt({ host: "10.77.0.99", dialErrorLimit: 1, perDialTimeout: 1 });
    const reason =
        /^root@10\.77\.0\.99:22: not reachable: no (answer within 1 s|route to host) \(2 tries in \d(\.\d)? s\)/;
    const hint =
        "Are connection.host and connection.port right, is the machine on, and does its firewall let you in? " +
        'For a machine that may be asleep set onUnreachable: "pending".';
    await stack.config(nobody, { 'privateKeys["*"]': operatorKey() });
    const preview = await stack.preview();
    const [warning = "", ...more] = told(preview.out, "postfix:index:Host (hub)").split("\n");
    assert.match(warning.replace("warning: ", ""), reason);
    assert.match(warning, /: cannot say what stands there$/);
    assert.deepEqual(more, [hint]);
    assert.equal(preview.code, 0);
    const { code, out } = await stack.up("--skip-preview");
    const [error = "", ...rest] = told(out, "postfix:index:Host (hub)").split("\n");
    assert.match(error, reason);
    assert.deepEqual(rest, [hint]);
    assert.notEqual(code, 0);
});

test("a wrong user, a wrong key", async () => {
    const at = labHost("hub").ip;
    const offered = on("hub", "ssh-keygen -lf /etc/ssh/lab_authorized_keys").split(" ")[1];
    await refused("hub", hubAt({ user: "mallory" }), [
        `mallory@${at}:22: login as mallory refused: tried private key ssh-ed25519 ${offered}; the server takes publickey, password`,
        "Is connection.user right, and does that machine know this key (~mallory/.ssh/authorized_keys)?",
    ]);
    const { privateKey } = generateKeyPairSync("ec", {
        namedCurve: "P-256",
        publicKeyEncoding: { type: "spki", format: "pem" },
        privateKeyEncoding: { type: "sec1", format: "pem" },
    });
    const before = configuration("hub");
    const { code, out } = await up(hubAt(), privateKey);
    assert.match(
        told(out, "postfix:index:Host (hub)"),
        /^root@\S+: login as root refused: tried private key ecdsa-sha2-nistp256 SHA256:\S+; the server takes publickey, password\nIs connection\.user right, and does that machine know this key \(~root\/\.ssh\/authorized_keys\)\?$/,
    );
    assert.notEqual(code, 0);
    assert.equal(configuration("hub"), before);
});

test("sudo that wants a password: the rule that the message names lets the next run in", async () => {
    const rule = "nosudo ALL=(root) NOPASSWD: /bin/sh -s";
    const config = hubAt({ user: "nosudo" }, { sudo: true });
    await refused("hub", config, [
        `nosudo@${labHost("hub").ip}:22: sudo wants a password`,
        "  | sudo: a password is required",
        `On that machine write \`${rule}\` into a file of /etc/sudoers.d/, mode 0440 (\`visudo -c\` checks it). ` +
            "Or log in as root and leave sudo out.",
    ]);
    on("hub", `echo '${rule}' >/etc/sudoers.d/nosudo && chmod 0440 /etc/sudoers.d/nosudo && visudo -cq`);
    try {
        const { code, out } = await stack.preview();
        assert.equal(code, 0, out);
        assert.match(told(out, "postfix:index:Host (hub)"), /^Postfix 3\.\S+ on the host, \d+ changes/);
    } finally {
        on("hub", "rm /etc/sudoers.d/nosudo");
    }
});

test("a host without Postfix; with installPackage, as told, the preview waits for it", async () => {
    on("hub", "mv /usr/sbin/postconf /usr/sbin/postconf.away");
    try {
        await refused("hub", hubAt(), [
            `root@${labHost("hub").ip}:22: Postfix is not installed on this host: install it (on Debian: apt-get install ` +
                "postfix), or set installPackage: true",
        ]);
        const laptops = { laptop1: { connection: connection("laptop1") } };
        await stack.config(
            { ...hubAt({}, { installPackage: true }), laptops },
            { 'privateKeys["*"]': operatorKey() },
        );
        const { code, out } = await stack.preview();
        assert.equal(code, 0, out);
        assert.equal(
            told(out, "postfix:index:Host (hub)"),
            "Postfix is not on this host and will be installed (apt-get): what stands there is looked at then",
            out,
        );
        assert.equal(
            told(out, "postfix:index:Host (hub-laptops)"),
            "Postfix is not on this host yet: what stands there is looked at once it is installed",
            out,
        );
    } finally {
        on("hub", "mv /usr/sbin/postconf.away /usr/sbin/postconf");
    }
});

test("a port that another program has", async () => {
    // Not by exec's own session, which would wait for it.
    on(
        "hub",
        "setsid perl -MIO::Socket::INET -e '" +
            "$s = IO::Socket::INET->new(LocalPort => 587, Listen => 1, ReuseAddr => 1) or die; sleep 300' " +
            ">/dev/null 2>&1 </dev/null & echo $! >/tmp/foreign.pid",
    );
    try {
        await eventually(
            "it listens",
            () => tryOn("hub", "grep -q ':024B 00000000:0000 0A' /proc/net/tcp").code === 0,
        );
        const pid = on("hub", "cat /tmp/foreign.pid").trim();
        await refused("hub", hubAt(), [
            `services["587/inet"]: port 587 is taken on this host by perl (process ${pid}): stop it, or choose another port`,
        ]);
        await stack.config(hubAt({}, { port: 2525 }), { 'privateKeys["*"]': operatorKey() });
        const { code, out } = await stack.preview();
        assert.equal(code, 0, out);
    } finally {
        on("hub", "kill $(cat /tmp/foreign.pid); rm /tmp/foreign.pid");
    }
});

test("an admin's own lines, and one on the port: told with their numbers; takeOver as told lets them yield", async () => {
    on("hub", "mkdir /root/kept && cp -p /etc/postfix/main.cf /etc/postfix/master.cf /root/kept");
    try {
        on(
            "hub",
            "printf 'smtpd_tls_loglevel = 2\\nsmtpd_tls_received_header =\\n  no' >>/etc/postfix/main.cf; " +
                "printf '# mine\\nsubmission inet n - y - - smtpd\\n  -o syslog_name=postfix/mine\\n' >>/etc/postfix/master.cf; " +
                "postfix reload",
        );
        const before = configuration("hub");
        const line = (file: string, text: string) =>
            on("hub", `grep -n '^${text}' ${file} | cut -d: -f1`).trim();
        const [level, header] = ["smtpd_tls_loglevel", "smtpd_tls_received_header"].map((name) =>
            line("/etc/postfix/main.cf", name),
        );
        const service = line("/etc/postfix/master.cf", "submission");
        await refused("hub", hubAt(), [
            `main.smtpd_tls_loglevel: main.cf line ${level} of the host, "smtpd_tls_loglevel = 2", is not ours and would ` +
                'become "1": write takeOver: ["smtpd_tls_loglevel"] to allow it (destroy puts the line back), or remove it on the host',
            `main.smtpd_tls_received_header: main.cf line ${header} of the host, "smtpd_tls_received_header = no", is not ` +
                'ours and would become "yes": write takeOver: ["smtpd_tls_received_header"] to allow it (destroy puts the ' +
                "line back), or remove it on the host",
            `services["587/inet"]: master.cf line ${service} of the host already serves port 587 ("submission/inet smtpd"): ` +
                'choose another port, or write takeOver: ["submission/inet"] to comment that line out',
        ]);
        const takeOver = ["smtpd_tls_loglevel", "smtpd_tls_received_header", "submission/inet"];
        const { code, out } = await up(hubAt({}, { takeOver }));
        assert.equal(code, 0, out);
        assert.equal(on("hub", "postconf -h smtpd_tls_loglevel smtpd_tls_received_header"), "1\nyes\n");
        assert.equal(tryOn("hub", "postconf -M submission/inet").out.includes("smtpd"), false);
        const gone = await stack.destroy();
        assert.equal(gone.code, 0, gone.out);
        assert.equal(configuration("hub"), before);
    } finally {
        on("hub", "cp -p /root/kept/* /etc/postfix/ && rm -r /root/kept && postfix reload");
    }
});

test("an -o of a laptop that weakens the pin, whatever takeOver says", async () => {
    on("laptop1", "cp -p /etc/postfix/master.cf /root/master.cf");
    try {
        on("laptop1", "postconf -P smtp/unix/smtp_tls_security_level=may");
        const line = on("laptop1", "grep -n '^smtp .*unix' /etc/postfix/master.cf | cut -d: -f1").trim();
        const hub = configuration("hub");
        for (const takeOver of [[], ["smtp/unix"]]) {
            const laptop1 = { connection: connection("laptop1"), takeOver };
            await refused("laptop1", { ...hubAt(), laptops: { laptop1 } }, [
                `services: master.cf line ${line} of the host, "smtp/unix smtp -o smtp_tls_security_level=may", weakens or ` +
                    "replaces the pin for this service, whatever main.cf says: take -o smtp_tls_security_level out there, " +
                    "takeOver does not cover it",
            ]);
        }
        assert.equal(configuration("hub"), hub, "the preview stops the hub's part too");
    } finally {
        on("laptop1", "cp -p /root/master.cf /etc/postfix/master.cf && rm /root/master.cf");
    }
});

const hostname = "allowed: a host name of letters, digits, hyphens and dots, e.g. mailhub.example.com";
const port = "allowed: a whole number from 1 to 65535, without quotes";
const keyOf = (name: string) =>
    "take the content of /etc/ssh/ssh_host_ed25519_key.pub on that machine (or what `ssh-keyscan -t ed25519 " +
    `${labHost(name).ip}\` prints, run where you trust the network)`;

test("all that is wrong with a config is told in one message, and no host is touched", async () => {
    const before = authLogs();
    const smartHost = {
        hostname: "mail hub",
        port: 99999,
        connection: { host: labHost("hub").ip, hostKey: "ssh-ed25519" },
        settings: { header_size_limit: "1\n2", smtpd_tls_loglevel: "4" },
    };
    const laptops = [
        { name: "alice", hostname: "a\nb", connection: { host: labHost("laptop1").ip } },
        { name: "alice", hostname: "$(reboot)", connection: connection("laptop2", { port: "25" }) },
        { name: "carol", connection: connection("laptop3", { port: 0 }) },
        { name: "dave", connection: connection("hub"), settings: { transport_maps: "hash:/etc/x" } },
    ];
    await stack.config(
        { smartHost, laptops, laptop: true },
        { "privateKeys.hub": "-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----" },
    );
    const { code, out } = await stack.up();
    assert.notEqual(code, 0);
    assert.equal(
        told(out, `pulumi:pulumi:Stack (postfix-stacks-${stack.name})`),
        [
            'The config of stack "bad-input" (postfix-stacks:...) has 15 problems:',
            "  laptop: unknown; is laptops meant?",
            `  smartHost.hostname: given "mail hub" (a string), ${hostname}; it holds a blank`,
            "  privateKeys.hub: malformed: not a whole PEM key (was it cut off when it was copied?)",
            "  smartHost.connection.hostKey: malformed: behind ssh-ed25519 there is no key; a good one looks like " +
                `\`ssh-ed25519 AAAAC3NzaC1lZDI1NTE5...\`: ${keyOf("hub")}`,
            `  smartHost.port: given 99999, ${port}`,
            "  smartHost.settings.header_size_limit: holds a line break, which would start another parameter: " +
                "write the value on one line",
            "  smartHost.settings.smtpd_tls_loglevel: is set by this resource itself, and nothing is set twice: " +
                "leave it out here",
            `  laptops[0].hostname: given "a\\nb" (a string), ${hostname}; it holds a line break`,
            "  laptops[0].connection.hostKey: missing; without it nobody knows whether this is the right machine: " +
                `${keyOf("laptop1")}, or name a known_hosts file in knownHosts`,
            `  laptops[1].hostname: given "$(reboot)" (a string), ${hostname}`,
            `  laptops[1].connection.port: given "25" (a string), ${port}`,
            `  laptops[2].connection.port: given 0, ${port}`,
            "  laptops[3].settings.transport_maps: can send mail past the hub, and a laptop has that one way out " +
                "only; leave it out, and name the hub in transports",
            '  laptops[1].name: given "alice" (a string), which laptops[0] has too: each machine needs its own',
            `  laptops[3].connection.host: given ${labHost("hub").ip}:22, as the hub has, but a machine cannot be its own hub: give ` +
                "the laptop's own, or leave this laptop out",
        ].join("\n"),
        out,
    );
    assert.deepEqual(authLogs(), before);
});

test("a Host used directly: a key of another certificate, PEM that was cut off, a line break; no host is touched", async () => {
    const program = new OwnProgram(connection("hub", { privateKey: operatorKey() }));
    const own = new Stack("bad-host", program.folder);
    try {
        const before = authLogs();
        const { code, out } = await own.up();
        assert.notEqual(code, 0);
        assert.equal(
            told(out, "postfix:index:Host (hub)").replaceAll(
                "postfix:index:Host resource 'hub' has a problem: ",
                "",
            ),
            [
                "main.biff: holds a line break, which main.cf cannot: write the value on one line",
                "error: chains.identity[0].privateKey: does not belong to the certificate: give the key that the " +
                    "certificate was made with",
                "error: chains.identity[1].privateKey: is no private key in PEM (was it cut off when it was copied?)",
            ].join("\n"),
            out,
        );
        assert.ok(program.secretLines().length > 0);
        for (const line of program.secretLines()) assert.ok(!out.includes(line));
        assert.deepEqual(authLogs(), before);
    } finally {
        own.remove();
        program.remove();
    }
});
