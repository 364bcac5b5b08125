/** The state is lost, and the hosts are as it left them: `pulumi import` brings back what can be brought back. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { configuration, labHost, labInfo, on } from "./lab";
import { ownProject } from "./own-project";
import { withAgent } from "./ssh-agent";
import { fails, Stack, succeeds } from "./stack";

const hosts = ["hub", "laptop1"];
const stock = new Map<string, string>();
const home = mkdtempSync(join(tmpdir(), "pulumi-postfix-import-"));
const project = ownProject("import", "module.exports = {};");
const agent = withAgent();
const stack = new Stack("found-again", project, { HOME: home, SSH_AUTH_SOCK: agent.socket });

const ownerOn = (host: string, label: string): string =>
    on(
        host,
        `sed -n 's/^# BEGIN pulumi-postfix \\(${label}-[0-9a-f]\\{8\\}\\) .*/\\1/p' /etc/postfix/main.cf`,
    ).trim();
const bring = (name: string, id: string) =>
    stack.run([
        "import",
        "postfix:index:Host",
        name,
        id,
        "--yes",
        "--protect=false",
        "--generate-code=false",
    ]);
const root = (host: string): string => `root@${labHost(host).ip}`;

before(async () => {
    await agent.ready;
    for (const host of hosts) stock.set(host, configuration(host));
    const lost = new Stack("lost");
    await lost.machines();
    await succeeds(lost.up("--skip-preview"));
    lost.remove();
    mkdirSync(join(home, ".ssh"), { mode: 0o700 });
    cpSync(labInfo().knownHosts, join(home, ".ssh", "known_hosts"));
});

after(() => {
    agent.end();
    stack.remove();
    for (const folder of [home, project]) rmSync(folder, { recursive: true, force: true });
});

test("what is no fragment of ours is refused, with what there is", async () => {
    const laptop = ownerOn("laptop1", "laptop1");
    assert.match(laptop, /^laptop1-[0-9a-f]{8}$/);
    for (const [id, words] of [
        ["laptop1", /allowed: \[USER@\]ADDRESS\[:PORT\]#OWNER/],
        [
            `${root("laptop1")}#nobody-00000000`,
            new RegExp(`no fragment of nobody-00000000; there are: ${laptop}`),
        ],
        [`${root("laptop2")}#${laptop}`, /none of pulumi-postfix is there/],
    ] as const)
        assert.match(await fails(bring("laptop1", id)), words);
    assert.doesNotMatch((await stack.exportState()).out, /postfix:index:Host/);
});

test("a fragment comes back by its owner, with its settings and without its key", async () => {
    const before_ = configuration("laptop1");
    await succeeds(bring("laptop1", `${root("laptop1")}#${ownerOn("laptop1", "laptop1")}`));
    for (const label of ["hub-laptops-proofs", "hub-laptops", "hub"])
        await succeeds(bring(label, `${root("hub")}#${ownerOn("hub", label)}`));
    assert.equal(configuration("laptop1"), before_);
    const laptop = await stack.host("laptop1");
    const main = laptop?.outputs.main as Record<string, string>;
    assert.equal(main.smtp_tls_security_level, "fingerprint");
    assert.equal(laptop?.outputs.role, "roadWarrior");
    assert.equal((await stack.host("hub"))?.outputs.role, "smartHost");
    assert.equal((await stack.host("hub-laptops"))?.outputs.role, "relayAccess");
    assert.doesNotMatch((await stack.exportState()).out, /PRIVATE KEY/);
});

test("and can be taken off: the files are what they were before everything", async () => {
    // Nothing says in which order: the hub does not go while a grant stands on it.
    await stack.destroy("--skip-preview");
    await succeeds(stack.destroy("--skip-preview"));
    for (const [host, files] of stock) assert.equal(configuration(host), files, host);
});
