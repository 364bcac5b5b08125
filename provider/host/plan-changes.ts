import { lineOwners } from "../../postfix/fragment/read";
import { parseMainCf, type Setting } from "../../postfix/main-cf";
import { columnsOf, type MasterService, parseMasterCf } from "../../postfix/master-cf";
import type { ServiceColumns } from "../../postfix/settings";
import { isStockService, isStockSetting } from "../../postfix/stock";
import type { HostFacts } from "./facts";

/** One line of the host that a change would touch. */
export interface Change {
    file: "main.cf" | "master.cf";
    name: string;
    from?: string;
    to?: string;
    /** Who wrote what stands there now. */
    by: string;
    line?: number;
}

export function mainChanges(facts: HostFacts, mainCf: string): Change[] {
    const before = lastDefinitions(facts.mainCf);
    const after = lastDefinitions(mainCf);
    const owners = lineOwners(facts.mainCf);
    const writer = ({ name, value, first }: Setting): string =>
        owners[first] ?? (isStockSetting(name, value, facts) ? "distribution" : "admin");
    return [...new Set([...before.keys(), ...after.keys()])].flatMap((name): Change[] => {
        const from = before.get(name);
        const to = after.get(name);
        if (from?.value === to?.value) return [];
        const by = from ? writer(from) : "nobody";
        return [
            { file: "main.cf", name, from: from?.value, to: to?.value, by, line: from && from.first + 1 },
        ];
    });
}

function lastDefinitions(mainCf: string): Map<string, Setting> {
    return new Map(parseMainCf(mainCf).settings.map((setting) => [setting.name, setting]));
}

export function masterChanges(facts: HostFacts, masterCf: string): Change[] {
    const before = lastServices(facts.masterCf);
    const after = lastServices(masterCf);
    const owners = lineOwners(facts.masterCf);
    const writer = (service: MasterService): string =>
        owners[service.first] ?? (isStockService(service) ? "distribution" : "admin");
    return [...new Set([...before.keys(), ...after.keys()])].flatMap((name): Change[] => {
        const [from, to] = [before.get(name), after.get(name)];
        const by = from ? writer(from) : "nobody";
        const line = from && from.first + 1;
        const change = (what: string, old?: string, wanted?: string): Change[] =>
            old === wanted ? [] : [{ file: "master.cf", name: what, from: old, to: wanted, by, line }];
        // A service of ours has two dozen options: only those that change are worth a line.
        if (from && to && from.command === to.command) {
            const [old, wanted] = [optionsOf(from), optionsOf(to)];
            const options = [...new Set([...old.keys(), ...wanted.keys()])].flatMap((option) =>
                change(`${name} -o ${option}`, old.get(option), wanted.get(option)),
            );
            const columns = columnsOf(to);
            const changed = Object.entries(columnsOf(from)).flatMap(([column, value]) =>
                change(`${name} ${column}`, value, columns[column as keyof ServiceColumns]),
            );
            return [...changed, ...options];
        }
        return change(name, from && serviceText(from), to && serviceText(to));
    });
}

const optionsOf = ({ options }: MasterService) => new Map(options.map(({ name, value }) => [name, value]));

function lastServices(masterCf: string): Map<string, MasterService> {
    return new Map(
        parseMasterCf(masterCf).services.map((service) => [`${service.service}/${service.type}`, service]),
    );
}

function serviceText({ command, options }: MasterService): string {
    return [command, ...options.map(({ name, value }) => `-o ${name}=${value}`)].join(" ");
}
