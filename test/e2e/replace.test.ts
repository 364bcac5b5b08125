import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
    configuration,
    connection,
    eventually,
    labHost,
    mailWith,
    on,
    operatorKey,
    readOn,
    send,
} from "./lab";
import { Stack } from "./stack";

const stack = new Stack("replace");
const hosts = ["hub", "laptop1"];
const untouched = new Map<string, string>();

interface State {
    deployment: { resources: { urn: string; id?: string }[] };
}

const resources = async () => (JSON.parse((await stack.exportState()).out) as State).deployment.resources;

/** The Host of that name, as the state has it. */
async function hostResource(name: string): Promise<{ urn: string; id: string }> {
    const found = (await resources()).filter(({ urn }) => urn.endsWith(`postfix:index:Host::${name}`));
    assert.equal(found.length, 1, `${name}: one resource, and no old one that waits to be deleted`);
    const [{ urn, id = "" } = { urn: "" }] = found;
    return { urn, id };
}

/** Owners of the blocks in main.cf, in their order. */
const blocks = (host: string) =>
    [...readOn(host, "/etc/postfix/main.cf").matchAll(/^# BEGIN pulumi-postfix (\S+)/gm)].map(
        ([, owner]) => owner,
    );

/** A mail from the laptop that arrives through the pin, by a hub that knows the laptop's key. */
async function delivered(after: string): Promise<void> {
    // A mailbox of a lab that is kept may hold the mail of an earlier run.
    const subject = `${after}-${Date.now()}`;
    const logged = Number(on("laptop1", "wc -l </var/log/mail.log"));
    send("laptop1", subject);
    const mail = await eventually("the mail arrives", () => mailWith("hub", subject));
    assert.match(mail, /using TLSv1\.3 with cipher/);
    assert.match(
        on("laptop1", `tail -n +${logged + 1} /var/log/mail.log`),
        /Verified TLS connection established to mailhub\.example\.com/,
    );
}

before(async () => {
    for (const host of hosts) untouched.set(host, configuration(host));
    await stack.config(
        {
            smartHost: { hostname: labHost("hub").fqdn, connection: connection("hub") },
            laptops: { laptop1: { connection: connection("laptop1") } },
        },
        { 'privateKeys["*"]': operatorKey() },
    );
    const { code, out } = await stack.up("--skip-preview");
    assert.equal(code, 0, out);
});

after(() => stack.remove());

for (const [name, host] of [
    ["laptop1", "laptop1"],
    ["hub", "hub"],
    ["hub-laptops", "hub"],
] as const) {
    test(`up --replace of the Host of ${name} leaves its fragment on the host, and mail flows`, async () => {
        const stood = blocks(host);
        const { urn, id } = await hostResource(name);
        const { code, out } = await stack.up("--replace", urn);
        assert.equal(code, 0, out);
        assert.match(out, /1 replaced/);
        const replaced = await hostResource(name);
        assert.notEqual(replaced.id, id, "it is another instance");
        assert.equal(replaced.id.split("/")[0], id.split("/")[0], "of the same owner");
        assert.deepEqual(blocks(host), stood);
        await delivered(`replaced-${name}`);
    });
}

test("a tainted Host is replaced by the next up, likewise", async () => {
    const stood = blocks("laptop1");
    const { urn, id } = await hostResource("laptop1");
    const tainted = await stack.run(["state", "taint", urn, "--yes"]);
    assert.equal(tainted.code, 0, tainted.out);
    const { code, out } = await stack.up("--skip-preview");
    assert.equal(code, 0, out);
    assert.match(out, /1 replaced/);
    assert.notEqual((await hostResource("laptop1")).id, id);
    assert.deepEqual(blocks("laptop1"), stood);
    await delivered("tainted");
});

test("after all this the program and the hosts agree", async () => {
    const { code, out } = await stack.up("--skip-preview", "--expect-no-changes", "--refresh");
    assert.equal(code, 0, out);
});

test("destroy gives every host back", async () => {
    const { code, out } = await stack.destroy();
    assert.equal(code, 0, out);
    for (const host of hosts) assert.equal(configuration(host), untouched.get(host), host);
});
