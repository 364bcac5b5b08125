import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { listName } from "../../../postfix/compose";
import { hiddenBy, readBlocks } from "../../../postfix/fragment/read";
import { trimSpace } from "../../../postfix/logical-lines";
import { parseMainCf, splitDefinition } from "../../../postfix/main-cf";
import { encodeBytes } from "../../../provider/host/bytes";
import type { HostInputs } from "../../../provider/host/inputs";
import { generationFolder, planChange, planRemoval, resolveFiles } from "../../../provider/host/plan";
import { runs } from "../../unit/properties";
import { asMessage, dictionaryOf, line, property, skip } from "../../unit/readings";
import { factsOf, ids, target } from "./fixtures";
import { history, mainText, masterText } from "./owners";

const hidden = (mainCf: string): string[] =>
    hiddenBy(mainCf)
        .map(({ text }) => splitDefinition(text))
        .flatMap((definition) => (typeof definition === "string" ? [] : [definition.name]));

const ours = (mainCf: string): string[] =>
    readBlocks(mainCf).flatMap(({ body }) => parseMainCf(body.join("\n")).settings.map(({ name }) => name));

/** The settings of others, as postconf told them, without those that yield. */
function others(read: Map<string, string>, mainCf: string): Map<string, string> {
    const without = new Set([...hidden(mainCf), ...ours(mainCf)].map(asMessage));
    return new Map([...read].filter(([name]) => !without.has(name)));
}

interface Present {
    inputs: HostInputs;
    generation: string;
}

/** The tables with the pins that all owners want together. */
function clientTables(present: Map<keyof typeof ids, Present>): string[] {
    return [...present].flatMap(([name, { inputs, generation }]) => {
        const folder = generationFolder(factsOf(), ids[name].owner, generation);
        return resolveFiles(inputs.lists.relay_clientcerts ?? "", inputs, folder)
            .split(" ")
            .filter(Boolean);
    });
}

describe("Postfix reads what the owners of one machine planned as it was meant", {
    concurrency: true,
    skip,
}, () => {
    property("effective values", 80, async (postconf, numRuns) => {
        await fc.assert(
            fc.asyncProperty(mainText, masterText, history, async (mainCf, masterCf, events) => {
                const original = await dictionaryOf(postconf, mainCf);
                let files = { mainCf, masterCf };
                const present = new Map<keyof typeof ids, Present>();
                for (const { name, inputs, leaves, generation, running } of events) {
                    const id = ids[name];
                    const facts = factsOf({ ...files, running });
                    const gone = leaves && present.delete(name);
                    if (!gone) present.set(name, { inputs, generation });
                    const plan = gone
                        ? planRemoval(id.owner, facts)
                        : planChange(inputs, facts, target(id, generation));
                    assert.deepEqual(plan.problems, []);
                    files = { mainCf: plan.mainCf, masterCf: plan.masterCf };

                    const live = await dictionaryOf(postconf, files.mainCf);
                    assert.deepEqual(others(live, files.mainCf), others(original, files.mainCf));
                    for (const [key, value] of Object.entries(present.get("plain")?.inputs.main ?? {})) {
                        const read = live.get(key) ?? "";
                        if (read.startsWith(`${key} =`)) assert.equal(read, line(key, value));
                        else assert.equal(read, asMessage(`${key}=${trimSpace(value)}`));
                    }
                    if (!present.has("hub") && !present.has("guest")) continue;
                    const bytes = {
                        mainCf: encodeBytes(files.mainCf),
                        masterCf: encodeBytes(files.masterCf),
                    };
                    const { stdout } = await postconf.ask(bytes, "-x", "-h", listName("relay_clientcerts"));
                    const tables = stdout.toString().split(/\s+/).filter(Boolean);
                    assert.deepEqual(tables.sort(), clientTables(present).sort());
                }
            }),
            runs(numRuns),
        );
    });
});
