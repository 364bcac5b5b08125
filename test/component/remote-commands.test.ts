import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import type { types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { SmartHostArgs } from "../../components";
import { commandConnection } from "../../components/connection";
import { installScript } from "../../postfix/packages";
import { Role } from "../../postfix/settings";
import { promiseOf, run } from "./harness";
import { hostKey, hubArgs, laptopArgs } from "./machines";

const commandType = "command:remote:Command";
const hub = (more: Partial<SmartHostArgs>) =>
    run(({ SmartHost }) => {
        new SmartHost("hub", { ...hubArgs, ...more });
    });

/** All fields of the command package's own type: the compiler refuses one too many, and one too few. */
const proxy: Required<types.input.remote.ProxyConnectionArgs> = {
    agentSocketPath: "/run/agent",
    dialErrorLimit: 3,
    host: "192.0.2.1",
    hostKey,
    password: "p",
    perDialTimeout: 5,
    port: 22,
    privateKey: "k",
    privateKeyPassword: "q",
    user: "jump",
};
const all: Required<types.input.remote.ConnectionArgs> = {
    ...proxy,
    host: "192.0.2.25",
    user: "root",
    proxy,
};
const more = { sudo: true, knownHosts: "/x", onUnreachable: "fail" };

for (const [how, given] of [
    ["plain", { ...all, ...more, proxy: { ...proxy, ...more } }],
    ["from an output", pulumi.output({ ...all, ...more, proxy: { ...proxy, ...more } })],
    ["with a proxy from an output", { ...all, ...more, proxy: pulumi.output({ ...proxy, ...more }) }],
] as const) {
    test(`the command package gets every field of its own type and no other (${how})`, async () => {
        const picked = await promiseOf(pulumi.output(commandConnection(given)));
        assert.deepEqual(picked, all);
    });
}

test("nothing is installed unless asked for", async () => {
    const { engine } = await hub({});
    assert.deepEqual(engine.names(commandType), []);
});

test("installing comes before the Host, is not run again for a new connection, and honours sudo", async () => {
    const { engine } = await hub({ installPackage: true, sudo: true });
    const install = engine.one(commandType, "hub-install");
    assert.deepEqual(install.ignoreChanges, ["connection", "create", "stdin"]);
    assert.deepEqual(install.inputs.triggers, [hostKey], "another host key is another machine");
    // The command package adds its own defaults.
    const defaults = { port: 22, dialErrorLimit: 10, perDialTimeout: 15 };
    assert.deepEqual(install.inputs.connection, { ...hubArgs.connection, ...defaults });
    assert.match(String(install.inputs.create), /sudo -n \/bin\/sh -s/);
    assert.equal(install.inputs.stdin, installScript(Role.SmartHost));
    assert.ok(install.parent.endsWith("SmartHost::hub"));
    assert.ok(engine.host("hub").dependencies.some((urn) => urn.endsWith("::hub-install")));
    assert.equal(
        engine.host("hub").inputs.installPackage,
        true,
        "so that a preview does not miss Postfix yet",
    );
    const direct = (await hub({ installPackage: true })).engine.one(commandType, "hub-install");
    assert.equal(direct.inputs.create, "/bin/sh -s");
});

test("a laptop's script keeps an unpinned Postfix from sending anything", async () => {
    const { engine } = await run(({ SmartHost, RoadWarrior }) => {
        const smartHost = new SmartHost("hub", hubArgs);
        new RoadWarrior("alice", { ...laptopArgs(smartHost, "192.0.2.101"), installPackage: true });
    });
    assert.equal(engine.one(commandType, "alice-install").inputs.stdin, installScript(Role.RoadWarrior));
});

test("hooks run before and after each change, in that order", async () => {
    const { engine } = await hub({ installPackage: true, hooks: { before: "date >/b", after: "date >/a" } });
    const before = engine.one(commandType, "hub-before");
    const after = engine.one(commandType, "hub-after");
    assert.equal(before.inputs.stdin, "date >/b");
    assert.equal(after.inputs.stdin, "date >/a");
    assert.ok(before.dependencies.some((urn) => urn.endsWith("::hub-install")));
    assert.ok(engine.host("hub").dependencies.some((urn) => urn.endsWith("::hub-before")));
    assert.ok(after.dependencies.some((urn) => urn.endsWith("Host::hub")));
    assert.deepEqual(after.inputs.triggers, ["aa"], "a new generation is a change on the machine");
    const again = (await hub({ hooks: { before: "date >/b" }, settings: { myhostname: "x" } })).engine;
    assert.notDeepEqual(again.one(commandType, "hub-before").inputs.triggers, before.inputs.triggers);
    const same = (await hub({ hooks: { before: "date >/b" }, validityPeriodHours: 9999 })).engine;
    assert.deepEqual(same.one(commandType, "hub-before").inputs.triggers, before.inputs.triggers);
});

test("as root only where needed: the wrapper runs the script either way", () => {
    const asRoot = `/bin/sh -c 'if [ "$(id -u)" = 0 ]; then exec /bin/sh -s; else exec sudo -n /bin/sh -s; fi'`;
    const ran = spawnSync("/bin/sh", ["-c", asRoot], { input: "echo done", encoding: "utf8" });
    if (process.getuid?.() === 0) assert.equal(ran.stdout, "done\n");
    return hub({ installPackage: true, sudo: true }).then(({ engine }) =>
        assert.equal(engine.one(commandType, "hub-install").inputs.create, asRoot),
    );
});
