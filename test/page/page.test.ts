import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { html } from "../../cli/status/html";
import { machineStates } from "../../cli/status/report";
import { browse, framed, lookAt } from "./browser";
import { sample } from "./sample";

const page = html(sample);
const scratch = mkdtempSync(join(tmpdir(), "pulumi-postfix-pictures-"));
const pictures = process.env.PAGE_PICTURES || scratch;
after(() => rmSync(scratch, { recursive: true, force: true }));

for (const [place, width] of [
    ["a desk", 1280],
    ["a tablet", 768],
    ["a telephone", 390],
    ["a small telephone", 320],
] as const) {
    test(`on ${place} nothing has to be moved sideways, and nothing is cut off`, () => {
        const found = lookAt(
            page,
            width,
            `({ document }) => ({
                wide: document.documentElement.scrollWidth,
                cut: [...document.querySelectorAll("td, .chip, .hub, .trouble")]
                    .filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0)
                    .map((one) => one.textContent),
            })`,
        ) as { wide: number; cut: string[] };
        assert.deepEqual(found, { wide: width, cut: [] });
    });
}

const column = (index: number) =>
    `[...document.querySelectorAll("tbody tr")].map((row) => row.children[${index}].textContent)`;

test("a click on a column sorts the machines by it, a second one the other way round", () => {
    const [up, down] = lookAt(
        page,
        1280,
        `({ document }) => {
            const state = document.querySelectorAll("th button")[2];
            return [1, 2].map(() => { state.click(); return ${column(2)}; });
        }`,
    ) as string[][];
    const states = (texts: string[] = []) => texts.map((text) => text.trim());
    const rank = (state: string) => machineStates.indexOf(state as (typeof machineStates)[number]);
    const sorted = states(up).toSorted((a, b) => rank(a) - rank(b));
    assert.deepEqual(states(up), sorted);
    assert.deepEqual(states(down).map(rank), sorted.map(rank).toReversed());
    assert.equal(new Set(states(up)).size, machineStates.length);
});

test("numbers are sorted as numbers, and times as times", () => {
    const [queues, times] = lookAt(
        page,
        1280,
        `({ document }) => [6, 7].map((index) => {
            document.querySelectorAll("th button")[index].click();
            return [...document.querySelectorAll("tbody tr")].map((row) => Number(row.children[index].dataset.key));
        })`,
    ) as number[][];
    for (const keys of [queues, times])
        assert.deepEqual(
            keys,
            keys?.toSorted((a, b) => a - b),
        );
    assert.ok(queues?.includes(12) && queues.includes(4));
});

test("each state has a shape of its own", () => {
    const found = lookAt(
        page,
        1280,
        `(window) => [...window.document.querySelectorAll(".counts svg")].map((one) => one.innerHTML)`,
    ) as string[];
    assert.equal(new Set(found).size, machineStates.length);
});

for (const [name, words] of [
    ["desk.png", ["--window-size=1280,1500", "--screenshot"]],
    [
        "dark.png",
        [
            "--window-size=1280,1500",
            "--screenshot",
            "--force-dark-mode",
            "--blink-settings=preferredColorScheme=0",
        ],
    ],
    ["print.pdf", ["--no-pdf-header-footer", "--print-to-pdf"]],
] as const) {
    test(`${name} is made`, () => {
        const file = join(pictures, name);
        browse(
            page,
            words.map((word) => (/^--(screenshot|print-to-pdf)$/.test(word) ? `${word}=${file}` : word)),
        );
        assert.ok(existsSync(file) && readFileSync(file).length > 10_000);
    });
}

test("telephone.png is made", () => {
    const file = join(pictures, "telephone.png");
    browse(framed(page, 390, 3400), ["--window-size=500,3400", `--screenshot=${file}`]);
    assert.ok(readFileSync(file).length > 10_000);
});
