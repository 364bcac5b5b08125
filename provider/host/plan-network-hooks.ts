import { hookPath, hookText, hookWord, needsHook, networkManagers } from "../../postfix/network-hooks";
import { joinPath, type Problems, pathStep } from "../../postfix/problems";
import { sha256 } from "./apply";
import type { HookFile, HostFacts } from "./facts";
import type { HostInputs } from "./inputs";

/** Files of network managers that a change writes and removes, by path. */
export interface HookChanges {
    write: Record<string, string>;
    remove: string[];
}

/** What becomes of an owner's hooks; one that lies there as it should is left alone. */
export function planHooks(
    inputs: Pick<HostInputs, "networkHooks">,
    facts: HostFacts,
    owner: string,
    problems: Problems,
): HookChanges {
    const changes: HookChanges = { write: {}, remove: [] };
    for (const manager of networkManagers) {
        const path = hookPath(manager, owner);
        const there = facts.network.hooks.find((hook) => hook.path === path);
        if (!(manager.name in (inputs.networkHooks ?? {})) || !needsHook(manager, facts.network)) {
            if (there?.ours) changes.remove.push(path);
        } else if (there && !there.ours) {
            problems.add(
                joinPath("networkHooks", pathStep(manager.name)),
                `${path} of the host is not ours, and is not written over: move it away, or set flushOnNetwork: false`,
            );
        } else if (hookTrouble(there, hookText(manager, owner))) {
            changes.write[path] = hookText(manager, owner);
        }
    }
    return changes;
}

/** What is wrong with a hook, in the words of drift. */
export function hookTrouble(hook: HookFile | undefined, text: string): string | undefined {
    if (!hook) return "is missing on the host";
    if (!hook.ours) return "is not ours on the host";
    if (hook.sha256 !== sha256(text)) return "was changed on the host";
    if (hook.mode !== "755" || hook.owner !== "root:root")
        return `has mode ${hook.mode} ${hook.owner}, not 755 root:root`;
    return undefined;
}

/** The hooks that are wanted, as they stand on the host: as wanted where none is needed. */
export function observeHooks(
    inputs: Pick<HostInputs, "networkHooks">,
    facts: HostFacts,
    owner: string,
): Record<string, string> {
    return Object.fromEntries(
        networkManagers.flatMap((manager): [string, string][] => {
            if (!(manager.name in (inputs.networkHooks ?? {}))) return [];
            const path = hookPath(manager, owner);
            const there = facts.network.hooks.find((hook) => hook.path === path);
            const trouble = needsHook(manager, facts.network)
                ? hookTrouble(there, hookText(manager, owner))
                : there?.ours && "is not needed any more";
            return [[manager.name, trouble ? `(${path} ${trouble})` : hookWord]];
        }),
    );
}
