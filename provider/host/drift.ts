import { listName, partName, readSettings } from "../../postfix/compose";
import { toDialect } from "../../postfix/dialect";
import { belongsToInstallation } from "../../postfix/exclusive";
import { exitOf, exitParameters, openExits } from "../../postfix/exits";
import { lineOwners, readBlocks } from "../../postfix/fragment/read";
import { trimSpace } from "../../postfix/logical-lines";
import { parseMainCf } from "../../postfix/main-cf";
import {
    columnsOf,
    type MasterService,
    parseMasterCf,
    renderService,
    serviceColumns,
} from "../../postfix/master-cf";
import { Problems } from "../../postfix/problems";
import { clashes, isSameService, resolvePort } from "../../postfix/services";
import { type HostSettings, Role, type ServiceColumns, type ServiceSettings } from "../../postfix/settings";
import { observeAuthorities, observeChains, observeTables } from "./drift-files";
import type { HostFacts } from "./facts";
import { forHost } from "./for-host";
import type { HostInputs } from "./inputs";
import { generationFolder, resolveFiles } from "./plan";
import { planCaches } from "./plan-caches";
import { servicesToClose } from "./plan-master-cf";
import { observeHooks } from "./plan-network-hooks";

/**
 * The owner's settings as they stand on the host, in the program's own words: what is as it was written comes back
 * unchanged, what differs comes back as it is. `undefined` when the fragment is gone.
 */
export function observe(
    given: HostInputs,
    facts: HostFacts,
    owner: string,
    generation: string,
): (HostSettings & Pick<HostInputs, "networkHooks">) | undefined {
    const block = readBlocks(facts.mainCf).find((candidate) => candidate.owner === owner);
    if (!block) return undefined;
    const { inputs } = forHost(given, facts);
    const dialect = toDialect(inputs, facts.version, new Problems());
    const folder = generationFolder(facts, owner, generation);
    const resolve = (value: string) => resolveFiles(value, inputs, folder);
    const live = new Map(parseMainCf(facts.mainCf).settings.map(({ name, value }) => [name, value]));
    const mine = new Set(readSettings(block.body).map(([name]) => name));
    // What the plan itself puts there in the place of a line that never worked is no drift.
    for (const [name, value] of planCaches(inputs, facts, dialect, owner).settings)
        if (live.get(name) === value) mine.delete(name);
    const main = {
        ...(inputs.exclusive ? linesOfOthers(facts) : {}),
        ...observeMain(inputs, dialect, live, mine, owner, resolve),
    };
    // What the host alone decided, and has, is nothing that the program would know.
    for (const name of Object.keys(main))
        if (!(name in given.main) && main[name] === inputs.main[name]) delete main[name];
    const left = Object.entries(given.services).filter(([name]) => !(name in inputs.services));
    return {
        main,
        lists: observeLists(inputs, live, owner, resolve),
        services: {
            ...Object.fromEntries(left),
            ...observeServices(inputs, facts, dialect, owner, resolve),
        },
        ...(inputs.closed ? { closed: observeClosed(inputs.closed, facts) } : {}),
        chains: observeChains(inputs, facts),
        ...(inputs.authorities ? { authorities: observeAuthorities(inputs.authorities, facts) } : {}),
        tables: observeTables(inputs, facts),
        ...(inputs.networkHooks ? { networkHooks: observeHooks(inputs, facts, owner) } : {}),
    };
}

function observeMain(
    inputs: HostInputs,
    dialect: { main: Record<string, string> },
    live: Map<string, string>,
    mine: Set<string>,
    owner: string,
    resolve: (value: string) => string,
): Record<string, string> {
    const main: Record<string, string> = {};
    for (const [name, value] of Object.entries(inputs.main)) {
        const written = dialect.main[name];
        const actual = live.get(name);
        // Not written on this version, so nothing can have changed.
        if (written === undefined) main[name] = value;
        else if (isOurs(actual, trimSpace(resolve(written)))) main[name] = value;
        else if (actual !== undefined) main[name] = actual;
    }
    const listed = new Set(Object.keys(inputs.lists).map((name) => partName(owner, name)));
    for (const name of mine)
        if (!(name in inputs.main) && !listed.has(name)) main[name] = live.get(name) ?? "";
    if (inputs.role === Role.RoadWarrior) {
        for (const exit of exitParameters) {
            const actual = live.get(exit.name);
            if (actual !== undefined && exitOf(exit.name, actual) && !(exit.name in inputs.main))
                main[exit.name] = actual;
        }
    }
    return main;
}

/** Where main.cf is to have one owner, each line that came later is a difference. */
function linesOfOthers({ mainCf }: HostFacts): Record<string, string> {
    const owners = lineOwners(mainCf);
    const foreign = parseMainCf(mainCf).settings.filter(
        ({ name, first }) => owners[first] === undefined && !belongsToInstallation(name),
    );
    return Object.fromEntries(foreign.map(({ name, value }) => [name, value]));
}

/** As it was written; a list in main.cf holds the admin's own value before ours. */
function isOurs(actual: string | undefined, ours: string): boolean {
    return actual === ours || (ours.startsWith("$pulumi_") && (actual ?? "").split(/[\s,]+/).includes(ours));
}

function observeLists(
    inputs: HostInputs,
    live: Map<string, string>,
    owner: string,
    resolve: (value: string) => string,
): Record<string, string> {
    return Object.fromEntries(
        Object.entries(inputs.lists).flatMap(([name, value]): [string, string][] => {
            const part = partName(owner, name);
            const actual = live.get(part);
            // A part that the list does not name is read by nobody.
            const all = (live.get(listName(name)) ?? "").split(/[\s,]+/);
            if (actual === undefined || !all.includes(`$${part}`)) return [];
            return [[name, actual === trimSpace(resolve(value)) ? value : actual]];
        }),
    );
}

function observeServices(
    inputs: HostInputs,
    facts: HostFacts,
    dialect: Pick<HostSettings, "main" | "services">,
    owner: string,
    resolve: (value: string) => string,
): HostSettings["services"] {
    const block = readBlocks(facts.masterCf).find((candidate) => candidate.owner === owner);
    const services: HostSettings["services"] = {};
    for (const service of parseMasterCf((block?.body ?? []).join("\n")).services) {
        const name = `${service.service}/${service.type}`;
        const live = liveService(facts.masterCf, service);
        services[name] = observeService(live, inputs.services[name], dialect.services[name], resolve);
    }
    return inputs.role === Role.RoadWarrior
        ? { ...aroundThePin(facts, dialect.main), ...services }
        : services;
}

/** Those that are closed still; one that somebody has opened again shows as missing. */
function observeClosed(closed: string[], facts: HostFacts): string[] {
    const { services } = parseMasterCf(facts.masterCf);
    return closed.filter((name) => servicesToClose([name], services).length === 0);
}

/** Of two lines for one port, or of one name, the last one wins, with no more than a warning of master(8). */
function liveService(masterCf: string, service: MasterService): MasterService {
    const place = service.type === "inet" ? resolvePort(service.service) : undefined;
    const alike = place
        ? clashes(masterCf, place.port, place.address)
        : parseMasterCf(masterCf).services.filter((other) => isSameService(other, service));
    return alike.at(-1) ?? service;
}

/** Services of others that lead around a laptop's pin: never wanted, so each of them shows as a difference. */
function aroundThePin(facts: HostFacts, own: Record<string, string>): HostSettings["services"] {
    const { services } = parseMasterCf(facts.masterCf);
    const open = services.filter((service) => openExits([], [service], own).length > 0);
    return Object.fromEntries(
        open.map((service) => [
            `${service.service}/${service.type}`,
            observeService(service, undefined, undefined, (value) => value),
        ]),
    );
}

function observeService(
    live: MasterService,
    wanted: ServiceSettings | undefined,
    written: ServiceSettings | undefined,
    resolve: (value: string) => string,
): ServiceSettings {
    const options = Object.fromEntries(
        live.options.map(({ name, value }) => {
            const expected = written?.options[name];
            const same = expected !== undefined && trimSpace(resolve(expected)) === value;
            return [name, same ? (wanted?.options[name] ?? value) : value];
        }),
    );
    for (const [name, value] of Object.entries(wanted?.options ?? {})) {
        if (!(name in (written?.options ?? {}))) options[name] = value;
    }
    const command = commandText(live);
    const same = wanted && command === expectedCommand(live, wanted, resolve);
    const yields = wanted?.yields === undefined ? {} : { yields: wanted.yields };
    return { command: same ? wanted.command : command, options, ...yields, ...observeColumns(live, wanted) };
}

/** The daemon with its arguments, without the settings among them. */
const commandText = ({ command, words }: MasterService): string => [command, ...words].join(" ");

/** As master.cf gives it back: without the braces around an argument. */
function expectedCommand(
    { service, type }: MasterService,
    { command }: ServiceSettings,
    resolve: (value: string) => string,
): string | undefined {
    const lines = renderService(`${service}/${type}`, { command: resolve(command), options: {} });
    const [written] = parseMasterCf(lines.join("\n")).services;
    return written && commandText(written);
}

/** Columns that are as wanted, or as an absent one is written, stay in the program's words. */
function observeColumns(live: MasterService, wanted: ServiceColumns | undefined): ServiceColumns {
    const expected = serviceColumns(live.type, wanted ?? {});
    return Object.fromEntries(
        Object.entries(columnsOf(live)).flatMap(([name, value]) => {
            const column = name as keyof ServiceColumns;
            if (wanted && value === expected[column])
                return wanted[column] === undefined ? [] : [[name, value]];
            return wanted ? [[name, value]] : [];
        }),
    );
}
