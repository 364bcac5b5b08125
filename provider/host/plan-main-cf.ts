import {
    composeBlocks,
    findConflicts,
    type OwnerBlock,
    partName,
    readSettings,
    settingLine,
    sharedOwner,
} from "../../postfix/compose";
import type { Dialect } from "../../postfix/dialect";
import { belongsToInstallation } from "../../postfix/exclusive";
import { exitOf } from "../../postfix/exits";
import { hiddenBy, lineNumber, originalView, readBlocks } from "../../postfix/fragment/read";
import { rewrite } from "../../postfix/fragment/rewrite";
import { type LogicalLine, trimSpace } from "../../postfix/logical-lines";
import { effectiveValue, parseMainCf, type Setting, splitDefinition } from "../../postfix/main-cf";
import { legacyPartners, parameters } from "../../postfix/parameters";
import { type Problems, pathStep } from "../../postfix/problems";
import { Role } from "../../postfix/settings";
import { isStockSetting } from "../../postfix/stock";
import type { HostFacts } from "./facts";
import type { FragmentId } from "./identity";
import { type HostInputs, takesOver } from "./inputs";

/** What the owner's block is to say: its settings in the host's dialect, and its parts of lists. */
export function ownSettings(
    inputs: HostInputs,
    dialect: Dialect,
    owner: string,
    facts: HostFacts,
    resolve: (value: string) => string,
): [string, string][] {
    const settings = Object.entries(dialect.main).map(([name, value]): [string, string] => {
        // The admin's own clients join ours, or taking the line over would revoke them all.
        const joins = parameters[name]?.list && !inputs.exclusive;
        const others = joins ? adminValue(facts, name) : undefined;
        return [name, [others, resolve(trimSpace(value))].filter(Boolean).join(" ")];
    });
    for (const [name, part] of Object.entries(inputs.lists))
        settings.push([partName(owner, name), resolve(trimSpace(part))]);
    return settings;
}

function adminValue(facts: HostFacts, name: string): string | undefined {
    // A stray CR is whitespace to Postfix (isspace), but a line of ours has none.
    return effectiveValue(originalView(facts.mainCf), name)?.replace(/[\r\0]/g, " ");
}

type Definition = Pick<Setting, "name" | "value">;

export function rewriteMain(
    inputs: HostInputs,
    facts: HostFacts,
    id: FragmentId,
    settings: [string, string][],
    broken: Set<number>,
    problems: Problems,
): string {
    const own = new Map(settings);
    const names = new Set(settings.flatMap(([name]) => [name, ...(legacyPartners[name] ?? [])]));
    const yields = ({ name, value }: Definition) =>
        names.has(name) ||
        (inputs.role === Role.RoadWarrior && exitOf(name, value) !== undefined) ||
        (inputs.exclusive === true && !belongsToInstallation(name));

    // A list that several name holds the admin's own part, which may have changed since the others wrote theirs.
    const joined = new Map(settings.filter(([name]) => parameters[name]?.list));
    const blocks = joinLists(ownerBlocks(facts.mainCf), joined).filter((block) => block.owner !== id.owner);
    for (const conflict of findConflicts([...blocks, { owner: id.owner, settings }])) {
        const [other] = conflict.owners;
        problems.add(
            `main.${pathStep(conflict.name)}`,
            `given ${JSON.stringify(conflict.values[1])}, but ${other} sets ${JSON.stringify(conflict.values[0])} on this host: two owners of one machine must agree on it${isOtherLaptop(conflict.name) ? copied(other) : ""}`,
        );
    }
    // Whoever takes the whole file has said so.
    if (!inputs.exclusive) mainConsent(inputs, facts, id.owner, yields, own, broken, problems);
    const hides = ({ first, text }: LogicalLine) => {
        const definition = splitDefinition(text);
        return broken.has(first) || (typeof definition !== "string" && yields(definition));
    };
    return recompose(
        rewrite(facts.mainCf, id.owner, { instance: id.instance, body: lines(settings), hides }),
        joined,
    );
}

function joinLists(blocks: OwnerBlock[], joined: Map<string, string>): OwnerBlock[] {
    return blocks.map(({ owner, settings }) => ({
        owner,
        settings: settings.map(([name, value]) => [name, joined.get(name) ?? value]),
    }));
}

const lines = (settings: [string, string][]): string[] =>
    settings.map(([name, value]) => settingLine(name, value));

function ownerBlocks(mainCf: string): OwnerBlock[] {
    return readBlocks(mainCf)
        .filter((block) => block.owner !== sharedOwner)
        .map((block) => ({ owner: block.owner, settings: readSettings(block.body) }));
}

/** A machine's smtp(8) shows one key: two that want it to show theirs are two laptops, which no machine is. */
const isOtherLaptop = (name: string): boolean => /^smtp_tls_(chain_files|(ec)?cert_file)$/.test(name);

const copied = (other: string): string =>
    `. It is set up as another laptop: is its disk a copy of that one's? Then take "${other}" off it (docs/undo.md, "By hand, a machine of its own") and run this again; if it is that laptop itself, first take it out of its other program`;

/** The blocks' texts depend on each other (what several set, lists): all are written anew from what they say. */
export function recompose(mainCf: string, joined = new Map<string, string>()): string {
    const composed = composeBlocks(joinLists(ownerBlocks(mainCf), joined));
    let text = mainCf;
    for (const block of readBlocks(mainCf)) {
        const body = composed.get(block.owner);
        if (!body) text = rewrite(text, block.owner, undefined);
        else if (body.join("\n") !== block.body.join("\n")) {
            const hidden = new Set(hiddenBy(text, block.owner).map((line) => line.first));
            text = rewrite(text, block.owner, {
                instance: block.instance,
                body,
                hides: (line) => hidden.has(line.first),
            });
        }
    }
    const shared = composed.get(sharedOwner);
    if (shared && !readBlocks(text).some((block) => block.owner === sharedOwner)) {
        text = rewrite(text, sharedOwner, { instance: "0".repeat(16), body: shared, hides: () => false });
    }
    return text;
}

/**
 * Stock lines yield silently, an admin's own line only by the user's word; but one for what our block sets already came
 * later, because all others yielded then: it is drift, as an edit within the block is.
 */
function mainConsent(
    inputs: HostInputs,
    facts: HostFacts,
    owner: string,
    yields: (definition: Definition) => boolean,
    own: Map<string, string>,
    broken: Set<number>,
    problems: Problems,
): void {
    const original = originalView(facts.mainCf);
    const consented = new Set(
        readBlocks(facts.mainCf).flatMap(({ owner }) => hiddenBy(facts.mainCf, owner).map((l) => l.first)),
    );
    const standing = ownerBlocks(facts.mainCf).find((block) => block.owner === owner)?.settings ?? [];
    const set = new Set(standing.map(([name]) => name));
    for (const setting of parseMainCf(original).settings) {
        if (set.has(setting.name) && own.has(setting.name)) continue;
        if (!yields(setting) || consented.has(setting.first) || broken.has(setting.first)) continue;
        if (own.get(setting.name) === setting.value || parameters[setting.name]?.list) continue;
        if (isStockSetting(setting.name, setting.value, facts) || takesOver(inputs, setting.name)) continue;
        const exit = exitOf(setting.name, setting.value);
        const what = own.has(setting.name)
            ? `would become ${JSON.stringify(own.get(setting.name))}`
            : exit && inputs.role === Role.RoadWarrior
              ? `${exit.reason}, so it would be commented out`
              : "would be commented out";
        problems.add(
            `main.${pathStep(setting.name)}`,
            `main.cf line ${lineNumber(facts.mainCf, setting.first)} of the host, "${setting.name} = ${setting.value}", is not ours and ${what}: write takeOver: ["${setting.name}"] to allow it (destroy puts the line back), or remove it on the host`,
        );
    }
}
