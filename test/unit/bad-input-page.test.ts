import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Problems } from "../../postfix/problems";
import { validateHostSettings } from "../../postfix/validate/host-settings";
import { validateStackConfig } from "../../postfix/validate/stack-config";
import { authority, signedBy } from "../certificates";
import { hostKey, pin } from "./validate-helpers";

const repo = join(__dirname, "..", "..");
const page = readFileSync(join(repo, "docs", "bad-input.md"), "utf8");

interface Row {
    what: string;
    messages: string[];
    tests: { file: string; name: string }[];
}

/** The rows of one section's table. */
function rows(heading: string): Row[] {
    const section = page.split(/^## /m).find((text) => text.startsWith(heading)) ?? "";
    const lines = section.split("\n").filter((line) => line.startsWith("| "));
    return lines.slice(2).map((line) => {
        const [what = "", messages = "", tests = "", ...more] = line.slice(2, -2).split(" | ");
        assert.deepEqual(more, [], line);
        return {
            what: what.trim(),
            messages: [...messages.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text),
            tests: [...tests.matchAll(/`(test\/[^`]+)`: "([^"]+)"/g)].map(([, file = "", name = ""]) => ({
                file,
                name,
            })),
        };
    });
}

const inConfig = rows("Found in the config");
const onHost = rows("Found on the host");

/** A message of the page as a pattern: `...` stands for whatever is left out. */
const pattern = (message: string): string =>
    message
        .split("...")
        .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
        .join("[^]*");

/** The strings of a test as they are at run time: pieces put together, escapes and values resolved. */
const stringsOf = (file: string): string =>
    readFileSync(join(repo, file), "utf8")
        .replace(/["'`] \+\s*["'`]/g, "")
        .replace(/\\(.)/g, "$1");

/** Everything that the page says is wrong in a config, at once. */
function problems(): string[] {
    const found = new Problems();
    const at = (host: string, more = {}) => ({ host, hostKey, ...more });
    const smartHost = {
        hostname: "mail hub",
        connection: { host: "192.0.2.25", hostKey: "ssh-ed25519" },
        certificates: [{ ...pair(), privateKey: pair().privateKey }],
        certificateFiles: [{ keyFile: "privkey.pem", certificateFile: "/etc/ssl/mail.pem" }],
        implicitTlsPort: 587,
        publicPort: "mxx",
        outboundPolicy: { "example.org": "encypt" },
        sasl: { type: "dovecot", users: { alice: "x" } },
        tlsLogLevel: 5,
        settings: {
            header_size_limit: "1\n2",
            smtpd_tls_loglevel: "4",
            smtp_generic_maps: "@{genric}",
            smtp_sasl_password_maps: "inline:{ isp=user:x }",
        },
        services: { "submission/inet": { command: "smtpd" } },
        tables: { generic: { entries: {} }, identity: { entries: {} } },
    };
    const link = { version: 1, hostname: "b.example", port: 587, pins: [pin("AA")], digest: "sha256" };
    const laptops = [
        { name: "alice", hostname: "a\nb", connection: { host: "192.0.2.101" } },
        { name: "alice", hostname: "$(reboot)", connection: at("192.0.2.102", { port: "25" }) },
        {
            name: "carol",
            connection: at("192.0.2.103"),
            signedBy: leaf(),
            queueLifetime: "14",
            rootMail: "admin",
        },
        {
            name: "dave",
            connection: at("192.0.2.25"),
            settings: { transport_maps: "hash:/x" },
            services: {
                "slow/unix": { command: "smtp", options: { smtp_tls_security_level: "may" } },
            },
        },
        {
            name: "erin",
            connection: at("192.0.2.104"),
            security: "may",
            fallbackSmartHosts: [link, link],
            senderRelays: { "work.example": link },
            transports: { "work.example": { ...link, pins: [pin("BB")] } },
        },
        { name: "frank", connection: at("192.0.2.105"), security: "secure", fallbackSmartHosts: [link] },
        {
            name: "grace",
            connection: at("192.0.2.106"),
            senders: [],
            fallbackSmartHosts: [link],
            implicitTls: true,
            sasl: { username: "a b", password: "x\n" },
        },
        { name: "heidi", connection: at("192.0.2.107"), senders: ["example.com"] },
        { name: "ivan", connection: at("192.0.2.108"), bundle: true, takeOver: ["ivan-1a2b3c4d"] },
    ];
    const privateKeys = { hub: "-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----" };
    validateStackConfig({ smartHost, laptops, privateKeys, laptop: true }, found, () => true);
    const [one, other] = [pair(), pair()];
    const cut = one.privateKey.slice(0, 100);
    const identity = [
        { ...one, privateKey: other.privateKey },
        { ...one, privateKey: cut },
    ];
    const chains = { identity, double: [one, other] };
    validateHostSettings({ owner: "hub", role: "smartHost", main: {}, chains }, found, () => true);
    const service = { command: "smtpd", options: {} };
    const hostile = {
        main: { constructor: "x" },
        services: { "#x/unix": service, "hand/unix": { ...service, command: "smtpd {" } },
        tables: { mine: { entries: { '"a': "b" } } },
        sudo: "no",
        proof: { serves: { port: 587, pins: ["-lnone"] } },
    };
    validateHostSettings({ owner: "hub", role: "smartHost", ...hostile }, found, () => true);
    return found.list.map(({ path, reason }) => `${path}: ${reason}`);
}

/** A key and a certificate that may sign nothing. */
function leaf(): { privateKey: string; certificate: string } {
    return signedBy(authority(), "leaf.example.com");
}

function pair(): { privateKey: string; certificate: string } {
    const folder = mkdtempSync(join(tmpdir(), "bad-input-"));
    const [key, certificate] = [join(folder, "key"), join(folder, "crt")];
    const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x"];
    execFileSync("openssl", ["req", "-x509", ...ec, "-keyout", key, "-out", certificate], {
        stdio: "ignore",
    });
    const made = { privateKey: readFileSync(key, "utf8"), certificate: readFileSync(certificate, "utf8") };
    rmSync(folder, { recursive: true });
    return made;
}

test("each row of the page has a message and a test, and the test is there", () => {
    assert.ok(inConfig.length >= 15 && onHost.length >= 9);
    for (const { what, messages, tests } of [...inConfig, ...onHost]) {
        assert.ok(messages.length > 0 && tests.length > 0, what);
        for (const { file, name } of tests) {
            assert.ok(existsSync(join(repo, file)), `${what}: no file ${file}`);
            const source = readFileSync(join(repo, file), "utf8");
            assert.ok(
                source.includes(`"${name}"`) || source.includes(`\`${name}\``),
                `${what}: ${file} has no ${name}`,
            );
        }
    }
});

test("what is found in a config is told in the words of the page", () => {
    const found = problems();
    for (const message of inConfig.flatMap(({ messages }) => messages)) {
        const whole = new RegExp(`^${pattern(message)}$`);
        assert.ok(
            found.some((problem) => whole.test(problem)),
            `nobody says: ${message}\nbut:\n${found.join("\n")}`,
        );
    }
});

test("what is found on a host is told in the words that its end-to-end test expects", () => {
    for (const { messages, tests } of onHost) {
        const source = stringsOf(tests[0]?.file ?? "");
        for (const message of messages) {
            // Addresses, fingerprints, counts and seconds are those of the lab there.
            const words = message
                .replace(/^\S+@192\.0\.2\.25:22: /, "")
                .replaceAll("SHA256:...", "...")
                .replace(/answer within .* tries in .*$/, "");
            assert.match(source, new RegExp(pattern(words)), `no test expects: ${message}`);
        }
    }
});
