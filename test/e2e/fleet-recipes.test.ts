import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { granted } from "./grants";
import { connection, lab, labHost, on, operatorKey, tryOn } from "./lab";
import { contacted } from "./logins";
import { MailFlow } from "./mail-flow";
import { arrivesOutside, relayed, waits } from "./relayed-mail";
import { fails, Stack, succeeds } from "./stack";
import { undoScript } from "./undo-script";

type Args = Record<string, unknown>;

const hosts = ["hub", "laptop1", "laptop2", "laptop3"];
const setting = (host: string, name: string): string => on(host, `postconf -h ${name}`).trim();
const blocks = (host: string): string =>
    tryOn(host, "grep '^# BEGIN pulumi-postfix' /etc/postfix/main.cf").out;
const sum = (host: string): string => on(host, "cat /etc/postfix/main.cf /etc/postfix/master.cf | sha256sum");

const grants = () => new Map(granted());
const contactedBy = (run: () => Promise<unknown>) => contacted(hosts, run);

/** A hub with a laptop of its own, and two fleets in other stacks. */
const folder = mkdtempSync(join(tmpdir(), "pulumi-postfix-recipes-"));
const shared = { PULUMI_BACKEND_URL: `file://${folder}` };
const [prod, berlin, field] = ["recipe-hub", "recipe-berlin", "recipe-field"].map(
    (name) => new Stack(name, undefined, shared),
) as [Stack, Stack, Stack];
const key = { 'privateKeys["*"]': operatorKey() };
const reached = (host: string, more: Args = {}): Args => ({ connection: connection(host), ...more });
const alice = (more: Args = {}) => ({ alice: reached("laptop1", more) });
const bob = (more: Args = {}) => ({ bob: reached("laptop2", more) });
const wantHub = () =>
    prod.config(
        {
            smartHost: reached("hub", { hostname: labHost("hub").fqdn }),
            laptops: { carol: reached("laptop3") },
        },
        key,
    );
const wantFleet = (stack: Stack, fleet: string, laptops: Args) =>
    stack.config(
        {
            smartHost: reached("hub", { stack: "organization/postfix-stacks/recipe-hub" }),
            fleet,
            laptops,
        },
        key,
    );
const wantBerlin = (laptops: Args) => wantFleet(berlin, "berlin", laptops);
const wantField = (laptops: Args) => wantFleet(field, "field", laptops);
const upOf = (stack: Stack, ...more: string[]) => succeeds(stack.up("--skip-preview", ...more));
/** The owner that an error says to name in takeOver. */
const ownerIn = (out: string): string => /takeOver: \["([a-z0-9-]+)"\]/.exec(out)?.[1] ?? assert.fail(out);

before(async () => {
    await wantHub();
    await upOf(prod);
    await wantBerlin({ ...alice(), ...bob() });
    await upOf(berlin);
    assert.deepEqual([...grants().keys()].sort(), ["alice", "bob", "carol"]);
});

after(() => {
    for (const stack of [prod, berlin, field]) stack.remove();
    rmSync(folder, { recursive: true, force: true });
});

test("revoked at once: an up of the grants alone contacts the hub alone, and the next whole up does the rest", async () => {
    await relayed("laptop2", "revoke-before");
    await wantBerlin(alice());
    const touched = await contactedBy(() => upOf(berlin, "--target", "**postfix:index:RelayAccess**"));
    assert.deepEqual(touched, ["hub"]);
    assert.deepEqual([...grants().keys()].sort(), ["alice", "carol"]);
    await waits("laptop2", "revoked-at-once");
    await relayed("laptop1", "not-revoked");
    on("laptop2", "postsuper -d ALL");
    assert.deepEqual(await contactedBy(() => upOf(berlin)), ["laptop2"]);
    assert.equal(blocks("laptop2"), "");
});

test("a laptop deleted while it sleeps is revoked by the same up; awake, its mail waits", async () => {
    const sleeper = { onUnreachable: "pending" };
    await wantBerlin({ ...alice(), ...bob(sleeper) });
    await upOf(berlin);
    lab("stop", "laptop2");
    await wantBerlin(alice());
    const out = await upOf(berlin);
    assert.match(
        out,
        /forgotten without being undone; .*postsuper -h ALL.* take "bob-[0-9a-f]{8}" off it as docs\/undo\.md says under "By hand"/,
    );
    assert.deepEqual([...grants().keys()].sort(), ["alice", "carol"]);
    assert.equal(await berlin.host("bob"), undefined);
    lab("start", "laptop2");
    await waits("laptop2", "deleted-asleep");
    on("laptop2", undoScript());
    on("laptop2", "postsuper -d ALL");
});

test("a cloned disk as a laptop of its own is refused; put in order, both are told apart; one SSH host key is a warning", async () => {
    const keys = "etc/ssh/ssh_host_ed25519_key etc/ssh/ssh_host_ed25519_key.pub";
    const copy = (what: string) => {
        const archive = on("laptop1", `tar -C / -czf - ${what} | base64 -w0`);
        on("laptop2", `echo ${archive} | base64 -d | tar -C / -xzf -`);
    };
    const restart =
        "kill $(cat /run/sshd.pid); while ss -Hltn sport = :22 | grep -q .; do sleep 0.1; done; /usr/sbin/sshd";
    on("laptop2", `mkdir /root/own && cd / && cp ${keys} /root/own/`);
    copy(`etc/postfix/main.cf etc/postfix/master.cf etc/postfix/pulumi ${keys}`);
    on("laptop2", `postfix stop; touch -d '1 minute ago' /etc/postfix/*.cf; postfix start; ${restart}`);
    await relayed("laptop2", "poses-as-alice");
    const files = sum("laptop2");
    const clone = { connection: { ...connection("laptop2"), hostKey: connection("laptop1").hostKey } };
    await wantBerlin({ ...alice(), bob: clone });
    const out = await fails(berlin.up("--skip-preview"));
    assert.match(out, /alice and bob have one SSH host key \(SHA256:/);
    const [owner = ""] = /alice-[0-9a-f]{8}/.exec(blocks("laptop2")) ?? [];
    assert.match(
        out,
        new RegExp(
            `main\\.smtp_tls_chain_files: .* but ${owner} sets .*is its disk a copy of that one's\\? Then take "${owner}" off it`,
        ),
    );
    assert.equal(sum("laptop2"), files);

    on("laptop2", undoScript());
    on("laptop2", `cp /root/own/* /etc/ssh/; ${restart}; sed -i s/laptop1/laptop2/ /etc/postfix/main.cf`);
    await wantBerlin({ ...alice(), ...bob() });
    assert.doesNotMatch(await upOf(berlin), /one SSH host key/);
    await relayed("laptop2", "bob-himself");
    assert.notEqual(grants().get("alice"), grants().get("bob"));
});

test("a new key for one laptop: known by the same up, the old one no longer; mail sent meanwhile arrives", async () => {
    const mail = new MailFlow("hub", ["laptop1"]);
    const old = grants().get("alice");
    on("laptop1", "cat /etc/postfix/pulumi/alice-*/*/identity.pem >/root/old.pem");
    const byOldKey = () =>
        tryOn(
            "laptop1",
            `swaks --server ${labHost("hub").ip}:587 --tls --tls-cert /root/old.pem --tls-key /root/old.pem \
                --from bob@example.com --to alice@example.net --quit-after RCPT`,
        ).out;
    assert.match(byOldKey(), /<~ +250 2\.1\.5 Ok/);
    mail.begin();
    await wantBerlin({ ...alice({ clientKeyGeneration: 2 }), ...bob() });
    assert.deepEqual(await contactedBy(() => upOf(berlin)), ["hub", "laptop1"]);
    await mail.flows("laptop1");
    await mail.settles();
    assert.match(byOldKey(), /<~\* +45\d 4\./);
    assert.ok(grants().get("alice") && grants().get("alice") !== old);
    await relayed("laptop1", "new-key");
});

test("moved to another fleet: added there by takeOver, then taken out here; never without a pin, mail flows", async () => {
    const mail = new MailFlow("hub", ["laptop2"]);
    mail.begin();
    on(
        "laptop2",
        `touch /run/watch; setsid sh -c 'while [ -e /run/watch ]; do
            grep -q "^smtp_tls_fingerprint_cert_match = ." /etc/postfix/main.cf || date >>/root/unpinned
            sleep 0.05
        done' </dev/null >/dev/null 2>&1 &`,
    );
    await wantField(bob());
    const before = sum("laptop2");
    const takeOver = [ownerIn(await fails(field.up("--skip-preview")))];
    assert.match(takeOver[0] ?? "", /^bob-[0-9a-f]{8}$/);
    assert.equal(sum("laptop2"), before);
    await wantField(bob({ takeOver }));
    await upOf(field);
    const moved = blocks("laptop2");
    await relayed("laptop2", "moved");
    await wantBerlin(alice({ clientKeyGeneration: 2 }));
    assert.match(await upOf(berlin), /belongs to a newer resource, or is gone: left as it is/);
    assert.equal(blocks("laptop2"), moved);
    await mail.flows("laptop2");
    await mail.settles();
    on("laptop2", "rm /run/watch");
    assert.equal(tryOn("laptop2", "cat /root/unpinned 2>/dev/null").out, "");
    await relayed("laptop2", "moved-for-good");
});

test("a hub installed anew: its own next up brings it back with its own grants, each fleet's next up that fleet's", async () => {
    const pins = setting("laptop1", "smtp_tls_fingerprint_cert_match");
    const old = connection("hub").hostKey;
    lab("reset", "hub");
    assert.notEqual(connection("hub").hostKey, old);
    assert.match(await fails(prod.refresh("--skip-preview")), /wrong host key/);
    await wantHub();
    assert.deepEqual(await contactedBy(() => upOf(prod)), ["hub"]);
    assert.deepEqual([...grants().keys()], ["carol"]);
    await relayed("laptop3", "anew-own");
    await waits("laptop1", "anew-fleet");
    await wantBerlin(alice({ clientKeyGeneration: 2 }));
    assert.deepEqual(await contactedBy(() => upOf(berlin)), ["hub"]);
    await arrivesOutside("laptop1", "anew-fleet");
    assert.deepEqual([...grants().keys()].sort(), ["alice", "carol"]);
    await wantField(bob());
    assert.deepEqual(await contactedBy(() => upOf(field)), ["hub"]);
    await relayed("laptop2", "anew-other-fleet");
    assert.equal(setting("laptop1", "smtp_tls_fingerprint_cert_match"), pins);
    for (const stack of [prod, berlin, field])
        await succeeds(stack.up("--skip-preview", "--expect-no-changes"));
});
