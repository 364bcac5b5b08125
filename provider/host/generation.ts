import type { HostFacts } from "./facts";

/**
 * The generation that the host's files name, `known` before any other: a guest hub's keys stand in master.cf only, and
 * an old copy of one file may name another than the other file does.
 */
export function generationInUse(facts: HostFacts, owner: string, known?: string): string | undefined {
    const used = Object.keys(facts.pins)
        .filter(
            (folder) =>
                folder.startsWith(`${owner}/`) &&
                [facts.mainCf, facts.masterCf].some((text) => text.includes(`/${folder}/`)),
        )
        .map((folder) => folder.slice(owner.length + 1));
    return used.find((generation) => generation === known) ?? used[0];
}
