import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse, print } from "../../../postfix/fragment/parse";
import { laterMarks, readBlocks } from "../../../postfix/fragment/read";
import { hostResource } from "../../../provider/host";
import { markFaults, refuseLaterMarks } from "../../../provider/host/marks";
import { planChange, planRemoval } from "../../../provider/host/plan";
import { factsOf, ids, plain, target } from "./fixtures";

// Files and a state as the first form has them. They stay as they are, whatever later releases write.
const read = (name: string) => readFileSync(join(__dirname, "form-1", name), "utf8");
const before = { mainCf: read("before-main.cf"), masterCf: read("before-master.cf") };
const written = { mainCf: read("main.cf"), masterCf: read("master.cf") };

test("files of the first form are read whole: four owners and what they share", () => {
    assert.deepEqual(
        readBlocks(written.mainCf).map(({ owner }) => owner),
        ["hub-00000001", "shared", "laptops-00000003", "alice-a11ce000", "plain-00000004"],
    );
    for (const text of Object.values(written)) {
        assert.deepEqual(laterMarks(text), []);
        assert.equal(print(parse(text)), text);
    }
    assert.deepEqual(markFaults(written), []);
});

for (const order of [
    ["hub", "laptops", "alice", "plain"],
    ["plain", "alice", "laptops", "hub"],
    ["alice", "plain", "hub", "laptops"],
] as const) {
    test(`files of the first form come back byte for byte when ${order.join(", ")} leave`, () => {
        let files = written;
        for (const name of order) files = planRemoval(ids[name].owner, factsOf(files));
        assert.equal(files.mainCf, before.mainCf);
        assert.equal(files.masterCf, before.masterCf);
    });
}

test("a change by this release leaves a file of the first form one that can be undone", () => {
    const changed = planChange(
        plain({ main: { biff: "yes" } }, { takeOver: ["*"] }),
        factsOf(written),
        target(ids.plain),
    );
    let files: typeof written = changed;
    for (const name of ["plain", "alice", "laptops", "hub"] as const)
        files = planRemoval(ids[name].owner, factsOf(files));
    assert.equal(files.mainCf, before.mainCf);
});

test("a state of the first form differs from the program that made it in what a first release did not say yet", async () => {
    const { id, inputs, outputs } = JSON.parse(read("state.json"));
    const request = { urn: "", id, olds: outputs, oldInputs: inputs, news: inputs, ignoreChanges: [] };
    const diff = await hostResource.diff(request as unknown as Parameters<typeof hostResource.diff>[0]);
    assert.deepEqual(diff.detailed, { pending: "add" });
    assert.equal(outputs.schema, 1);
    // Written anew without a look at the machine, which no test could reach.
    const update = hostResource.update({ ...request, preview: false } as never);
    const { pending, provenBy, provenPins, main } = (await update).outputs;
    assert.deepEqual([pending, provenBy, main], [false, outputs.provenBy, outputs.main]);
    assert.deepEqual(provenPins, outputs.proof?.reaches?.pins);
});

const begin = "# BEGIN pulumi-postfix hub-00000001 0123456789abcdef";
for (const mark of [
    `${begin} form=2`,
    `${begin} no-final-newline form=2`,
    "# END pulumi-postfix hub-00000001 form=2",
]) {
    test(`a mark that says more than this release knows is named, and nothing is done: ${mark}`, () => {
        const mainCf = `a = 1\n${mark}\n`;
        const said = [
            "main.cf line 2 of the host",
            "was written by a later release of pulumi-postfix",
            "update the package",
        ];
        for (const words of said)
            assert.throws(
                () => refuseLaterMarks({ ...before, mainCf }),
                (error: Error) => error.message.includes(words),
            );
        assert.throws(() => refuseLaterMarks({ ...before, masterCf: mainCf }), /master\.cf line 2/);
    });
}

test("the marks of this release, also with a CR, are none of a later one", () => {
    for (const text of [begin, `${begin}\r`, `${begin} no-final-newline`, `${begin} `])
        assert.deepEqual(laterMarks(`${text}\n`), []);
});

test("what somebody did to a mark is a warning with its line", () => {
    const facts = factsOf({ mainCf: `${before.mainCf}\n#pulumi-postfix(gone-00000009)# x = 1\n` });
    const { warnings } = planChange(plain({ main: { y: "1" } }), facts, target(ids.plain));
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /^main\.cf line \d+ of the host, ".*": commented out for gone-00000009/);
});
