import type { HostSettings, TableSettings } from "../../postfix/settings";
import { isIndexed, readEntries, tableText } from "../../postfix/tables";
import { deepEqual } from "../values";
import { generationFiles, sha256 } from "./apply";
import type { GenerationFile, HostFacts } from "./facts";
import { authorityText, type HostInputs, pemFileName } from "./inputs";

/** A key cannot be shown, so what is wrong with its file stands behind the certificate. */
export function observeChains(given: HostInputs, facts: HostFacts): HostSettings["chains"] {
    const chains = Object.entries(given.chains).map(([name, entries]): [string, typeof entries] => [
        name,
        entries.map((entry) => ({ ...entry, certificate: withoutRemark(entry.certificate) })),
    ]);
    const expected = generationFiles({ ...given, chains: Object.fromEntries(chains) });
    return Object.fromEntries(
        chains.map(([name, entries]) => {
            const file = pemFileName(name);
            const trouble = fileTrouble(facts, file, expected[file] ?? "");
            return [
                name,
                trouble
                    ? entries.map((entry) => ({
                          ...entry,
                          certificate: withRemark(entry.certificate, trouble),
                      }))
                    : entries,
            ];
        }),
    );
}

export function observeAuthorities(
    authorities: Record<string, string>,
    facts: HostFacts,
): Record<string, string> {
    return Object.fromEntries(
        Object.entries(authorities).map(([name, given]) => {
            const pem = withoutRemark(given);
            const trouble = fileTrouble(facts, pemFileName(name), authorityText(pem));
            return [name, trouble ? withRemark(pem, trouble) : pem];
        }),
    );
}

export function observeTables(inputs: HostInputs, facts: HostFacts): HostSettings["tables"] {
    return Object.fromEntries(
        Object.entries(inputs.tables).map(([name, table]) => [name, observeTable(name, table, facts)]),
    );
}

function observeTable(name: string, given: TableSettings, facts: HostFacts): TableSettings {
    const table = asWritten(given);
    const content = facts.generationFiles.find((candidate) => candidate.name === name)?.content;
    if (table.text !== undefined) {
        const trouble = fileTrouble(facts, name, tableText(table));
        if (!trouble) return table;
        const speaks = content !== undefined && content !== tableText(table);
        return { ...table, text: speaks ? content : withRemark(table.text, trouble) };
    }
    const entries = content === undefined ? {} : readEntries(content);
    const said = { ...table, entries };
    // What the entries do not say of the text: a comment, perhaps. Their order does not count.
    const text = deepEqual(inOrder(tableText(said)), inOrder(content ?? ""))
        ? (content ?? "")
        : tableText(said);
    const trouble = fileTrouble(facts, name, text) ?? indexTrouble(facts, name, table);
    return trouble ? { ...said, entries: { ...entries, [trouble]: "" } } : said;
}

const inOrder = (text: string): string[] => text.split("\n").sort();

/** Without what an earlier refresh has said of the file: no key of ours begins with a bracket. */
function asWritten({ text, entries, ...table }: TableSettings): TableSettings {
    const keys = Object.entries(entries ?? {}).filter(([key]) => !key.startsWith("("));
    return {
        ...table,
        ...(text === undefined ? {} : { text: withoutRemark(text) }),
        ...(entries ? { entries: Object.fromEntries(keys) } : {}),
    };
}

/** An index is made of the table beside it, and only the host can say whether it is what was made of it. */
export function indexTrouble(facts: HostFacts, name: string, table: TableSettings): string | undefined {
    if (!isIndexed(table)) return undefined;
    const index = facts.generationFiles.find((candidate) => candidate.name.startsWith(`${name}.`));
    if (!index) return `(the index of ${name} is missing on the host)`;
    if (facts.altered.some((path) => path.endsWith(`/${index.name}`)))
        return `(${index.name} was changed on the host)`;
    return inBrackets(modeTrouble(index));
}

/** What is wrong with a file of the live generation, in words that stand in the drift of what it holds. */
export function fileTrouble(facts: HostFacts, name: string, content: string): string | undefined {
    const file = facts.generationFiles.find((candidate) => candidate.name === name);
    if (!file) return `(${name} is missing on the host)`;
    if (file.sha256 !== sha256(content)) return `(${name} was changed on the host)`;
    return inBrackets(modeTrouble(file));
}

const inBrackets = (words: string | undefined) => words && `(${words})`;

export function modeTrouble({ name, mode, owner }: GenerationFile): string | undefined {
    if (mode === "600" && owner === "root:root") return undefined;
    return `${name} has mode ${mode} ${owner}, not 600 root:root`;
}

const remark = /\n\(\S+ (?:is missing on the host|was changed on the host|has mode .* not 600 root:root)\)$/;

/** A line of its own behind the text, so that the next refresh still knows the text. */
const withRemark = (text: string, words: string): string => `${text}\n${words}`;
const withoutRemark = (text: string): string => text.replace(remark, "");
