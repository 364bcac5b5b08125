import assert from "node:assert/strict";
import { readBlocks } from "../../../postfix/fragment/read";
import { parseMainCf } from "../../../postfix/main-cf";
import { parseMasterCf } from "../../../postfix/master-cf";
import { readEntries } from "../../../postfix/tables";
import { generationFiles } from "../../../provider/host/apply";
import { readInputs } from "../../../provider/host/inputs";
import type { Plan } from "../../../provider/host/plan";

/** What Postfix reads out of a plan, one line each: settings, services and their options, lines of tables. */
export function readings(inputs: Record<string, unknown>, plan: Plan): string[] {
    const main = parseMainCf(plan.mainCf);
    const master = parseMasterCf(plan.masterCf);
    assert.deepEqual([main.broken, master.broken], [[], []]);
    const tables = Object.entries(readInputs(inputs).tables).flatMap(([name, { entries }]) =>
        entries ? Object.entries(readEntries(generationFiles(readInputs(inputs))[name] ?? "")) : [],
    );
    return [
        ...main.settings.map(({ name, value }) => `main ${name} = ${value}`),
        ...master.services.flatMap(({ service, type, command, words, options, ...columns }, index) => {
            const { private: isPrivate, unprivileged, chroot, wakeup, maxproc } = columns;
            const flags = [isPrivate, unprivileged, chroot, wakeup, maxproc].join(" ");
            return [
                `service ${service}/${type} ${flags} ${command} ${words.join(" ")}`,
                ...options.map(({ name, value }) => `option of ${index} ${name} = ${value}`),
            ];
        }),
        ...tables.map(([key, value]) => `entry ${key} = ${value}`),
    ];
}

/** Those of `one` that `other` lacks. */
export function beyond(one: string[], other: string[]): string[] {
    const left = [...other];
    return one.filter((line) => {
        const at = left.indexOf(line);
        if (at >= 0) left.splice(at, 1);
        return at < 0;
    });
}

export const owners = (plan: Plan): string[] =>
    [plan.mainCf, plan.masterCf].flatMap((text) => readBlocks(text).map(({ owner }) => owner));
