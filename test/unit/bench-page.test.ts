import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { changedCounts } from "../../bench/contenders/ansible";
import { judge } from "../../bench/goals";
import type { Measurement, Results } from "../../bench/measurement";
import { begin, end, sectionOf, withSection } from "../../bench/page";
import { logScale, plot } from "../../bench/plot";
import { asMarkdown, asText, tablesOf } from "../../bench/table";
import type { ContenderName, Work } from "../../bench/works";

const base: Omit<Measurement, "contender" | "work" | "seconds"> = {
    hosts: 40,
    run: 1,
    temperature: "warm",
    contacted: 41,
    connections: 41,
    load: 1.5,
};
const took = (
    contender: ContenderName,
    work: Work,
    seconds: number,
    more: Partial<Measurement> = {},
): Measurement => ({ ...base, contender, work, seconds, ...more });

const all: Measurement[] = [
    took("module", "first", 8, { cpuSeconds: 5, peakMiB: 400, partsMiB: { plugin: 120, engine: 200 } }),
    took("shell", "first", 10, { cpuSeconds: 4 }),
    took("ansible-tuned", "first", 33, { cpuSeconds: 11 }),
    took("module", "none", 4, { contacted: 0, connections: 0 }),
    took("floor", "none", 3, { contacted: 0, connections: 0 }),
    took("module", "added", 5.5, { contacted: 2, connections: 2 }),
];
const results: Results = {
    date: "2026-01-02",
    versions: { Postfix: "3.7" },
    measurements: all,
    failures: [],
};

describe("the goals of the bench", () => {
    const verdict = (of: readonly Measurement[], goal: string) => {
        const found = judge(of, 40, "warm").find((one) => one.goal.startsWith(goal));
        assert.ok(found, goal);
        return [found.measured, found.reached];
    };

    it("are reached or not by what was measured", () => {
        assert.deepEqual(verdict(all, "first apply: at most 0.8 of"), ["0.80", true]);
        assert.deepEqual(verdict(all, "first apply: at most 0.25 of"), ["0.24", true]);
        assert.deepEqual(verdict(all, "first apply, CPU"), ["0.45", true]);
        assert.deepEqual(verdict(all, "no change: at most 1.25 of"), ["1.33", false]);
        assert.deepEqual(verdict(all, "no change: no SSH"), ["0", true]);
        assert.deepEqual(verdict(all, "one laptop added: two"), ["2", true]);
        assert.deepEqual(verdict(all, "one laptop added: at most"), ["1.50 s more", true]);
        assert.deepEqual(verdict(all, "plugin"), ["126 MB", true]);
    });

    it("of what was left out are neither", () => {
        assert.deepEqual(verdict(all, "refresh of all"), ["not measured", undefined]);
        assert.deepEqual(verdict([], "plugin"), ["not measured", undefined]);
    });

    it("about contacts count the worst run", () => {
        const worse = [...all, took("module", "none", 4, { run: 2, contacted: 1, connections: 1 })];
        assert.deepEqual(verdict(worse, "no change: no SSH"), ["1", false]);
    });
});

describe("the tables of the bench", () => {
    it("have a line for each work and contender that was measured, in their order", () => {
        const [table, ...more] = tablesOf(all);
        assert.equal(more.length, 0);
        assert.deepEqual(
            table?.rows.map(([work, contender]) => `${work}/${contender}`),
            [
                "first apply/module",
                "first apply/shell",
                "first apply/ansible-tuned",
                "no change/module",
                "no change/floor",
                "one laptop added/module",
            ],
        );
        assert.deepEqual(table?.rows[0]?.slice(2), [
            "8.00",
            "8.00 to 8.00",
            "1.00",
            "5.00",
            "400 (plugin 120, engine 200)",
            "41",
        ]);
        assert.equal(table?.rows[2]?.[4], "4.13");
        assert.match(table?.title ?? "", /^hub and 40 laptops, warm, 1 run, load 1\.5 to 1\.5$/);
    });

    it("are one for each size and temperature, smallest first", () => {
        const more = [
            ...all,
            took("ssh", "refresh", 1, { hosts: 1 }),
            took("ssh", "refresh", 1, { hosts: 10 }),
            took("ssh", "refresh", 2, { temperature: "cold" }),
        ];
        const titles = tablesOf(more).map(({ title }) => title.replace(/, .*?(cold|warm).*/, ", $1"));
        assert.deepEqual(titles, [
            "hub and 1 laptop, warm",
            "hub and 10 laptops, warm",
            "hub and 40 laptops, warm",
            "hub and 40 laptops, cold",
        ]);
    });

    it("stand in straight columns on a terminal, and are tables in Markdown", () => {
        const [table] = tablesOf(all);
        assert.ok(table);
        const [, head = "", first = ""] = asText(table).split("\n");
        assert.equal(head.indexOf("seconds"), first.indexOf("8.00"));
        const rows = asMarkdown(table).split("\n").slice(2);
        assert.ok(rows.every((row) => row.split("|").length === table.head.length + 2));
    });
});

describe("the page of the bench", () => {
    it("has what stands between its marks replaced, and nothing else, as often as one likes", () => {
        const page = `before\n${begin}\nold\n${end}\nafter\n`;
        const once = withSection(page, "new");
        assert.equal(once, `before\n${begin}\n\nnew\n\n${end}\nafter\n`);
        assert.equal(withSection(once, "new"), once);
        assert.throws(() => withSection("no marks", "new"), /lacks its marks/);
        assert.throws(() => withSection(`${end}${begin}`, "new"), /lacks its marks/);
    });

    it("of this repository has marks", () => {
        const page = readFileSync(join(__dirname, "..", "..", "docs", "performance.md"), "utf8");
        assert.match(withSection(page, "new"), /\n\nnew\n\n/);
    });

    it("says which goals are not reached, and what went wrong", () => {
        const section = sectionOf({ ...results, failures: ["40 laptops, run 1: no"] }, "2026-01-02.json");
        assert.match(
            section,
            /\| no change: at most 1\.25 of the engine's floor \| 1\.33, \*\*not reached\*\* \|/,
        );
        assert.match(section, /\| first apply: at most 0\.8 .* \| 0\.80, reached \|/);
        assert.match(section, /- Postfix: 3\.7/);
        assert.match(section, /- 40 laptops, run 1: no/);
        assert.doesNotMatch(sectionOf(results, "x.json"), /Not measured\n/);
    });

    it("says so where another size than the goals' was measured", () => {
        const small = all.map((one) => ({ ...one, hosts: 10 }));
        assert.match(
            sectionOf({ ...results, measurements: small }, "x.json"),
            /at 10 laptops \(the goals are for 40\)/,
        );
    });
});

describe("the plot of the bench", () => {
    it("has an axis of 1, 2, 5 around the values, also around one alone", () => {
        assert.deepEqual(logScale([1, 40], 0, 100).ticks, [1, 2, 5, 10, 20, 50]);
        assert.deepEqual(logScale([0.3, 0.4], 0, 100).ticks, [0.2, 0.5]);
        assert.deepEqual(logScale([10], 0, 100).ticks, [10, 20]);
        const { place } = logScale([1, 100], 0, 100);
        assert.deepEqual([1, 10, 100].map(place), [0, 50, 100]);
        assert.throws(() => logScale([], 0, 1), /no axis/);
    });

    it("draws each contender where it was measured, and names it", () => {
        const wide = [...all, ...all.map((one) => ({ ...one, hosts: 10, seconds: one.seconds / 2 }))];
        const drawn = plot(wide, "warm");
        for (const word of [
            "pulumi-postfix",
            "the engine alone",
            "Ansible, tuned",
            "one laptop added",
            "laptops",
        ])
            assert.ok(drawn.includes(`>${word}</text>`), word);
        assert.ok(!drawn.includes("ssh HOST true"));
        // Two points of one line, the larger fleet to the right of the smaller and higher up.
        const [, x1, y1, x2, y2] =
            /<path d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)" stroke-dasharray/.exec(drawn) ?? [];
        assert.ok(Number(x1) < Number(x2) && Number(y1) > Number(y2), drawn.slice(0, 400));
        assert.doesNotMatch(drawn, /NaN|undefined|Infinity/);
        assert.equal(drawn.match(/<g[ >]/g)?.length, drawn.match(/<\/g>/g)?.length);
    });

    it("leaves the other temperature out", () => {
        assert.ok(
            !plot([...all, took("ssh", "refresh", 3, { temperature: "cold" })], "warm").includes("ssh HOST"),
        );
    });
});

describe("the recap of Ansible", () => {
    const recap = (failed: number) =>
        "PLAY RECAP ****\nhub       : ok=4    changed=2    unreachable=0    failed=0    skipped=0\n" +
        `laptop1   : ok=3    changed=0    unreachable=0    failed=${failed}    skipped=1\n`;

    it("says what has changed where", () => {
        assert.deepEqual(
            [...changedCounts(recap(0))],
            [
                ["hub", 2],
                ["laptop1", 0],
            ],
        );
    });

    it("with a failure is an error", () => {
        assert.throws(() => changedCounts(recap(1)), /laptop1 .*failed=1/);
    });
});
