import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { granted } from "./grants";
import { arrives, connection, eventually, labHost, mailWith, on, operatorKey, send, tryOn } from "./lab";
import { contacted } from "./logins";
import { fails, Stack, succeeds } from "./stack";

/** Three stacks of this repo's program with one state between them: a hub, and two fleets that name it. */
const folder = mkdtempSync(join(tmpdir(), "pulumi-postfix-fleets-"));
const shared = { PULUMI_BACKEND_URL: `file://${folder}` };
const [prod, berlin, field] = ["mailhub", "site-berlin", "site-field"].map(
    (name) => new Stack(name, undefined, shared),
) as [Stack, Stack, Stack];
const hosts = ["hub", "laptop1", "laptop2", "laptop3"];
const key = { 'privateKeys["*"]': operatorKey() };
const reached = (host: string) => ({ connection: connection(host) });
const theHub = { hostname: labHost("hub").fqdn, ...reached("hub") };
const reference = { stack: "organization/postfix-stacks/mailhub", ...reached("hub") };
const csv = join(folder, "field.csv");

const wantBerlin = (laptops: Record<string, unknown>, more = {}) =>
    berlin.config({ smartHost: { ...reference, ...more }, fleet: "berlin", laptops }, key);

function wantField(names: Record<string, string>, formerly = ""): Promise<void> {
    const lines = Object.entries(names).map(([name, host]) => {
        const { ip, hostKey } = labHost(host);
        return `${name},${ip},root,"${hostKey}",,false,${formerly}`;
    });
    const header = "name,connection.host,connection.user,connection.hostKey,connection.port,sudo,formerly";
    writeFileSync(csv, `${[header, ...lines].join("\r\n")}\r\n`);
    return field.config({ smartHost: reference, fleet: "field", laptopsFile: csv }, key);
}

const contactedBy = (run: () => Promise<unknown>) => contacted(hosts, run);
const grantees = () =>
    granted()
        .map(([name]) => name)
        .sort();

/** Mail that goes on to another site, which takes a grant on the hub. */
async function relayed(laptop: string, subject: string): Promise<void> {
    send(laptop, subject, "alice@example.net");
    await eventually(`the mail of ${laptop} arrives outside`, () => mailWith("outside", subject), 60);
}

before(async () => {
    await prod.config({ smartHost: theHub }, key);
});

after(() => {
    for (const stack of [prod, berlin, field]) stack.remove();
    rmSync(folder, { recursive: true, force: true });
});

test("before the hub's stack has a link a fleet is refused by preview and up, and nobody is contacted", async () => {
    await wantBerlin({ alice: reached("laptop1") });
    const touched = await contactedBy(async () => {
        for (const run of [berlin.preview(), berlin.up("--skip-preview")]) {
            const out = await fails(run);
            assert.match(
                out,
                /smartHost: stack "organization\/postfix-stacks\/mailhub" has no output "smartHost": /,
            );
            assert.match(out, /pulumi up --stack organization\/postfix-stacks\/mailhub/);
        }
    });
    assert.deepEqual(touched, []);
    assert.equal(await berlin.host("alice"), undefined);
});

test("a hub's stack alone, and a fleet in a stack of its own that grants its laptops there", async () => {
    await succeeds(prod.up("--skip-preview"));
    await succeeds(berlin.up("--skip-preview"));
    await relayed("laptop1", "berlin-1");
    const { laptops } = await berlin.outputs();
    assert.deepEqual(
        (laptops as { name: string }[]).map(({ name }) => name),
        ["alice"],
    );
});

test("a second fleet, from a CSV file: each keeps its grants", async () => {
    await wantField({ carol: "laptop3" });
    assert.deepEqual(await contactedBy(() => succeeds(field.up("--skip-preview"))), ["hub", "laptop3"]);
    await relayed("laptop3", "field-1");
    await relayed("laptop1", "berlin-2");
    assert.deepEqual(grantees(), ["alice", "carol"]);
});

test("a laptop that is added is contacted, and the hub, and nobody else; two fleets at once lose nothing", async () => {
    await wantBerlin({ alice: reached("laptop1"), bob: reached("laptop2") });
    assert.deepEqual(await contactedBy(() => succeeds(berlin.up("--skip-preview"))), ["hub", "laptop2"]);
    await relayed("laptop2", "berlin-3");
    // Each changes its own part of the hub's table, at one time.
    await wantBerlin({
        alice: reached("laptop1"),
        bob: { ...reached("laptop2"), senders: ["@example.com"] },
    });
    await wantField({ carola: "laptop3" }, "carol");
    await Promise.all([succeeds(berlin.up("--skip-preview")), succeeds(field.up("--skip-preview"))]);
    assert.deepEqual(grantees(), ["alice", "bob", "carola"]);
    await relayed("laptop3", "field-2");
    await relayed("laptop2", "berlin-4");
});

test("a laptop that is renamed keeps key and fragment, and is contacted, and the hub, and nobody else", async () => {
    const old = await berlin.host("bob");
    const pins = async () => ((await berlin.outputs()).laptops as { pins: string[] }[])[1]?.pins;
    const before_ = await pins();
    const block = (host: string) => on(host, "grep '^# BEGIN pulumi-postfix' /etc/postfix/main.cf");
    const owner = block("laptop2");
    const bobby = { ...reached("laptop2"), formerly: "bob" };
    await wantBerlin({ alice: reached("laptop1"), bobby });
    const touched = await contactedBy(async () => {
        const out = await succeeds(berlin.up("--skip-preview"));
        // The certificate alone is made anew: the name stands in it.
        assert.doesNotMatch(out, /tls:index:PrivateKey .*(created|deleted|replaced)/);
        assert.doesNotMatch(out, /postfix:index:Host .*(created|deleted|replaced)/);
    });
    assert.deepEqual(touched, ["hub", "laptop2"]);
    assert.deepEqual(await pins(), before_);
    assert.equal(block("laptop2"), owner);
    assert.ok(old && (await berlin.host("bobby")) && !(await berlin.host("bob")));
    assert.deepEqual(grantees(), ["alice", "bobby", "carola"]);
    await relayed("laptop2", "berlin-5");
    await wantBerlin({ alice: reached("laptop1"), bobby: reached("laptop2") });
    assert.deepEqual(
        await contactedBy(() => succeeds(berlin.up("--skip-preview", "--expect-no-changes"))),
        [],
    );
});

test("a laptop that is taken out is revoked in the same up, though it cannot be reached", async () => {
    on("laptop2", "kill $(cat /run/sshd.pid)");
    await wantBerlin({ alice: reached("laptop1") });
    assert.deepEqual(await contactedBy(() => fails(berlin.up("--skip-preview"))), ["hub"]);
    assert.deepEqual(grantees(), ["alice", "carola"]);
    send("laptop2", "revoked", "alice@example.net");
    await eventually(
        "the hub takes nothing more from it",
        () =>
            tryOn(
                "laptop2",
                "postqueue -f; postqueue -p | grep -q 'alice@example.net'; grep -q 'status=deferred' /var/log/mail.log",
            ).code === 0,
    );
    assert.equal(mailWith("outside", "revoked"), undefined);
    on("laptop2", "postsuper -d ALL; /usr/sbin/sshd");
    assert.deepEqual(await contactedBy(() => succeeds(berlin.up("--skip-preview"))), ["laptop2"]);
    assert.equal(tryOn("laptop2", "grep pulumi-postfix /etc/postfix/main.cf").code, 1);
    await relayed("laptop1", "berlin-6");
});

test("after an up of the hub's stack that failed under --continue-on-error a fleet is refused, no laptop contacted", async () => {
    // The change is what the hub itself refuses, after all checks of ours.
    await prod.config({ smartHost: { ...theHub, settings: { no_such_parameter: "x" } } }, key);
    await fails(prod.up("--skip-preview", "--continue-on-error"));
    await wantBerlin({ alice: { ...reached("laptop1"), queueLifetime: "30d" } });
    const touched = await contactedBy(async () => {
        for (const run of [berlin.preview(), berlin.up("--skip-preview")])
            assert.match(
                await fails(run),
                /smartHost: stack "organization\/postfix-stacks\/mailhub" has no output "smartHost": /,
            );
    });
    assert.deepEqual(touched, []);
    await prod.config({ smartHost: theHub }, key);
    await succeeds(prod.up("--skip-preview"));
    await succeeds(berlin.up("--skip-preview"));
    await relayed("laptop1", "berlin-7");
});

test("a fleet that goes leaves the other's grants, and the hub goes last", async () => {
    await succeeds(berlin.destroy("--skip-preview"));
    assert.deepEqual(grantees(), ["carola"]);
    await relayed("laptop3", "field-3");
    await succeeds(field.destroy("--skip-preview"));
    await succeeds(prod.destroy("--skip-preview"));
    for (const host of hosts)
        assert.equal(tryOn(host, "grep pulumi-postfix /etc/postfix/main.cf").code, 1, host);
});

test("one stack with hub and laptops", async () => {
    const one = new Stack("one");
    try {
        await one.machines({}, { laptop1: { hubPort: 587 } });
        await succeeds(one.up("--skip-preview"));
        await arrives("laptop1", "hub", "one-1");
        await relayed("laptop1", "one-2");
        await succeeds(one.destroy("--skip-preview"));
    } finally {
        one.remove();
    }
});
