import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { referenceFile, referencePage } from "../../docs/reference/page";
import { Kind, publicNames } from "../../docs/reference/reflections";

const names = publicNames();
const page = referencePage(names);

test("docs/reference.md says what the docstrings say today: npm run docs:reference", () => {
    assert.equal(readFileSync(referenceFile, "utf8"), page);
});

test("it has every argument and every output of every component", () => {
    for (const component of ["SmartHost", "RoadWarrior", "Fleet", "RelayAccess"]) {
        const ofArgs = names.find(({ name, kind }) => name === `${component}Args` && kind === Kind.Interface);
        assert.ok((ofArgs?.children ?? []).length > 4, component);
        for (const { name } of ofArgs?.children ?? [])
            assert.match(page, new RegExp(`</a>\`${name}\`$`, "m"));
        const itself = names.find(({ name, kind }) => name === component && kind === Kind.Class);
        for (const { name, kind, inheritedFrom } of itself?.children ?? [])
            if (kind === Kind.Property && !inheritedFrom)
                assert.match(page, new RegExp(`^- \`${name}\` `, "m"));
    }
});

test("every link of it leads to a place of it, and none to two", () => {
    const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, to]) => to ?? "");
    const headings = [...page.matchAll(/^#+ ([^<\n]+)$/gm)].map(([, words = ""]) =>
        words.toLowerCase().replaceAll(" ", "-"),
    );
    const places = [...page.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id ?? "");
    const all = [...headings, ...places];
    assert.ok(links.length > 100, String(links.length));
    assert.deepEqual(
        links.filter((to) => !all.includes(to)),
        [],
    );
    assert.equal(new Set(all).size, all.length);
});
