/** Each example as a project of its own with the packed package: `run.sh` has installed it beside them. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { inTheLab } from "../in-the-lab";
import { configuration, eventually, labHost, mailWith, send } from "../lab";
import { withAgent } from "../ssh-agent";
import { Stack, succeeds } from "../stack";

const work = process.env.NEWCOMER ?? "";
const agent = withAgent();
after(() => agent.end());

function intoTheLab(folder: string, machines: Record<string, string>): void {
    const file = join(folder, "index.ts");
    writeFileSync(file, inTheLab(readFileSync(file, "utf8"), machines));
}

function example(name: string, typescript: number): string {
    const folder = join(work, `examples-${typescript}`, name);
    // As npm would have it, who finds the package in the folder above; the provider's path does not look there.
    const modules = join(folder, "node_modules");
    if (!existsSync(modules)) symlinkSync("../node_modules", modules);
    return folder;
}

const stackOf = (name: string, folder: string): Stack =>
    new Stack(name, folder, { SSH_AUTH_SOCK: agent.socket });

async function delivers(laptop: string, word: string): Promise<void> {
    send(laptop, word);
    assert.match(await eventually("the mail arrives", () => mailWith("hub", word)), /using TLSv1\.3/);
}

test("one-hub, and fleet-elsewhere with its hub; TypeScript 5", async (t) => {
    await agent.ready;
    const names = ["hub", "laptop1", "laptop2", "laptop3"];
    const before = names.map(configuration);
    const hubFolder = example("one-hub", 5);
    intoTheLab(hubFolder, {
        "192.0.2.25": "hub",
        "192.0.2.101": "laptop1",
        "192.0.2.102": "laptop2",
    });
    const hub = stackOf("production", hubFolder);
    t.after(async () => {
        await hub.destroy("--skip-preview");
        hub.remove();
    });
    await succeeds(hub.up("--skip-preview"));
    await delivers("laptop2", "one-hub");

    const fleetFolder = example("fleet-elsewhere", 5);
    intoTheLab(fleetFolder, { "192.0.2.25": "hub", "192.0.2.103": "laptop3" });
    const fleet = new Stack("berlin", fleetFolder, {
        SSH_AUTH_SOCK: agent.socket,
        PULUMI_BACKEND_URL: `file://${hub.folder}`,
    });
    t.after(async () => {
        await fleet.destroy("--skip-preview");
        fleet.remove();
    });
    await succeeds(fleet.run(["config", "set", "hubStack", "organization/one-hub/production"]));
    await succeeds(fleet.up("--skip-preview"));
    await delivers("laptop3", "fleet-elsewhere");
    await succeeds(fleet.destroy("--skip-preview"));
    await succeeds(hub.destroy("--skip-preview"));
    assert.deepEqual(names.map(configuration), before);
});

test("in-a-larger-program: a component of the user's own, on a machine of the same run; TypeScript 6", async (t) => {
    await agent.ready;
    const before = ["hub", "laptop1"].map(configuration);
    const folder = example("in-a-larger-program", 6);
    intoTheLab(folder, { "192.0.2.101": "laptop1" });
    const stack = stackOf("dev", folder);
    t.after(async () => {
        await stack.destroy("--skip-preview");
        stack.remove();
    });
    const { ip, hostKey } = labHost("hub");
    await succeeds(stack.run(["config", "set", "address", ip]));
    await succeeds(stack.run(["config", "set", "hostKey", hostKey]));
    await succeeds(stack.up());
    await delivers("laptop1", "in-a-larger-program");
    await succeeds(stack.destroy("--skip-preview"));
    assert.deepEqual(["hub", "laptop1"].map(configuration), before);
});
