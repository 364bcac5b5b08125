import assert from "node:assert/strict";
import type { HostSettings } from "../../../postfix/settings";
import { generationFiles, sha256 } from "../../../provider/host/apply";
import { type ChangeKind, configurationDiff } from "../../../provider/host/diff";
import { observe } from "../../../provider/host/drift";
import type { GenerationFile, HostFacts } from "../../../provider/host/facts";
import type { FragmentId } from "../../../provider/host/identity";
import type { HostInputs } from "../../../provider/host/inputs";
import { planChange } from "../../../provider/host/plan";
import { factsOf, target } from "./fixtures";

/** How somebody has edited a host, and the paths that a refresh then names. */
export type Edit = [
    title: string,
    change: (facts: HostFacts) => HostFacts,
    paths: Record<string, ChangeKind>,
];

export const generation = "0123456789abcdef";

/** The files of a generation as a probe reads them. */
function filesOf(inputs: HostInputs): GenerationFile[] {
    const withoutPins = { ...inputs, chains: {} };
    const all = { ...generationFiles(withoutPins), "identity.pem": "KEY\nCERTIFICATE\n" };
    return Object.entries(all)
        .filter(([name]) => name !== "identity.pem" || "identity" in inputs.chains)
        .map(([name, content]) => ({
            name,
            mode: "600",
            owner: "root:root",
            sha256: sha256(content),
            content,
        }));
}

/** A host on which these owners' changes have been made. */
export function applied(owners: [HostInputs, FragmentId][], more: Partial<HostFacts> = {}): HostFacts {
    let facts = factsOf(more);
    for (const [inputs, id] of owners) {
        const { mainCf, masterCf, problems } = planChange(inputs, facts, target(id, generation));
        assert.deepEqual(problems, []);
        facts = factsOf({ ...more, mainCf, masterCf, generationFiles: filesOf(inputs) });
    }
    return facts;
}

/** What a refresh shows: the paths of all that is not as it was wanted. */
export function drift(inputs: HostInputs, facts: HostFacts, id: FragmentId): Record<string, ChangeKind> {
    const seen = observe(inputs, facts, id.owner, generation);
    assert.ok(seen);
    return configurationDiff({ ...settingsOf(inputs) }, { ...seen });
}

export const settingsOf = ({ main, lists, services, closed, chains, tables }: HostInputs): HostSettings => ({
    main,
    lists,
    services,
    ...(closed ? { closed } : {}),
    chains,
    tables,
});

export const edit = (facts: HostFacts, from: string | RegExp, to: string): HostFacts => {
    const mainCf = facts.mainCf.replace(from, to);
    assert.notEqual(mainCf, facts.mainCf);
    return { ...facts, mainCf };
};
export const append = (facts: HostFacts, line: string) => ({ ...facts, mainCf: `${facts.mainCf}${line}\n` });
export const editMaster = (facts: HostFacts, from: string | RegExp, to: string): HostFacts => {
    const masterCf = facts.masterCf.replace(from, to);
    assert.notEqual(masterCf, facts.masterCf);
    return { ...facts, masterCf };
};
export const editFile = (facts: HostFacts, name: string, change: Partial<GenerationFile>): HostFacts => ({
    ...facts,
    generationFiles: facts.generationFiles.map((file) =>
        file.name === name ? { ...file, ...change } : file,
    ),
});
