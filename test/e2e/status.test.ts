import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { MachineReport, Report } from "../../cli/status/report";
import { configuration, eventually, lab, mailWith, on, operatorKey, send } from "./lab";
import { Stack, succeeds } from "./stack";

const stack = new Stack("status");
const hosts = ["hub", "laptop1", "laptop2"];

before(async () => {
    await stack.machines({}, { laptop1: { onUnreachable: "pending" }, laptop2: {} });
    await succeeds(stack.up("--skip-preview"));
});

after(async () => {
    await stack.destroy("--skip-preview");
    stack.remove();
});

async function look(): Promise<{ code: number; machines: Record<string, MachineReport>; out: string }> {
    const { code, out } = await stack.command("status", "--json");
    const report = JSON.parse(out) as Report;
    assert.equal(report.stack, "status");
    return { code, machines: Object.fromEntries(report.machines.map((one) => [one.name, one])), out };
}

test("all as it should be: applied, versions, pins, days, links; 0, and nothing is changed or told", async () => {
    send("laptop2", "seen-by-status");
    await eventually("the mail arrives", () => mailWith("hub", "seen-by-status"));
    const before_ = hosts.map(configuration);
    const { code, machines, out } = await look();
    assert.equal(code, 0, out);
    assert.deepEqual(hosts.map(configuration), before_);
    const { hub, laptop1, laptop2 } = machines;
    for (const machine of [hub, laptop1, laptop2]) {
        assert.equal(machine?.state, "applied");
        assert.deepEqual(machine?.troubles, []);
        assert.match(machine?.postfixVersion ?? "", /^3\./);
        assert.ok((machine?.certificateDaysLeft ?? 0) > 300);
    }
    assert.deepEqual(laptop1?.pins, hub?.pins, "they know the hub by the keys that it has");
    assert.deepEqual(hub?.linkedTo.toSorted(), ["laptop1", "laptop2"]);
    assert.match(laptop2?.lastSent ?? "", /status=sent/);
    assert.match(laptop2?.lastVerified ?? "", /Verified TLS connection established to mailhub\.example\.com/);
    assert.ok(!out.includes("PRIVATE KEY") && !out.includes(operatorKey().split("\n")[1] ?? ""));
});

test("drift, a line of somebody else, waiting mail, a Postfix that is off, a machine out of reach: each is told; 1", async () => {
    on(
        "laptop2",
        "sed -i 's/^smtp_tls_mandatory_ciphers = high/smtp_tls_mandatory_ciphers = medium/' /etc/postfix/main.cf",
    );
    on("laptop2", "printf 'smtp_helo_timeout = 77s\\n' >>/etc/postfix/main.cf");
    on("hub", "postfix stop");
    send("laptop2", "waits");
    await eventually("it is deferred", () =>
        on("laptop2", "postqueue -j").includes('"queue_name": "deferred"'),
    );
    lab("stop", "laptop1");
    try {
        const { code, machines, out } = await look();
        assert.equal(code, 1, out);
        assert.equal(machines.hub?.state, "stopped");
        assert.equal(machines.laptop1?.state, "unreachable");
        assert.equal(machines.laptop2?.state, "drifted");
        assert.match(
            machines.laptop2?.troubles.join("\n") ?? "",
            /laptop2: main\.smtp_tls_mandatory_ciphers/,
        );
        assert.deepEqual(machines.laptop2?.others, ["smtp_helo_timeout = 77s"]);
        assert.equal(machines.laptop2?.queue?.deferred, 1);
        const table = await stack.command("status", "--html", join(stack.folder, "report.html"));
        assert.match(table.out, /^hub +hub +stopped /m);
        assert.match(table.out, /^laptop1 \(root@[\d.]+\):$/m);
        const page = readFileSync(join(stack.folder, "report.html"), "utf8");
        for (const state of ["stopped", "unreachable", "drifted"])
            assert.ok(page.includes(`class="shape ${state}"`));
    } finally {
        lab("start", "laptop1");
        on("hub", "postfix start");
    }
});

test("a change that waits for a sleeper is pending", async () => {
    lab("stop", "laptop1");
    try {
        await stack.machines(
            {},
            { laptop1: { onUnreachable: "pending", settings: { smtp_mail_timeout: "200s" } }, laptop2: {} },
        );
        await succeeds(stack.up("--skip-preview"));
    } finally {
        lab("start", "laptop1");
    }
    const { machines } = await look();
    assert.equal(machines.laptop1?.state, "pending");
    await succeeds(stack.refresh("--skip-preview"));
    await succeeds(stack.up("--skip-preview"));
    assert.equal((await look()).code, 0);
});

test("a wrong command line is told, with how it is right; 2", async () => {
    const wrong = await stack.command("status", "--jsn");
    assert.equal(wrong.code, 2);
    assert.match(wrong.out, /--jsn.*usage: pulumi-postfix status/s);
    assert.equal((await stack.command("stauts")).code, 2);
});
