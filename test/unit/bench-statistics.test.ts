import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Measurement, Results } from "../../bench/measurement";
import { parseOptions } from "../../bench/options";
import { roundName, roundsOf } from "../../bench/plan";
import { asJson, joined } from "../../bench/results-file";
import { ratios, seconds, spreadOf } from "../../bench/statistics";
import { partOf } from "../../bench/usage";

const one = (more: Partial<Measurement>): Measurement => ({
    hosts: 40,
    run: 1,
    temperature: "warm",
    contender: "module",
    work: "first",
    seconds: 1,
    contacted: 0,
    connections: 0,
    load: 1,
    ...more,
});

describe("what several runs come to", () => {
    it("the one in the middle, or the mean of the two, whatever their order", () => {
        assert.deepEqual(spreadOf([9, 1, 10]), { median: 9, min: 1, max: 10 });
        assert.deepEqual(spreadOf([4, 1, 3, 2]), { median: 2.5, min: 1, max: 4 });
        assert.deepEqual(spreadOf([7]), { median: 7, min: 7, max: 7 });
        assert.equal(spreadOf([]), undefined);
    });

    it("ratios are taken within a run, and only of the same fleet, temperature and work", () => {
        const all = [
            one({ run: 1, seconds: 2 }),
            one({ run: 1, contender: "shell", seconds: 8 }),
            one({ run: 2, seconds: 20 }),
            one({ run: 2, contender: "shell", seconds: 60 }),
            one({ run: 2, contender: "shell", seconds: 999, temperature: "cold" }),
            one({ run: 2, contender: "shell", seconds: 999, hosts: 10 }),
            one({ run: 3, contender: "shell", seconds: 999 }),
        ];
        const which = { hosts: 40, temperature: "warm", work: "first" } as const;
        assert.deepEqual(
            ratios(all, { ...which, contender: "shell" }, { ...which, contender: "module" }, seconds),
            [4, 3],
        );
    });

    it("of what was not measured there is none", () => {
        const which = { hosts: 40, temperature: "warm", work: "first" } as const;
        const all = [one({}), one({ contender: "shell" })];
        assert.deepEqual(
            ratios(
                all,
                { ...which, contender: "shell" },
                { ...which, contender: "module" },
                ({ cpuSeconds }) => cpuSeconds,
            ),
            [],
        );
    });
});

describe("the command line of the bench", () => {
    it("has defaults, and takes lists in any order", () => {
        assert.deepEqual(parseOptions([]), {
            hosts: [1, 10, 40],
            runs: 3,
            temperatures: ["cold", "warm"],
            only: ["module", "floor", "shell", "ansible-tuned", "ansible-default", "ssh", "ssh2"],
            works: ["first", "none", "preview", "setting", "refresh", "added"],
            write: false,
            render: [],
        });
        const given = parseOptions(["--hosts", "2,100", "--only", "ssh2,module", "--write", "--runs", "1"]);
        assert.deepEqual(parseOptions(["--works", "refresh,none"]).works, ["first", "none", "refresh"]);
        assert.deepEqual(
            [given.hosts, given.only, given.write, given.runs],
            [[2, 100], ["module", "ssh2"], true, 1],
        );
    });

    it("says what is allowed", () => {
        assert.throws(() => parseOptions(["--host", "2"]), /no option "--host"; there are: --hosts/);
        assert.throws(() => parseOptions(["--hosts"]), /--hosts wants a value/);
        assert.throws(() => parseOptions(["--runs", "--write"]), /--runs wants a value/);
        assert.throws(() => parseOptions(["--hosts", "1,250"]), /1 to 249; got "250"/);
        assert.throws(() => parseOptions(["--runs", "0"]), /1 to 99; got "0"/);
        assert.throws(() => parseOptions(["--only", "module,puppet"]), /module, floor, .*; got "puppet"/);
    });
});

describe("the rounds of the bench", () => {
    it("let contenders take turns within a run, cold before warm, one size of fleet after the other", () => {
        const words = ["--hosts", "1,40", "--runs", "2", "--only", "module,ssh"];
        assert.deepEqual(
            roundsOf(parseOptions(words)).map(roundName),
            ["1 laptop", "40 laptops"].flatMap((size) =>
                [1, 2].flatMap((run) =>
                    ["module", "ssh"].flatMap((contender) =>
                        ["cold", "warm"].map(
                            (temperature) => `${size}, run ${run}, ${temperature}, ${contender}`,
                        ),
                    ),
                ),
            ),
        );
    });
});

describe("results that are kept", () => {
    const bench = (runs: number[], date: string): Results => ({
        date,
        versions: {},
        measurements: runs.map((run) => one({ run })),
        failures: [date],
    });

    it("come back as they were written, one measurement a line", () => {
        const text = asJson(bench([1, 2], "a"));
        assert.deepEqual(JSON.parse(text), bench([1, 2], "a"));
        assert.equal(text.split("\n").filter((line) => line.includes('"seconds"')).length, 2);
        assert.deepEqual(JSON.parse(asJson(bench([], "a"))), bench([], "a"));
    });

    it("of several benches are joined, each run still by itself", () => {
        const both = joined([bench([1, 2], "a"), bench([1], "b")]);
        assert.deepEqual(
            both.measurements.map(({ run }) => run),
            [1, 2, 3],
        );
        assert.deepEqual([both.date, both.failures], ["b", ["a", "b"]]);
        assert.throws(() => joined([]), /no results/);
    });
});

describe("the processes that are shown by themselves", () => {
    it("are the plugin and the engine, and no other program in Node", () => {
        assert.equal(partOf(["node", "/x/dist/provider/main.js", "127.0.0.1:1"]), "plugin");
        assert.equal(partOf(["pulumi", "up"]), "engine");
        assert.equal(partOf(["/x/bin/pulumi", "up"]), "engine");
        assert.equal(partOf(["pulumi-language-nodejs"]), undefined);
        assert.equal(partOf(["node", "/x/index.js"]), undefined);
        assert.equal(partOf([]), undefined);
    });
});
