import assert from "node:assert/strict";
import { test } from "node:test";
import { readSettings } from "../../../postfix/compose";
import { originalView, readBlocks } from "../../../postfix/fragment";
import { parseMainCf } from "../../../postfix/main-cf";
import { parseMasterCf } from "../../../postfix/master-cf";
import { resolvePort } from "../../../postfix/services";
import type { FragmentId } from "../../../provider/host/identity";
import type { HostInputs } from "../../../provider/host/inputs";
import { type Plan, planChange, planRemoval } from "../../../provider/host/plan";
import { forSeeds, type Generator, mainCfText } from "../../unit/generate";
import { factsOf, grant, hub, ids, laptop, plain, stockMain, stockMaster, target } from "./fixtures";

const takeOver = ["*"];

/** A program's wishes for one owner; what owners of one machine set, they set alike. */
function wishes(generator: Generator, name: keyof typeof ids): HostInputs {
    switch (name) {
        case "alice":
            return laptop({
                takeOver,
                settings: generator.pick<Record<string, string>>([{}, { myorigin: "example.com" }]),
            });
        case "hub":
            return hub({ takeOver }, { mode: "guest", port: generator.pick([587, 2587, 25]) });
        case "guest":
            return hub({ takeOver }, { mode: "guest", port: generator.pick([465, 10025]) });
        case "laptops":
            return grant(generator.pick([["alice"], ["alice", "bob"], []]));
        default:
            return plain(
                {
                    main: generator.pick<Record<string, string>>([
                        {},
                        { biff: "yes" },
                        { x: "1", smtp_tls_loglevel: "1" },
                    ]),
                },
                { takeOver },
            );
    }
}

const adminServices = [
    "smtp      inet  n       -       y       -       -       smtpd",
    "submission inet n - y - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n# a comment\n  -o x=y",
    "127.0.0.1:2587 inet n - y - - smtpd",
    "smtp unix - - y - - smtp",
    "# a comment",
    "",
];

function masterText(generator: Generator): string {
    const end = generator.pick(["\n", "\r\n"]);
    const lines = generator.shuffle(adminServices.filter(() => !generator.chance(3)));
    const text = lines.map((line) => line.replaceAll("\n", end) + end).join("");
    return generator.pick([text, text.replace(/\r?\n$/, ""), stockMaster, stockMaster.trimEnd()]);
}

function mainText(generator: Generator): string {
    const text = generator.pick([
        mainCfText(generator),
        stockMain,
        stockMain.trimEnd(),
        stockMain + mainCfText(generator),
    ]);
    // A file that Postfix cannot read is refused by the probe long before.
    return parseMainCf(text).broken.length === 0 ? text : stockMain;
}

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
    forSeeds(60, (generator) => {
        const before: Files = { mainCf: mainText(generator), masterCf: masterText(generator) };
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
        const leave = (id: FragmentId) => {
            step(planRemoval(id.owner, factsOf(files)), new Set());
            present = present.filter(([other]) => other !== id);
        };
        const names = Object.keys(ids) as (keyof typeof ids)[];
        for (const name of generator.shuffle([...names, ...names])) {
            const id = ids[name];
            if (present.some(([other]) => other === id) && generator.chance(3)) {
                leave(id);
                continue;
            }
            const generation = generator
                .below(2 ** 31)
                .toString(16)
                .padStart(16, "0");
            const own = present.find(([other]) => other === id)?.[1] ?? new Set<string>();
            own.add(`${id.owner}/${generation}`);
            step(
                planChange(
                    wishes(generator, name),
                    factsOf({ ...files, running: generator.chance(2) }),
                    target(id, generation),
                ),
                own,
            );
            if (!present.some(([other]) => other === id)) present.push([id, own]);
        }
        for (const [id] of generator.shuffle(present)) leave(id);
        assert.deepEqual(files, before);
    });
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
    forSeeds(30, (generator) => {
        let files: Files = { mainCf: mainText(generator), masterCf: masterText(generator) };
        const names = generator.shuffle(Object.keys(ids) as (keyof typeof ids)[]);
        const wanted = names.map((name) => ({ id: ids[name], inputs: wishes(generator, name) }));
        for (let round = 0; round < 2; round++) {
            const start = files;
            for (const { id, inputs } of wanted) {
                const plan = planChange(inputs, factsOf(files), target(id));
                assert.deepEqual(plan.problems, []);
                files = { mainCf: plan.mainCf, masterCf: plan.masterCf };
                if (round > 0) assert.deepEqual(plan.changes, []);
            }
            if (round > 0) assert.deepEqual(files, start);
        }
    });
});
