import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { configuration, eventually, lab, litter, mailWith, on, readOn, tryOn } from "./lab";
import { complaintsButOfCaches, endOfLog } from "./mail-log";
import { OwnFleet } from "./own-fleet";
import { addReleases, releases } from "./releases";

const fleet = new OwnFleet("routes");
const second = "hub-second";
const originals = new Map<string, string>();
const hosts = () => ["hub", second, ...releases.map(({ laptop }) => laptop)];

const routes = {
    smartHost: { link: "hub" },
    fallbackSmartHosts: [{ link: second }],
    senderRelays: { "@work.example": { link: second } },
    transports: { "example.net": { link: second } },
};

async function up(...more: string[]): Promise<string> {
    const { code, out } = await fleet.stack.up("--skip-preview", ...more);
    assert.equal(code, 0, out);
    return out;
}

function send(laptop: string, subject: string, { from = "bob@example.com", to = "alice@example.com" } = {}) {
    on(laptop, `printf 'Subject: ${subject}\\n\\n${subject}\\n' | sendmail -f ${from} ${to}`);
}

const queue = (host: string) => on(host, "postqueue -p");
/** What smtp(8) of a laptop said since some mail was handed in. */
const smtpLines = (laptop: string, from: number) =>
    readOn(laptop, "/var/log/mail.log")
        .slice(from)
        .split("\n")
        .filter((line) => /postfix\/smtp\[/.test(line))
        .join("\n");
const logLength = (host: string) => readOn(host, "/var/log/mail.log").length;

before(async () => {
    lab("add", second, "10.77.2.1", "--fqdn", "mailsecond.example.com");
    addReleases();
    for (const host of hosts()) originals.set(host, configuration(host));
    fleet.machines(
        { hub: {}, [second]: {} },
        Object.fromEntries(releases.map(({ laptop }) => [laptop, routes])),
    );
});

after(() => fleet.remove());

/** How long each laptop's log was before it became one. */
const logged = new Map<string, number>();

test("up proves both hubs from each laptop, and a second one changes nothing", async () => {
    for (const { laptop } of releases) logged.set(laptop, endOfLog(laptop));
    const out = await up();
    assert.doesNotMatch(out, /unproven|not proven|could not be reached/);
    for (const { laptop } of releases) {
        assert.equal((await fleet.stack.host(laptop))?.outputs.provenBy, "postfix");
        assert.equal(litter(laptop), "");
    }
    await up("--expect-no-changes");
});

for (const { laptop, postfix, debian } of releases) {
    describe(`a laptop with two hubs, on Postfix ${postfix}`, () => {
        test("has a policy line for each and no match for all", () => {
            assert.equal(on(laptop, "postconf -h smtp_tls_fingerprint_cert_match").trim(), "");
            const table = on(laptop, "postconf -h smtp_tls_policy_maps").trim();
            for (const [host, fqdn] of [
                ["hub", "mailhub.example.com"],
                [second, "mailsecond.example.com"],
            ] as const) {
                const policy = on(laptop, `postmap -q '[${fqdn}]:587' ${table}`).trim();
                const served = on(
                    host,
                    `openssl s_client -starttls smtp -connect 127.0.0.1:587 </dev/null 2>/dev/null |
                        openssl x509 -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 -c`,
                ).replace(/^.*= /, "");
                assert.match(policy, /^fingerprint( match=([0-9A-F]{2}:){31}[0-9A-F]{2}){2}$/);
                assert.ok(policy.includes(`match=${served.trim().toUpperCase()}`), policy);
            }
        });

        test("turns to the first", async () => {
            send(laptop, `first-${debian}`);
            await eventually("the first hub has it", () => mailWith("hub", `first-${debian}`));
        });

        test("has nothing to warn of", () => {
            assert.deepEqual(complaintsButOfCaches(laptop, logged.get(laptop)), []);
        });

        test("takes the sender's hub, and the destination's", async () => {
            send(laptop, `sender-${debian}`, { from: "bob@work.example" });
            await eventually("the sender's hub has it", () => mailWith(second, `sender-${debian}`));
            send(laptop, `destination-${debian}`, { to: "alice@example.net" });
            const mail = await eventually("it is there", () => mailWith("outside", `destination-${debian}`));
            assert.match(mail, /by mailsecond\.example\.com/);
            assert.equal(mailWith("hub", `sender-${debian}`), undefined);
        });
    });
}

describe("an impostor at the first hub's address", () => {
    before(() => lab("takeover", "impostor", "hub"));
    after(() => lab("giveback", "impostor", "hub"));

    for (const { laptop, postfix, debian } of releases) {
        test(`is told nothing, and the mail goes on to the second, on Postfix ${postfix}`, async () => {
            const [said, heard] = [logLength(laptop), logLength("impostor")];
            send(laptop, `passed-over-${debian}`);
            await eventually("the second hub has it", () => mailWith(second, `passed-over-${debian}`));
            assert.match(
                smtpLines(laptop, said),
                /Untrusted TLS connection established to mailhub\.example\.com\[/,
            );
            assert.match(
                smtpLines(laptop, said),
                /Verified TLS connection established to mailsecond\.example/,
            );
            // It came as far as TLS: neither sender nor recipient was named.
            const log = readOn("impostor", "/var/log/mail.log").slice(heard);
            assert.match(log, /connect from/);
            assert.doesNotMatch(log, / client=|NOQUEUE|bob@|alice@/);
            assert.equal(mailWith("impostor", `passed-over-${debian}`, "caught"), undefined);
        });
    }
});

describe("the second hub at the first one's address", () => {
    before(() => lab("takeover", second, "hub"));
    after(() => lab("giveback", second, "hub"));

    for (const { laptop, postfix, debian } of releases) {
        test(`does not pass for it with its own key, on Postfix ${postfix}`, async () => {
            const said = logLength(laptop);
            send(laptop, `own-name-${debian}`);
            await eventually("it comes by its own name", () => mailWith(second, `own-name-${debian}`));
            assert.match(
                smtpLines(laptop, said),
                /Untrusted TLS connection established to mailhub\.example\.com\[/,
            );
            assert.doesNotMatch(smtpLines(laptop, said), /Verified TLS connection established to mailhub\./);
        });
    }
});

describe("the impostor at the second hub's address", () => {
    before(() => lab("takeover", "impostor", second));
    after(() => lab("giveback", "impostor", second));

    for (const { laptop, postfix, debian } of releases) {
        test(`gets no mail of any route, on Postfix ${postfix}`, async () => {
            send(laptop, `by-sender-${debian}`, { from: "bob@work.example" });
            send(laptop, `by-destination-${debian}`, { to: "alice@example.net" });
            await eventually(
                "both wait",
                () => queue(laptop).match(/\(Server certificate not verified\)/g)?.length === 2,
            );
            assert.equal(tryOn("impostor", `grep -q 'by-.*-${debian}' /var/mail/caught`).code === 0, false);
        });
    }
});

test("a first hub that is off does not keep the mail", async () => {
    for (const { laptop } of releases) on(laptop, "postqueue -f");
    for (const { debian } of releases) {
        await eventually("the sender's arrives", () => mailWith(second, `by-sender-${debian}`));
        await eventually("the destination's arrives", () => mailWith("outside", `by-destination-${debian}`));
    }
    lab("unplug", "hub");
    try {
        for (const { laptop, debian } of releases) send(laptop, `hub-off-${debian}`);
        for (const { debian } of releases)
            await eventually("the second hub has it", () => mailWith(second, `hub-off-${debian}`), 60);
    } finally {
        lab("plug", "hub");
    }
});

describe("a change of a laptop that meets, at its second hub,", () => {
    const { laptop = "" } = releases[1] ?? {};
    const withSize = (size: string) =>
        fleet.machines(
            { hub: {}, [second]: {} },
            Object.fromEntries(
                releases.map((release) => [
                    release.laptop,
                    release.laptop === laptop
                        ? { ...routes, settings: { message_size_limit: size } }
                        : routes,
                ]),
            ),
        );
    const target = async () => ["--target", (await fleet.stack.host(laptop))?.urn ?? ""];

    test("nobody is applied, with a warning that names it", async () => {
        withSize("20000000");
        lab("unplug", second);
        try {
            const out = await up(...(await target()));
            assert.match(
                out,
                /mailsecond\.example\.com:587, one of this laptop's further hubs, was not proven/,
            );
            assert.equal((await fleet.stack.host(laptop))?.outputs.provenBy, "postfix");
        } finally {
            lab("plug", second);
        }
    });

    test("a wrong key fails, keeps its pins, and converges once the hub is back", async () => {
        withSize("30000000");
        lab("takeover", "impostor", second);
        try {
            const { code, out } = await fleet.stack.up("--skip-preview", ...(await target()));
            assert.notEqual(code, 0, out);
            assert.match(out, /mailsecond\.example\.com:587 shows another key than the pinned one/);
            assert.match(out, /keeps its pin: no mail goes there/);
            assert.match(readOn(laptop, "/etc/postfix/main.cf"), /^message_size_limit = 30000000$/m);
        } finally {
            lab("giveback", "impostor", second);
        }
        await up();
        assert.equal((await fleet.stack.host(laptop))?.outputs.provenBy, "postfix");
    });
});

test("an edited policy is drift that a refresh names, and up repairs it", async () => {
    const { laptop = "" } = releases[0] ?? {};
    const table = on(laptop, "postconf -h smtp_tls_policy_maps").trim().replace(/^\w+:/, "");
    on(laptop, `sed -i 's/^\\(.mailhub[^ ]*\\) .*/\\1 may/' ${table}`);
    const { code, out } = await fleet.stack.refresh("--diff", "--skip-preview");
    assert.equal(code, 0, out);
    assert.match(out, /"?\[mailhub\.example\.com\]:587"?: "fingerprint .*" => "may"/);
    await up();
    assert.match(
        on(laptop, "cat $(postconf -h smtp_tls_policy_maps | sed s/^.*://)"),
        /^\[mailhub\S+ fingerprint/m,
    );
});

test("destroy leaves all machines as they were", async () => {
    const { code, out } = await fleet.stack.destroy();
    assert.equal(code, 0, out);
    for (const host of hosts()) assert.equal(configuration(host), originals.get(host), host);
});
