import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { End } from "../faults/duplicates";
import { kinds } from "../faults/kinds";
import { describeStep, planSteps } from "../faults/plan";
import { newReport, type Report, summary } from "../faults/report";

const lanes = (of: number) => Array.from({ length: of }, (_, index) => ({ number: index + 1, of }));

describe("what faults a run deals", () => {
    it("each kind once in all lanes together, before any comes twice, whatever the seed", () => {
        for (let seed = 1; seed <= 50; seed++)
            for (const of of [1, 2, 3]) {
                const dealt = lanes(of).flatMap((lane) => {
                    const share = kinds.filter((_, index) => index % of === lane.number - 1).length;
                    return planSteps(seed, share, lane);
                });
                const names = dealt.map(({ kind }) => kind.name).sort();
                assert.deepEqual(names, kinds.map(({ name }) => name).sort());
                assert.ok(dealt.every(({ delaySeconds }) => delaySeconds === 0));
            }
    });

    it("the same ones for the same seed, others for another", () => {
        const told = (seed: number, number = 1) => planSteps(seed, 60, { number, of: 2 }).map(describeStep);
        assert.deepEqual(told(7), told(7));
        assert.deepEqual(told(7).slice(0, 20), planSteps(7, 20, { number: 1, of: 2 }).map(describeStep));
        assert.notDeepEqual(told(7), told(8));
        assert.notDeepEqual(told(7), told(7, 2));
    });
});

describe("the table of a run", () => {
    const all = {
        ...newReport(1),
        dealt: { "agent killed": 2 },
        seconds: { "agent killed": 9 },
        sent: 5,
        delivered: 5,
    };
    const copy = {
        id: "m@faults",
        at: "hub",
        ways: ["hub A", "hub B"] as [string, string],
        time: 0,
        said: [],
    };
    const end: End = { host: "hub", what: "power cut", from: 1, to: 2 };
    const told = (report: Partial<Report>) => summary([{ ...all, ...report }]);

    it("is good when nothing is wrong, and a message came twice by an end of Postfix at most", () => {
        assert.ok(told({}).good);
        const { text, good } = told({
            duplicates: [{ ...copy, cause: { end, because: "it had A in hand" } }],
        });
        assert.ok(good);
        assert.match(text, /^duplicated, Postfix killed +1$/m);
        assert.match(text, /hub A, and hub B; power cut on hub at .*: it had A in hand/);
        assert.match(text, /^agent killed +2 +4\.5 s each$/m);
    });

    it("is not when one came twice by itself, a kind never struck, or anything else is there", () => {
        assert.ok(!told({ duplicates: [copy] }).good);
        assert.ok(!told({ dealt: { "agent killed": 0 } }).good);
        for (const key of ["lost", "bounced", "clear", "impostor", "mixed", "silent", "wrong"] as const)
            assert.ok(!told({ [key]: ["one"] }).good, key);
    });
});
