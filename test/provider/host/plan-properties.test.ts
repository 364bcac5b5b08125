import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readSettings } from "../../../postfix/compose";
import { originalView, readBlocks } from "../../../postfix/fragment/read";
import { parseMainCf } from "../../../postfix/main-cf";
import { parseMasterCf } from "../../../postfix/master-cf";
import { resolvePort } from "../../../postfix/services";
import type { FragmentId } from "../../../provider/host/identity";
import { type Plan, planChange, planRemoval } from "../../../provider/host/plan";
import { ordered, runs } from "../../unit/properties";
import { factsOf, hub, ids, stockMain, stockMaster, target } from "./fixtures";
import { history, mainText, masterText, names, wishes } from "./owners";

interface Files {
    mainCf: string;
    masterCf: string;
}

/** What keeps Postfix from working as it should, of one pair of files that a power cut may leave. */
function faults({ mainCf, masterCf }: Files, generations: Set<string>): string[] {
    const main = parseMainCf(mainCf);
    const master = parseMasterCf(masterCf);
    const defined = new Map(main.settings.map(({ name, value }) => [name, value]));
    const options = master.services.flatMap((service) => service.options);
    const values = [...defined.values(), ...options.map(({ value }) => value)];
    const ports = master.services.flatMap(({ service, type }) =>
        type === "inet" ? (resolvePort(service)?.port ?? []) : [],
    );
    const ours = new Set(readBlocks(mainCf).flatMap(({ body }) => readSettings(body).map(([name]) => name)));
    const names = main.settings.map(({ name }) => name).filter((name) => ours.has(name));
    return [
        ...names.filter((name, index) => names.indexOf(name) !== index).map((name) => `${name} is set twice`),
        ...[...main.broken, ...master.broken].map(({ line, reason }) => `line ${line} ${reason}`),
        ...ports.filter((port, index) => ports.indexOf(port) !== index).map((port) => `port ${port} twice`),
        ...values.flatMap((value) =>
            [...value.matchAll(/\$(pulumi_\w+)/g)].flatMap(([, name = ""]) =>
                defined.has(name) ? [] : [`${name} is read but not set`],
            ),
        ),
        ...values.flatMap((value) =>
            [...value.matchAll(/\/pulumi\/([^/]+\/[^/]+)\//g)].flatMap(([, folder = ""]) =>
                generations.has(folder) ? [] : [`files of ${folder} are gone`],
            ),
        ),
    ];
}

/** The pair between the two renames of a plan. */
const between = (before: Files, plan: Plan): Files =>
    plan.order === "main master"
        ? { mainCf: plan.mainCf, masterCf: before.masterCf }
        : { mainCf: before.mainCf, masterCf: plan.masterCf };

test("owners come, change and leave in any order: every pair on the way is valid, the last one restores both files", () => {
    let steps = 0;
    fc.assert(
        fc.property(mainText, masterText, history, ordered(names), (mainCf, masterCf, events, leaving) => {
            const before: Files = { mainCf, masterCf };
            let files = before;
            let present: [FragmentId, Set<string>][] = [];
            const step = (plan: Plan, folders: Set<string>) => {
                assert.deepEqual(plan.problems, []);
                const all = new Set([...folders, ...present.flatMap(([, own]) => [...own])]);
                assert.deepEqual(faults(between(files, plan), all), []);
                assert.deepEqual(faults(plan, all), []);
                assert.equal(originalView(plan.mainCf), before.mainCf);
                assert.equal(originalView(plan.masterCf), before.masterCf);
                files = { mainCf: plan.mainCf, masterCf: plan.masterCf };
                steps++;
            };
            const isPresent = (id: FragmentId) => present.some(([other]) => other === id);
            const leave = (id: FragmentId) => {
                step(planRemoval(id.owner, factsOf(files)), new Set());
                present = present.filter(([other]) => other !== id);
            };
            for (const { name, inputs, leaves, generation, running } of events) {
                const id = ids[name];
                if (isPresent(id) && leaves) {
                    leave(id);
                    continue;
                }
                const own = present.find(([other]) => other === id)?.[1] ?? new Set<string>();
                own.add(`${id.owner}/${generation}`);
                step(planChange(inputs, factsOf({ ...files, running }), target(id, generation)), own);
                if (!isPresent(id)) present.push([id, own]);
            }
            for (const name of leaving) if (isPresent(ids[name])) leave(ids[name]);
            assert.deepEqual(files, before);
        }),
        runs(60),
    );
    assert.ok(steps > 500);
});

test("the other order of the renames is never the one that is needed: it leaves what is read but not set", () => {
    const plan = planChange(hub(), factsOf(), target(ids.hub));
    const generations = new Set([`${ids.hub.owner}/0123456789abcdef`]);
    const before = { mainCf: stockMain, masterCf: stockMaster };
    assert.deepEqual(faults({ mainCf: stockMain, masterCf: plan.masterCf }, generations), [
        "pulumi_relay_clientcerts is read but not set",
        "pulumi_laptop_sender_classes is read but not set",
        "pulumi_laptop_sender_limits is read but not set",
    ]);
    assert.deepEqual(faults(between(before, plan), generations), []);
    const removal = planRemoval(ids.hub.owner, factsOf({ mainCf: plan.mainCf, masterCf: plan.masterCf }));
    assert.deepEqual([plan.order, removal.order], ["main master", "master main"]);
});

test("a change made twice changes nothing: both files come out as they went in", () => {
    const wanted = ordered(names).chain((order) =>
        fc.tuple(...order.map((name) => fc.record({ name: fc.constant(name), inputs: wishes[name] }))),
    );
    fc.assert(
        fc.property(mainText, masterText, wanted, (mainCf, masterCf, arrivals) => {
            let files: Files = { mainCf, masterCf };
            for (let round = 0; round < 2; round++) {
                const start = files;
                for (const { name, inputs } of arrivals) {
                    const plan = planChange(inputs, factsOf(files), target(ids[name]));
                    assert.deepEqual(plan.problems, []);
                    files = { mainCf: plan.mainCf, masterCf: plan.masterCf };
                    if (round > 0) assert.deepEqual(plan.changes, []);
                }
                if (round > 0) assert.deepEqual(files, start);
            }
        }),
        runs(30),
    );
});
