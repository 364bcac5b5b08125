import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMainCf } from "../../../postfix/main-cf";
import { planChange, planRemoval } from "../../../provider/host/plan";
import { factsOf, grant, hub, ids, laptop, stockMain, target } from "./fixtures";
import { append, applied, drift } from "./refresh";

const admins = `# mine
relayhost = [smtp.isp.example]
relay_clientcerts = texthash:/etc/postfix/clients
mail_owner = postfix
message_size_limit =
# inside
  20480000`;
const facts = factsOf({ mainCf: `${stockMain}${admins}` });
const inputs = hub({ exclusive: true });
const names = (mainCf: string) => parseMainCf(mainCf).settings.map(({ name }) => name);

test("every line of others yields without another word but those of the installation, and all come back", () => {
    const plan = planChange(inputs, facts, target(ids.hub));
    assert.deepEqual(plan.problems, []);
    const ours = Object.keys(inputs.main);
    assert.deepEqual(
        names(plan.mainCf).filter((name) => !ours.includes(name) && !name.startsWith("pulumi_")),
        [
            "readme_directory",
            "compatibility_level",
            "myhostname",
            "alias_maps",
            "alias_database",
            "mail_owner",
        ],
    );
    const after = { ...facts, mainCf: plan.mainCf, masterCf: plan.masterCf };
    assert.equal(planRemoval(ids.hub.owner, after).mainCf, facts.mainCf);
});

test("each line that goes is named with who wrote it", () => {
    const { changes } = planChange(inputs, facts, target(ids.hub));
    const by = (name: string) => changes.find((change) => change.name === name)?.by;
    assert.equal(by("message_size_limit"), "admin");
    assert.equal(by("inet_interfaces"), "distribution");
});

test("the admin's own part of a list does not join where the file is ours", () => {
    const shared = planChange(hub({ exclusive: true }, { port: 25 }), facts, target(ids.hub));
    assert.match(shared.mainCf, /^relay_clientcerts = \$pulumi_relay_clientcerts$/m);
});

test("a line that somebody adds is drift, one of the installation is not, nor is another owner's block", () => {
    const laptops = grant(["alice"]);
    const host = applied([
        [laptops, ids.laptops],
        [inputs, ids.hub],
    ]);
    assert.deepEqual(drift(inputs, host, ids.hub), {});
    assert.deepEqual(drift(inputs, append(host, "biff = no"), ids.hub), { "main.biff": "add" });
    assert.deepEqual(drift(inputs, append(host, "alias_maps = texthash:/etc/aliases"), ids.hub), {});
    const plain = applied([[hub(), ids.hub]]);
    assert.deepEqual(drift(hub(), append(plain, "biff = yes"), ids.hub), {});
});

test("taken back, the lines count again", () => {
    const host = applied([[inputs, ids.hub]]);
    const { mainCf, problems } = planChange(hub(), host, target(ids.hub));
    assert.deepEqual(problems, []);
    assert.ok(names(mainCf).includes("mailbox_size_limit"));
});

test("a limit that only the distribution's line made possible is an error, before any mail waits for it", () => {
    const settings = { message_size_limit: "60000000" };
    const limits = { ...settings, mailbox_size_limit: "0" };
    const paths = (inputs: ReturnType<typeof hub>) =>
        planChange(inputs, factsOf(), target(ids.hub)).problems.map(({ path }) => path);
    assert.deepEqual(paths(hub({ exclusive: true, settings })), ["main.message_size_limit"]);
    assert.deepEqual(paths(hub({ exclusive: true, settings: limits })), []);
});

test("a laptop may have it too", () => {
    const plan = planChange(laptop({ exclusive: true }), facts, target(ids.alice));
    assert.deepEqual(plan.problems, []);
    assert.ok(!names(plan.mainCf).includes("message_size_limit"));
});
