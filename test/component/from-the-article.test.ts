import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readBlocks } from "../../postfix/fragment/read";
import { readInputs } from "../../provider/host/inputs";
import { planChange } from "../../provider/host/plan";
import { factsOf } from "../provider/host/fixtures";
import { run } from "./harness";

/** What the page says of one row: arguments of a component, and the lines that a release of Postfix gets of them. */
interface Example {
    heading: string;
    component: string;
    args: string;
    lines: Record<string, string[]>;
}

const page = readFileSync(join(__dirname, "..", "..", "docs", "from-the-article.md"), "utf8");
const versions: Record<string, string> = { "3.5": "3.5.25", "3.11": "3.11.7" };

function examples(): Example[] {
    const found: Example[] = [];
    let heading = "";
    const blocks = page.matchAll(/^## (.*)$|^```(\w+) (\S+)\n([\s\S]*?)^```$/gm);
    for (const [, title, language, word = "", text = ""] of blocks) {
        if (title !== undefined) heading = title;
        else if (language === "ts") found.push({ heading, component: word, args: text, lines: {} });
        else {
            const example = found.at(-1);
            assert.ok(example, `${heading}: lines without arguments`);
            example.lines[word] = text.split("\n").filter(Boolean);
        }
    }
    return found;
}

/** The lines that a machine gets: of main.cf as they are, of master.cf with the service in front of each option. */
async function written(example: Example, version: string): Promise<string[]> {
    const { inputs, facts } = await host(example);
    const generation = "0123456789abcdef";
    const id = { owner: `${inputs.owner}-00000001`, instance: "1".repeat(16) };
    const here = { ...facts, version, mapTypes: ["btree", "hash", "texthash"] };
    const plan = planChange(inputs, factsOf(here), { id, generation });
    assert.deepEqual(plan.problems, [], example.heading);
    const main = readBlocks(plan.mainCf).flatMap((block) => block.body);
    let service = "";
    const master = readBlocks(plan.masterCf).flatMap((block) =>
        block.body.map((line) => {
            if (!line.startsWith(" ")) {
                service = line.split(" ")[0] ?? "";
                return line;
            }
            return `${service} ${line.trim()}`;
        }),
    );
    return [...main, ...master].map((line) =>
        line
            .replaceAll(`/etc/postfix/pulumi/${id.owner}/${generation}`, "DIR")
            .replaceAll(/([0-9A-F]{2}:){31}[0-9A-F]{2}/g, "PIN")
            .replaceAll(id.owner.replaceAll("-", "_"), "OWNER"),
    );
}

async function host({ component, args }: Example) {
    const connection = { host: "192.0.2.1", user: "root", hostKey };
    const { engine } = await run((library) => {
        const hub = new library.SmartHost("hub", {
            hostname: "mailhub.example.com",
            connection,
            ...(component === "hub" ? evaluate(args) : {}),
        });
        if (component === "hub") return;
        const second = new library.SmartHost("second", { hostname: "second.example.com", connection });
        new library.RoadWarrior("alice", {
            smartHost: hub.link,
            connection: { ...connection, host: "192.0.2.2" },
            ...evaluate(args, { hub, second }),
        });
    });
    const { inputs } = engine.host(component === "hub" ? "hub" : "alice");
    return { inputs: readInputs(inputs), facts: {} };
}

/** The page's arguments as the program would have them. */
const evaluate = (text: string, names: Record<string, unknown> = {}): object =>
    new Function(...Object.keys(names), `${text}; return args`)(...Object.values(names)) as object;

import { hostKey } from "./machines";

test("the page has the article's twelve rows", () => {
    const rows = [...page.matchAll(/^## (\d+)\. /gm)].map(([, number]) => Number(number));
    assert.deepEqual(rows, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
});

for (const example of examples()) {
    test(`${example.heading}: ${example.component} ${example.args.replaceAll(/\s+/g, " ")}`, async () => {
        assert.deepEqual(Object.keys(example.lines), Object.keys(versions), "both releases are shown");
        for (const [release, lines] of Object.entries(example.lines)) {
            const there = await written(example, versions[release] ?? release);
            assert.ok(lines.length > 0);
            for (const line of lines) {
                const absent = /^# no (.*)$/.exec(line)?.[1];
                if (absent)
                    assert.ok(!there.some((other) => other.includes(absent)), `${release}: ${absent}`);
                else assert.ok(there.includes(line), `${release} has no line ${line}\n${there.join("\n")}`);
            }
        }
    });
}
