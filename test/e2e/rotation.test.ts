import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually, lab, mailWith, on, send, tryOn } from "./lab";
import { logins } from "./logins";
import { MailFlow } from "./mail-flow";
import { fails, Stack, succeeds } from "./stack";
import { unseen } from "./unseen-value";

const stack = new Stack("rotation");
const laptops = ["laptop1", "laptop2", "laptop3"];
const mail = new MailFlow("hub", laptops);

/** What the next run wants of the hub; laptops may sleep. */
const wanted = (hub: Record<string, unknown>, more: Record<string, Record<string, unknown>> = {}) =>
    stack.machines(
        hub,
        Object.fromEntries(laptops.map((name) => [name, { onUnreachable: "pending", ...more[name] }])),
    );

const pinsOf = (laptop: string): string[] =>
    on(laptop, "postconf -h smtp_tls_fingerprint_cert_match")
        .trim()
        .split(/[\s,]+/);

/** The pin of the key that the hub shows, seen by a stranger with openssl alone. */
const served = (): string =>
    on(
        "outside",
        "sleep 2 | openssl s_client -starttls smtp -connect 10.77.0.1:587 2>/dev/null </dev/null | openssl x509 -pubkey -noout | openssl pkey -pubin -outform DER | openssl dgst -sha256 -c | sed 's/.*= //' | tr a-f A-F",
    ).trim();

const files = (host: string): string =>
    on(host, "cat /etc/postfix/main.cf /etc/postfix/master.cf | sha256sum");
const record = (): string => on("hub", "cat /etc/postfix/pulumi/*-proofs-*/*/proofs | sort -u");

before(async () => {
    await wanted({});
    await succeeds(stack.up());
    mail.begin();
});

after(() => {
    mail.end();
    stack.remove();
});

test("a laptop pins the key in use and the next one, and the hub has it on record", () => {
    const pins = pinsOf("laptop1");
    assert.equal(pins.length, 2);
    assert.equal(pins[0], served());
    for (const laptop of laptops) assert.deepEqual(pinsOf(laptop), pins);
    assert.equal(record().match(/^proven-/gm)?.length, 3);
    for (const pin of pins) assert.equal(record().split(pin).length, 4, "each laptop's line has it");
});

test("two steps at once are refused before a host is touched", async () => {
    const before = [files("hub"), logins("hub"), logins("laptop1")];
    await wanted({ keyGeneration: 3 });
    const out = await fails(stack.up());
    assert.match(out, /keyGeneration.*given 3, allowed: 1 \(no change\) or 2/);
    assert.deepEqual([files("hub"), logins("hub"), logins("laptop1")], before);
});

test("one step: the hub serves the next key, laptops pin that one and the one behind it, mail flows", async () => {
    const [, next] = pinsOf("laptop1");
    await wanted({ keyGeneration: 2 });
    await succeeds(stack.up());
    assert.equal(served(), next);
    for (const laptop of laptops) {
        assert.equal(pinsOf(laptop).length, 2);
        assert.equal(pinsOf(laptop)[0], next);
        await mail.flows(laptop);
    }
    await succeeds(stack.up("--expect-no-changes"));
});

test("back to a key that laptops do not pin any more is refused, and touches no host", async () => {
    const before = [files("hub"), logins("hub")];
    await wanted({ keyGeneration: 1 });
    const out = await fails(stack.up());
    assert.match(out, /keyGeneration.*given 1, allowed: 2 \(no change\) or 3/);
    assert.deepEqual([files("hub"), logins("hub")], before);
    await wanted({ keyGeneration: 2 });
});

test("a laptop asleep through a whole step sends to the new key as soon as it wakes", async () => {
    const pins = pinsOf("laptop2");
    lab("stop", "laptop2");
    await wanted({ keyGeneration: 3 });
    const out = await succeeds(stack.up());
    assert.match(out, /laptop2.*pending/s);
    assert.deepEqual((await stack.outputs()).pending, ["laptop2"]);
    assert.equal(served(), pins[1]);
    lab("start", "laptop2");
    mail.beginOn("laptop2");
    await mail.flows("laptop2");
    assert.deepEqual(pinsOf("laptop2"), pins, "no run has reached it yet");
});

test("the next step is refused as long as that laptop has not proven to pin the next key; preview and up name it", async () => {
    const before = files("hub");
    await wanted({ keyGeneration: 4 });
    lab("stop", "laptop2");
    for (const run of [stack.preview, stack.up]) {
        const out = await fails(run());
        assert.match(out, /keyGeneration.*"laptop2"[^"]*has not proven to pin/);
        assert.match(out, /leaveBehind: \["laptop2"\]/);
        assert.doesNotMatch(out, /"laptop1"/);
    }
    assert.equal(files("hub"), before);
    lab("start", "laptop2");
    mail.beginOn("laptop2");
});

test("once it was reached the step is made", async () => {
    await wanted({ keyGeneration: 3 });
    await succeeds(stack.up());
    assert.deepEqual((await stack.outputs()).pending, []);
    await wanted({ keyGeneration: 4 });
    await succeeds(stack.up());
    for (const laptop of laptops) await mail.flows(laptop);
});

test("a hub that cannot be reached at first: laptops keep the pin in use until the new key is proven", async () => {
    const [current, next] = pinsOf("laptop1");
    lab("exec", "hub", "sh", "-c", "kill $(cat /run/sshd.pid)");
    await wanted({ keyGeneration: 5, onUnreachable: "pending" });
    const out = await succeeds(stack.up());
    assert.match(out, /hub.*pending/s);
    assert.equal(served(), current);
    for (const laptop of laptops) {
        assert.ok(pinsOf(laptop).includes(current ?? ""), "the key that the hub still shows");
        assert.ok(pinsOf(laptop).includes(next ?? ""), "the key that it is to show");
        assert.equal(pinsOf(laptop).length, 3);
        await mail.flows(laptop);
    }
    lab("stop", "hub");
    lab("start", "hub");
    await eventually("the hub is back", () => tryOn("hub", "postfix status").code === 0);
    await succeeds(stack.up());
    assert.equal(served(), next);
    assert.deepEqual(
        laptops.map((laptop) => pinsOf(laptop).includes(current ?? "")),
        [false, false, false],
    );
    for (const laptop of laptops) await mail.flows(laptop);
});

test("a hub whose change fails half way keeps its key, and no laptop drops the pin of it", async () => {
    const pins = pinsOf("laptop1");
    const broken = unseen("smtpd_timeout", "5 parsecs");
    for (const more of [[], ["--continue-on-error"]]) {
        await wanted({ keyGeneration: 6, settings: broken });
        const out = await fails(stack.up(...more));
        assert.match(out, /hub/);
        assert.equal(served(), pins[0]);
        for (const laptop of laptops) assert.deepEqual(pinsOf(laptop), pins, laptop);
    }
    for (const laptop of laptops) await mail.flows(laptop);
    await wanted({ keyGeneration: 6 });
    await succeeds(stack.up());
    assert.equal(served(), pins[1]);
});

test("a key of another algorithm comes as the next one", async () => {
    const [, next] = pinsOf("laptop1");
    await wanted({ keyGeneration: 6, nextKeyAlgorithm: "rsa-3072" });
    await succeeds(stack.up());
    assert.notEqual(pinsOf("laptop1")[1], next, "laptops pin the RSA key now");
    await wanted({ keyGeneration: 7, keyAlgorithm: "rsa-3072" });
    const [, rsa] = pinsOf("laptop1");
    await succeeds(stack.up());
    assert.equal(served(), rsa);
    for (const laptop of laptops) await mail.flows(laptop);
});

test("a renewed certificate has the same key: no laptop is touched", async () => {
    const pins = pinsOf("laptop1");
    const before = laptops.map((laptop) => [files(laptop), logins(laptop)]);
    const expiry = JSON.stringify((await stack.outputs()).certificateExpiry);
    await wanted({ keyGeneration: 7, keyAlgorithm: "rsa-3072", validityPeriodHours: 50_000 });
    await succeeds(stack.up());
    assert.equal(served(), pins[0]);
    assert.notEqual(JSON.stringify((await stack.outputs()).certificateExpiry), expiry);
    assert.deepEqual(
        laptops.map((laptop) => [files(laptop), logins(laptop)]),
        before,
    );
});

test("a key that was stolen: two steps in a row, and who sleeps is left behind by name only", async () => {
    const keys = { keyAlgorithm: "rsa-3072", validityPeriodHours: 50_000 };
    await wanted({ keyGeneration: 8, ...keys });
    lab("stop", "laptop2");
    await succeeds(stack.up());
    await wanted({ keyGeneration: 9, ...keys });
    assert.match(await fails(stack.up()), /leaveBehind: \["laptop2"\]/);
    await wanted({ keyGeneration: 9, leaveBehind: ["laptop2"], ...keys });
    await succeeds(stack.up());
    for (const laptop of ["laptop1", "laptop3"]) await mail.flows(laptop);
    lab("start", "laptop2");
    send("laptop2", "left-behind");
    await eventually("its mail waits", () =>
        /Server certificate not verified/.test(tryOn("laptop2", "postqueue -p").out),
    );
    assert.equal(mailWith("hub", "left-behind"), undefined);
    await wanted({ keyGeneration: 9, ...keys });
    await succeeds(stack.up());
    await eventually("it arrives", () => {
        tryOn("laptop2", "postqueue -f");
        return mailWith("hub", "left-behind");
    });
});

test("each private key lies on its own machine, and on no other disk", async () => {
    const keys = new Map<string, string[]>();
    const all = ["hub", ...laptops, "outside", "impostor"];
    for (const host of ["hub", ...laptops]) {
        const lines = on(
            host,
            "cat /etc/postfix/pulumi/*/*/identity.pem | sed -n '/PRIVATE KEY/,/PRIVATE KEY/p' | grep -v PRIVATE",
        );
        keys.set(
            host,
            lines.split("\n").filter((line) => line.length > 40),
        );
    }
    for (const [owner, lines] of keys) {
        assert.ok(lines.length > 0, owner);
        const patterns = lines.map((line) => `-e '${line.slice(-40)}'`).join(" ");
        for (const host of all) {
            const found = tryOn(
                host,
                `grep -rlF ${patterns} / --exclude-dir=proc --exclude-dir=sys --exclude-dir=dev 2>/dev/null`,
            ).out;
            if (host === owner) assert.match(found, /identity\.pem/);
            else assert.equal(found, "", `the key of ${owner} on ${host}`);
        }
    }
});

test("of all mail none is lost, bounced, or sent to another", async () => {
    assert.ok((await mail.settles()) > 100);
    assert.equal(tryOn("impostor", "cat /var/mail/caught").out.includes("flow-"), false);
});

test("destroy takes the record away with the grants", async () => {
    await succeeds(stack.destroy());
    assert.equal(tryOn("hub", "ls /etc/postfix/pulumi 2>/dev/null | grep -v backup").out, "");
});
