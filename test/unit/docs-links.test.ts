import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";

const root = join(__dirname, "../..");
const pages = execFileSync("git", ["ls-files", "*.md"], { cwd: root, encoding: "utf8" })
    .split("\n")
    .filter(Boolean);
const prose = (page: string): string =>
    readFileSync(join(root, page), "utf8").replaceAll(/^```[\s\S]*?^```/gm, "");

/** What a heading is called in an address: small letters, digits and `-`; a second of the same name gets a number. */
function places(page: string): Set<string> {
    const seen = new Map<string, number>();
    const headings = [...prose(page).matchAll(/^#{1,6} (.*)$/gm)].map(([, words = ""]) => {
        const plain = words.replaceAll(/<[^>]*>|\[([^\]]*)\]\([^)]*\)/g, "$1");
        const name = plain
            .toLowerCase()
            .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
            .replaceAll(" ", "-");
        const before = seen.get(name) ?? 0;
        seen.set(name, before + 1);
        return before === 0 ? name : `${name}-${before}`;
    });
    const named = [...prose(page).matchAll(/<a id="([^"]+)">/g)].map(([, id = ""]) => id);
    return new Set([...headings, ...named]);
}

test("every link of every page leads to a file and a heading that are there", () => {
    let links = 0;
    const broken = pages.flatMap((page) =>
        [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = ""]) => {
            if (/^[a-z]+:/.test(target)) return [];
            links++;
            const [path = "", place] = target.split("#");
            const file = path === "" ? page : normalize(join(dirname(page), path));
            if (!existsSync(join(root, file))) return [`${page}: ${target}: no such file`];
            const isThere = place === undefined || places(file).has(place);
            return isThere ? [] : [`${page}: ${target}: no such heading`];
        }),
    );
    assert.ok(links > 200, `only ${links} links were seen`);
    assert.deepEqual(broken, []);
});
