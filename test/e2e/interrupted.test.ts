import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { configuration, eventually, litter, mailWith, readOn, send, tryOn } from "./lab";
import { Stack } from "./stack";
import { agent, journal, perl, slowDisk, strike, struck } from "./strike";

const stack = new Stack("interrupted");
const originals = new Map<string, string>();

const config = (hub: Record<string, unknown> = {}) => stack.machines(hub);

async function converges(): Promise<void> {
    const { code, out } = await stack.up("--skip-preview");
    assert.equal(code, 0, out);
    for (const host of ["hub", "laptop1"]) assert.equal(litter(host), "", host);
    const again = await stack.up("--skip-preview", "--expect-no-changes");
    assert.equal(again.code, 0, again.out);
}

before(async () => {
    for (const host of ["hub", "laptop1"]) originals.set(host, configuration(host));
    await config();
});
after(() => stack.remove());

describe("the agent is killed on the hub", () => {
    test("before its commit: nothing was changed, the next up leaves no litter", async () => {
        strike("hub", "glob('/run/pulumi-postfix/*/config')", agent);
        const { code, out } = await stack.up("--skip-preview");
        await struck("hub");
        assert.notEqual(code, 0, out);
        assert.match(out, /ended without a result/);
        assert.doesNotMatch(readOn("hub", "/etc/postfix/main.cf"), /pulumi-postfix/);
        await converges();
        const { code: gone, out: said } = await stack.destroy();
        assert.equal(gone, 0, said);
        assert.equal(configuration("hub"), originals.get("hub"));
    });

    test("between the two files: it is undone at once, and the next up converges", async () => {
        const mendDisk = slowDisk("hub");
        strike("hub", perl.contains("/etc/postfix/main.cf", "^# BEGIN pulumi-postfix"), agent);
        const { code, out } = await stack.up("--skip-preview");
        await struck("hub");
        mendDisk();
        assert.notEqual(code, 0, out);
        assert.match(out, /The host was put in order \(undo an interrupted change\)/);
        assert.equal(configuration("hub"), originals.get("hub"));
        assert.equal(litter("hub"), "");
        await converges();
        send("laptop1", "after-the-kill");
        await eventually("a mail is delivered", () => mailWith("hub", "after-the-kill"));
    });

    test("while Postfix restarts with new settings: it is started at once, and the next up converges", async () => {
        await config({ settings: { inet_protocols: "ipv4" } });
        const stopped = "!grep(-e, map { chomp; s/ //g; qq(/proc/$_) } qx(cat $q/pid/master.pid))";
        strike("hub", `do { $q = "/var/spool/postfix"; ${journal} && ${stopped} }`, agent);
        const { code, out } = await stack.up("--skip-preview");
        await struck("hub");
        assert.notEqual(code, 0, out);
        assert.match(out, /The host was put in order/);
        assert.equal(tryOn("hub", "postfix status").code, 0, "Postfix is left stopped");
        await converges();
        assert.match(readOn("hub", "/etc/postfix/main.cf"), /^inet_protocols = ipv4$/m);
        send("laptop1", "after-the-restart");
        await eventually("a mail is delivered", () => mailWith("hub", "after-the-restart"));
    });
});

test("the SSH connection is cut in mid-change: the host ends it alone, the next up agrees", async () => {
    await config({ settings: { message_size_limit: "20000000" } });
    strike("hub", journal, "sshd: root@notty");
    const { code, out } = await stack.up("--skip-preview");
    await struck("hub");
    assert.notEqual(code, 0, out);
    await eventually("the change comes to its end", () => tryOn("hub", `[ ${journal} ]`).code !== 0);
    await eventually("the job is cleared away", () => litter("hub") === "");
    assert.match(readOn("hub", "/etc/postfix/main.cf"), /^message_size_limit = 20000000$/m);
    await converges();
});

test("destroy leaves both machines as they were", async () => {
    const { code, out } = await stack.destroy();
    assert.equal(code, 0, out);
    for (const [host, original] of originals) {
        assert.equal(configuration(host), original, host);
        assert.equal(litter(host), "", host);
    }
});
