import assert from "node:assert/strict";
import { test } from "node:test";
import { allNetworkHooks, hookPath, hookText, networkManagers } from "../../../postfix/network-hooks";
import { Problems } from "../../../postfix/problems";
import { sha256 } from "../../../provider/host/apply";
import { describePlan } from "../../../provider/host/describe";
import type { HookFile, HostFacts } from "../../../provider/host/facts";
import { planRemoval } from "../../../provider/host/plan";
import { observeHooks, planHooks } from "../../../provider/host/plan-network-hooks";
import { factsOf } from "./fixtures";

const owner = "alice-0000000a";
const [networkManager, networkd] = networkManagers;
assert.ok(networkManager && networkd);
const wanted = { networkHooks: allNetworkHooks() };
const path = hookPath(networkManager, owner);
const text = hookText(networkManager, owner);

const hook = (more: Partial<HookFile> = {}): HookFile => ({
    path,
    mode: "755",
    owner: "root:root",
    sha256: sha256(text),
    ours: true,
    ...more,
});

/** A laptop with NetworkManager and these files in its folder. */
const laptop = (hooks: HookFile[], there = [networkManager.directory]): HostFacts =>
    factsOf({ network: { there, flushes: [], hooks } });

function plan(inputs: { networkHooks?: Record<string, string> }, facts: HostFacts) {
    const problems = new Problems();
    return { ...planHooks(inputs, facts, owner, problems), problems: problems.list };
}

test("a preview names the folder of a hook that comes, and the file of one that goes", () => {
    const facts = laptop([]);
    const going = planRemoval(owner, laptop([hook()]));
    const { write } = plan(wanted, facts);
    const [, ...said] = describePlan({ ...going, hooks: { write, remove: [path] } }, "3.7.11");
    assert.deepEqual(said, [
        `  ${networkManager.directory}: a file that sends the queue when the network is back`,
        `  ${path}: removed`,
    ]);
});

test("a hook is written where its manager is, and only there; a good one is left alone", () => {
    assert.deepEqual(plan(wanted, laptop([])), { write: { [path]: text }, remove: [], problems: [] });
    assert.deepEqual(plan(wanted, laptop([hook()])), { write: {}, remove: [], problems: [] });
    assert.deepEqual(plan(wanted, laptop([], [])), { write: {}, remove: [], problems: [] });
    assert.deepEqual(plan({}, laptop([])), { write: {}, remove: [], problems: [] });
});

test("a hook goes when it is not wanted, when the distribution does the same, and with its owner", () => {
    const removed = { write: {}, remove: [path], problems: [] };
    assert.deepEqual(plan({}, laptop([hook()])), removed);
    const flushed = laptop(
        [hook()],
        [networkManager.directory, "/usr/lib/NetworkManager/dispatcher.d/01-ifupdown"],
    );
    flushed.network.flushes.push("/etc/network/if-up.d/postfix");
    assert.deepEqual(plan(wanted, flushed), removed);
    const other = hook({ path: hookPath(networkManager, "bob-0000000b") });
    assert.deepEqual(planRemoval(owner, laptop([hook(), other])).hooks, { write: {}, remove: [path] });
});

test("a file of somebody else under its name is an error, and never removed", () => {
    const foreign = laptop([hook({ ours: false, sha256: "abc" })]);
    assert.deepEqual(plan(wanted, foreign), {
        write: {},
        remove: [],
        problems: [
            {
                path: "networkHooks.NetworkManager",
                reason: `${path} of the host is not ours, and is not written over: move it away, or set flushOnNetwork: false`,
            },
        ],
    });
    assert.deepEqual(plan({}, foreign).remove, []);
    assert.deepEqual(planRemoval(owner, foreign).hooks.remove, []);
});

for (const [what, hooks, shown] of [
    ["as it was written", [hook()], "flush"],
    ["gone", [], `(${path} is missing on the host)`],
    ["edited", [hook({ sha256: "abc" })], `(${path} was changed on the host)`],
    ["not to be run", [hook({ mode: "644" })], `(${path} has mode 644 root:root, not 755 root:root)`],
    ["somebody's", [hook({ owner: "eve:eve" })], `(${path} has mode 755 eve:eve, not 755 root:root)`],
    ["another's file", [hook({ ours: false })], `(${path} is not ours on the host)`],
] as [string, HookFile[], string][]) {
    test(`a hook that is ${what}: a refresh shows it, and the next change mends it`, () => {
        assert.deepEqual(observeHooks(wanted, laptop(hooks), owner), {
            ...allNetworkHooks(),
            NetworkManager: shown,
        });
        const repaired = Object.keys(plan(wanted, laptop(hooks)).write);
        assert.deepEqual(repaired, shown === "flush" || what === "another's file" ? [] : [path]);
    });
}

test("a manager that comes later shows as a missing hook; one that is not there, as nothing", () => {
    const later = laptop([hook()], [networkManager.directory, networkd.directory]);
    assert.match(observeHooks(wanted, later, owner)["networkd-dispatcher"] ?? "", /is missing on the host/);
    assert.deepEqual(observeHooks(wanted, laptop([], []), owner), allNetworkHooks());
    assert.deepEqual(observeHooks({}, laptop([hook()]), owner), {});
});
