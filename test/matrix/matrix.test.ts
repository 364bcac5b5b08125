import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { configuration, eventually, lab, litter, mailWith, on, operatorKey, repo, tryOn } from "../e2e/lab";
import { complains } from "../e2e/mail-log";
import { releases } from "../e2e/releases";
import { Stack } from "../e2e/stack";
import { speaks, swaks, verifies } from "./judges";
import { Before, bootAll, hostname, hosts, pairs, strict } from "./machines";
import { forEveryPair, table } from "./table";

const stack = new Stack("matrix", join(repo, "test", "matrix", "program"));
let earlier: Before;

before(async () => {
    const config = bootAll();
    earlier = new Before();
    await stack.config(config, { privateKey: operatorKey() });
});

after(() => {
    console.log(table());
    stack.remove();
});

/** All laptops send a mail to another domain, for which their hub must relay. */
function sendFromAll(subject: string): void {
    for (const { host } of pairs) {
        const text = `Subject: ${subject} ${host}\\nTLS-Required: no\\n\\n${host}\\n`;
        on(host, `printf '${text}' | sendmail -f bob@example.com alice@example.net`);
    }
}

/** The laptops of which something comes true; waits for all of them, but not for ever. */
async function laptopsWhere(isSo: (host: string) => boolean): Promise<Set<string>> {
    const found = new Set<string>();
    const look = () => {
        for (const { host } of pairs) if (!found.has(host) && isSo(host)) found.add(host);
        return found.size === pairs.length;
    };
    await eventually("all laptops", look, 60).catch(() => {});
    return found;
}

const arrived = (subject: string, host: string) => mailWith("outside", `${subject} ${host}`);
const hasLogged = (text: string) => (host: string) => earlier.log(host).includes(text);

test("one up makes four hubs and sixteen laptops, each proven by its own Postfix", async () => {
    const { code, out } = await stack.up("--skip-preview");
    assert.equal(code, 0, out);
    assert.doesNotMatch(out, /unproven|not proven|could not be reached/);
    const { out: state } = await stack.exportState();
    await forEveryPair("up", ({ host }) => {
        assert.match(state, new RegExp(`postfix:index:Host::${host}"`));
        assert.match(earlier.log(host), /Verified TLS connection established to mailhub-/);
    });
});

test("a mail of each laptop is verified by the laptop, relayed for its certificate, and arrives", async () => {
    sendFromAll("first");
    await laptopsWhere((host) => arrived("first", host) !== undefined);
    await forEveryPair("mail", ({ host, hub }) => {
        const mail = arrived("first", host) ?? "";
        assert.match(mail, new RegExp(`by ${hostname(hub.hub)} \\(Postfix`));
        assert.match(mail, /using TLSv1\.3 with cipher/);
        assert.match(mail, new RegExp(`Client CN "${host}"`));
        assert.match(earlier.log(host), /status=sent \(250/);
    });
});

test("a second up changes nothing", async () => {
    const { code, out } = await stack.up("--expect-no-changes");
    assert.equal(code, 0, out);
    await forEveryPair("again", () => {});
});

test("the log of a pinned laptop is free of TLS warnings", () => {
    const noise = /Untrusted|Anonymous|verification failed|TLS library problem|SSL_/;
    for (const { host } of pairs) {
        const lines = earlier.news(host);
        assert.deepEqual(
            lines.filter((line) => complains(line) || noise.test(line)),
            [],
        );
        assert.ok(lines.some((line) => line.includes("Verified TLS connection established to mailhub-")));
    }
});

test("an impostor at the hubs' addresses gets no mail; it goes to the hubs when they are back", async () => {
    let deferred: Set<string>;
    for (const { hub } of releases) lab("takeover", "impostor", hub);
    try {
        sendFromAll("second");
        deferred = await laptopsWhere(hasLogged("status=deferred (Server certificate not verified)"));
        assert.notEqual(
            tryOn("impostor", "grep -rq '^Subject: second' /var/mail /var/spool/postfix").code,
            0,
        );
    } finally {
        for (const { hub } of releases) lab("giveback", "impostor", hub);
    }
    for (const { host } of pairs) on(host, "postqueue -f");
    const sent = await laptopsWhere((host) => arrived("second", host) !== undefined);
    await forEveryPair("impostor", ({ host }) => assert.ok(deferred.has(host) && sent.has(host)));
});

test("the laptops' port tells a stranger to come back later, for any address", async () => {
    await forEveryPair("stranger", ({ host, hub }) => {
        for (const to of ["alice@example.net", "alice@example.com"]) {
            const { out } = tryOn(
                host,
                `swaks --server ${hostname(hub.hub)}:587 --tls --from eve@example.org --to ${to}`,
            );
            assert.match(out, /^<~\* +450 /m, out);
        }
    });
});

test("no log has a warning that was not there before", async () => {
    await forEveryPair("logs", ({ host, hub }) => {
        for (const machine of [host, hub.hub]) {
            const lines = earlier.news(machine).filter(complains);
            assert.deepEqual(lines, [], machine);
        }
    });
});

for (const { hub, postfix } of releases) {
    test(`openssl gets TLS 1.2 and 1.3 on the laptops' port of Postfix ${postfix}, and nothing older`, () => {
        assert.deepEqual(
            (["1", "1.1", "1.2", "1.3"] as const).map((version) => speaks(hub, 587, version)),
            [false, false, true, true],
        );
        // The public port, where a refusal would mean clear text. It shows too that the judge does offer TLS 1.1.
        assert.deepEqual(
            (["1.1", "1.3"] as const).map((version) => speaks(hub, 25, version)),
            [!strict.includes(hub), true],
        );
    });

    test(`posttls-finger knows Postfix ${postfix} by the laptops' pins and by no others`, () => {
        const pinned = (mine: boolean) =>
            pairs
                .filter((pair) => (pair.hub.hub === hub) === mine)
                .flatMap(({ host }) =>
                    on(host, "postconf -h smtp_tls_fingerprint_cert_match").trim().split(", "),
                );
        assert.ok(verifies(hub, pinned(true)));
        assert.ok(!verifies(hub, pinned(false)));
    });

    test(`swaks relays through Postfix ${postfix} with a laptop's certificate, and not without`, async () => {
        const laptop = pairs.find((pair) => pair.hub.hub === hub)?.host ?? "";
        const identity = join(stack.folder, `${laptop}.pem`);
        writeFileSync(identity, on(laptop, "cat $(postconf -h smtp_tls_chain_files)"), { mode: 0o600 });
        assert.match(swaks(hub, "without"), /^<~\* +450 /m);
        assert.match(swaks(hub, `swaks-${hub}`, identity), /^<~ +250 .*queued as/m);
        await eventually("it arrives", () => mailWith("outside", `swaks-${hub}`));
        assert.equal(mailWith("outside", "without"), undefined);
    });
}

test("a hub with the pinned key that speaks nothing above TLS 1.1 gets no mail", async () => {
    for (const { hub } of releases) {
        on(
            hub,
            `cp -p /etc/postfix/master.cf /root && sed -i -E 's/-o .*smtpd_tls_mandatory_protocols.*/-o smtpd_tls_mandatory_protocols=!SSLv2,!SSLv3,!TLSv1.2,!TLSv1.3/' /etc/postfix/master.cf && postfix reload`,
        );
        await eventually("the hub speaks TLS 1.1", () => speaks(hub, 587, "1.1"));
    }
    sendFromAll("third");
    const deferred = await laptopsWhere(hasLogged("status=deferred (Cannot start TLS: handshake failure)"));
    for (const { hub } of releases) {
        on(hub, "cp -p /root/master.cf /etc/postfix && rm /root/master.cf && postfix reload");
    }
    for (const { host } of pairs) on(host, "postqueue -f");
    const sent = await laptopsWhere((host) => arrived("third", host) !== undefined);
    await forEveryPair("floor", ({ host }) => assert.ok(deferred.has(host) && sent.has(host)));
});

test("destroy gives every machine its files back byte for byte", async () => {
    const { code, out } = await stack.destroy();
    assert.equal(code, 0, out);
    const changed = hosts.filter(
        (host) => configuration(host) !== earlier.configuration(host) || litter(host) !== "",
    );
    await forEveryPair("destroy", ({ host, hub }) => {
        assert.ok(!changed.includes(host) && !changed.includes(hub.hub), changed.join());
    });
});
