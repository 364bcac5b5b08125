import {
    composeBlocks,
    findConflicts,
    listName,
    type OwnerBlock,
    partName,
    readSettings,
    sharedOwner,
} from "../../postfix/compose";
import { type Dialect, toDialect } from "../../postfix/dialect";
import { exitParameters, openExits } from "../../postfix/exits";
import { hiddenBy, originalView, readBlocks, rewrite } from "../../postfix/fragment";
import type { LogicalLine } from "../../postfix/logical-lines";
import { parseMainCf } from "../../postfix/main-cf";
import { parseMasterCf, renderService } from "../../postfix/master-cf";
import { legacyPartners, parameters, restartParameters } from "../../postfix/parameters";
import { type Problem, Problems, pathStep } from "../../postfix/problems";
import { restrictionList, unknownRestrictions } from "../../postfix/restrictions";
import { clashes, resolvePort } from "../../postfix/services";
import { type HostSettings, Role } from "../../postfix/settings";
import { isStockService, isStockSetting } from "../../postfix/stock";
import type { FragmentId } from "./identity";
import { chainFileName, type HostInputs } from "./inputs";
import type { HostFacts } from "./probe";

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

/** What a change would make of a host's files, worked out from what the probe read: pure. */
export interface Plan {
    problems: Problem[];
    changes: Change[];
    action: "reload" | "restart";
    mainCf: string;
    masterCf: string;
    /** Which of the two is renamed first, so that a power cut between them leaves a valid pair. */
    order: "main master" | "master main";
    /** Parameter names of ours: a warning of postconf about one of them stops the change. */
    names: string[];
    /** Lookup tables of all owners as `type:path`: one bad table stalls everybody (451). */
    tables: string[];
    /** Ports that must answer afterwards because they are ours. */
    ownPorts: number[];
    /** Ports of others: must answer afterwards if they did before. */
    otherPorts: number[];
}

export interface Target {
    id: FragmentId;
    /** Folder of this change's keys and tables. */
    generation: string;
}

/** Where the owner's files of one generation lie. */
export function generationFolder(
    facts: Pick<HostFacts, "configDirectory">,
    owner: string,
    generation: string,
): string {
    return `${facts.configDirectory}/pulumi/${owner}/${generation}`;
}

/** Puts the real paths in the place of `@{name}`. */
export function resolveFiles(value: string, settings: HostSettings, folder: string): string {
    return value.replace(/@\{([a-z0-9_-]+)\}/g, (whole, name: string) => {
        if (name in settings.chains) return `${folder}/${chainFileName(name)}`;
        if (name in settings.tables) return `texthash:${folder}/${name}`;
        return whole;
    });
}

export function planChange(inputs: HostInputs, facts: HostFacts, target: Target): Plan {
    const problems = new Problems();
    const dialect = toDialect(inputs, facts.version, problems);
    const folder = generationFolder(facts, target.id.owner, target.generation);
    const resolve = (value: string) => resolveFiles(value, inputs, folder);

    const settings = ownSettings(inputs, dialect, target.id.owner, facts, resolve);
    const mainCf = rewriteMain(inputs, facts, target.id, settings, problems);
    const masterCf = rewriteMaster(inputs, facts, target.id, dialect, resolve, problems);
    foreignListeners(inputs, facts, problems);
    restrictions(dialect, mainCf, problems);
    if (inputs.role === Role.RoadWarrior) exits(inputs, facts, problems);
    return finishPlan(facts, mainCf, masterCf, "main master", problems.list, Object.keys(inputs.services));
}

export function planRemoval(owner: string, facts: HostFacts): Plan {
    const mainCf = recompose(rewrite(facts.mainCf, owner, undefined));
    const masterCf = rewrite(facts.masterCf, owner, undefined);
    return finishPlan(facts, mainCf, masterCf, "master main", [], []);
}

// --- main.cf ------------------------------------------------------------------------------------------------------

function ownSettings(
    inputs: HostInputs,
    dialect: Dialect,
    owner: string,
    facts: HostFacts,
    resolve: (value: string) => string,
): [string, string][] {
    const settings = Object.entries(dialect.main).map(([name, value]): [string, string] => {
        // The admin's own clients join ours, or taking the line over would revoke them all.
        const others = parameters[name]?.list ? adminValue(facts, name) : undefined;
        return [name, [others, resolve(value)].filter(Boolean).join(" ")];
    });
    for (const [name, part] of Object.entries(inputs.lists))
        settings.push([partName(owner, name), resolve(part)]);
    return settings;
}

function adminValue(facts: HostFacts, name: string): string | undefined {
    return parseMainCf(originalView(facts.mainCf)).settings.findLast((setting) => setting.name === name)
        ?.value;
}

function rewriteMain(
    inputs: HostInputs,
    facts: HostFacts,
    id: FragmentId,
    settings: [string, string][],
    problems: Problems,
): string {
    const own = new Map(settings);
    const yielding = new Set(settings.flatMap(([name]) => [name, ...(legacyPartners[name] ?? [])]));
    if (inputs.role === Role.RoadWarrior) for (const exit of exitParameters) yielding.add(exit.name);

    const blocks = ownerBlocks(facts.mainCf).filter((block) => block.owner !== id.owner);
    for (const conflict of findConflicts([...blocks, { owner: id.owner, settings }])) {
        const [other] = conflict.owners;
        problems.add(
            `main.${pathStep(conflict.name)}`,
            `given ${JSON.stringify(conflict.values[1])}, but ${other} sets ${JSON.stringify(conflict.values[0])} on this host: two owners of one machine must agree on it`,
        );
    }
    mainConsent(inputs, facts, yielding, own, problems);
    const hides = (line: LogicalLine) => yielding.has(settingName(line) ?? "");
    return recompose(
        rewrite(facts.mainCf, id.owner, { instance: id.instance, body: lines(settings), hides }),
    );
}

const settingName = (line: LogicalLine): string | undefined => /^([^\s=]+)\s*=/.exec(line.text)?.[1];
const lines = (settings: [string, string][]): string[] =>
    settings.map(([name, value]) => `${name} = ${value}`.trimEnd());

function ownerBlocks(mainCf: string): OwnerBlock[] {
    return readBlocks(mainCf)
        .filter((block) => block.owner !== sharedOwner)
        .map((block) => ({ owner: block.owner, settings: readSettings(block.body) }));
}

/** The blocks' texts depend on each other (what several set, lists): all are written anew from what they say. */
function recompose(mainCf: string): string {
    const composed = composeBlocks(ownerBlocks(mainCf));
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

/** Stock lines yield silently, an admin's own line only by the user's word. */
function mainConsent(
    inputs: HostInputs,
    facts: HostFacts,
    yielding: Set<string>,
    own: Map<string, string>,
    problems: Problems,
): void {
    const original = originalView(facts.mainCf);
    const consented = new Set(
        readBlocks(facts.mainCf).flatMap(({ owner }) => hiddenBy(facts.mainCf, owner).map((l) => l.first)),
    );
    for (const setting of parseMainCf(original).settings) {
        if (!yielding.has(setting.name) || consented.has(setting.first)) continue;
        if (own.get(setting.name) === setting.value || parameters[setting.name]?.list) continue;
        if (isStockSetting(setting.name, setting.value, facts) || takesOver(inputs, setting.name)) continue;
        const exit = exitParameters.find(({ name }) => name === setting.name);
        if (exit && exit.safe === setting.value) continue;
        const what = own.has(setting.name)
            ? `would become ${JSON.stringify(own.get(setting.name))}`
            : exit && inputs.role === Role.RoadWarrior
              ? `${exit.reason}, so it would be commented out`
              : "would be commented out";
        problems.add(
            `main.${pathStep(setting.name)}`,
            `main.cf line ${setting.first + 1} of the host, "${setting.name} = ${setting.value}", is not ours and ${what}: write takeOver: ["${setting.name}"] to allow it (destroy puts the line back), or remove it on the host`,
        );
    }
}

function takesOver(inputs: HostInputs, name: string): boolean {
    return inputs.takeOver.includes(name) || inputs.takeOver.includes("*");
}

// --- master.cf ----------------------------------------------------------------------------------------------------

function rewriteMaster(
    inputs: HostInputs,
    facts: HostFacts,
    id: FragmentId,
    dialect: Dialect,
    resolve: (value: string) => string,
    problems: Problems,
): string {
    const names = Object.keys(dialect.services);
    if (names.length === 0) return rewrite(facts.masterCf, id.owner, undefined);
    const yielding = new Set<number>();
    const hidden = new Set(hiddenBy(facts.masterCf, id.owner).map((line) => line.first));
    for (const name of names) {
        const port = resolvePort(name.split("/")[0] ?? "")?.port;
        if (port === undefined) continue;
        otherOwnersPort(facts, id.owner, name, port, problems);
        for (const service of clashes(originalView(facts.masterCf), port)) {
            yielding.add(service.first);
            const called = `${service.service}/${service.type}`;
            if (hidden.has(service.first) || isStockServiceOn(facts, service) || takesOver(inputs, called))
                continue;
            problems.add(
                `services${pathStep(name)}`,
                `master.cf line ${service.first + 1} of the host already serves port ${port} ("${called} ${service.command}"): choose another port, or write takeOver: ["${called}"] to comment that line out`,
            );
        }
    }
    const body = Object.entries(dialect.services).flatMap(([name, service]) =>
        renderService(name, {
            command: service.command,
            options: Object.fromEntries(
                Object.entries(service.options).map(([key, value]) => [key, resolve(value)]),
            ),
        }),
    );
    return rewrite(facts.masterCf, id.owner, {
        instance: id.instance,
        body,
        hides: (line) => yielding.has(line.first),
    });
}

type MasterService = ReturnType<typeof parseMasterCf>["services"][number];

function isStockServiceOn(facts: HostFacts, service: MasterService): boolean {
    // A stock line is only silent about a port that nobody uses yet; the hub's own port 25 is in use.
    return isStockService(service) && !facts.running;
}

function otherOwnersPort(
    facts: HostFacts,
    owner: string,
    name: string,
    port: number,
    problems: Problems,
): void {
    for (const block of readBlocks(facts.masterCf)) {
        if (block.owner === owner) continue;
        const taken = parseMasterCf(block.body.join("\n")).services.some(
            (s) => s.type === "inet" && resolvePort(s.service)?.port === port,
        );
        if (taken)
            problems.add(
                `services${pathStep(name)}`,
                `port ${port} is served by ${block.owner} on this host: choose another port`,
            );
    }
}

/** A port in foreign hands kills all of Postfix at the reload, with return code 0. */
function foreignListeners(inputs: HostInputs, facts: HostFacts, problems: Problems): void {
    for (const name of Object.keys(inputs.services)) {
        const port = resolvePort(name.split("/")[0] ?? "")?.port;
        const foreign = facts.listeners.find(
            // By the process: what another mail server calls its own may have the names of Postfix.
            (listener) => listener.port === port && listener.pid !== facts.masterPid,
        );
        if (!foreign) continue;
        problems.add(
            `services${pathStep(name)}`,
            `port ${port} is taken on this host by ${foreign.command} (process ${foreign.pid}): stop it, or choose another port`,
        );
    }
}

/** A class of restrictions may be the admin's, so only with the whole main.cf in sight can a word be called unknown. */
function restrictions(dialect: Dialect, mainCf: string, problems: Problems): void {
    const classes = parseMainCf(mainCf).settings.findLast(({ name }) => name === "smtpd_restriction_classes");
    for (const [name, value] of Object.entries(dialect.main)) {
        if (!restrictionList.test(name)) continue;
        for (const reason of unknownRestrictions(value, classes?.value.split(/[\s,]+/) ?? []))
            problems.add(`main.${pathStep(name)}`, reason);
    }
}

/** Services whose own `-o` would lead around the pin; no take-over of these: an admin wrote them on purpose. */
function exits(inputs: HostInputs, facts: HostFacts, problems: Problems): void {
    const services = parseMasterCf(originalView(facts.masterCf)).services;
    for (const exit of openExits([], services)) {
        if (inputs.takeOver.includes(exit.name)) continue;
        problems.add(
            "services",
            `master.cf line ${exit.where} of the host, "${exit.text}": ${exit.reason}: remove it there`,
        );
    }
}

// --- what changes -------------------------------------------------------------------------------------------------

function finishPlan(
    facts: HostFacts,
    mainCf: string,
    masterCf: string,
    order: Plan["order"],
    problems: Problem[],
    ownServices: string[],
): Plan {
    const changes = [...mainChanges(facts, mainCf), ...masterChanges(facts, masterCf)];
    const effective = new Map(parseMainCf(mainCf).settings.map(({ name, value }) => [name, value]));
    const ownPorts = ownServices.flatMap((name) => resolvePort(name.split("/")[0] ?? "")?.port ?? []);
    const blocks = readBlocks(mainCf);
    return {
        problems,
        changes,
        action: changes.some((change) => restartParameters.has(change.name)) ? "restart" : "reload",
        mainCf,
        masterCf,
        order,
        names: [...new Set(blocks.flatMap((block) => readSettings(block.body).map(([name]) => name)))],
        tables: Object.keys(parameters)
            .filter((name) => parameters[name]?.list)
            .flatMap((name) => tablesOf(effective, listName(name))),
        ownPorts,
        otherPorts: greetingPorts(masterCf).filter((port) => !ownPorts.includes(port)),
    };
}

function tablesOf(effective: Map<string, string>, name: string): string[] {
    const parts = (effective.get(name) ?? "").split(/\s+/).filter((word) => word.startsWith("$"));
    return parts.flatMap((part) => (effective.get(part.slice(1)) ?? "").split(/\s+/).filter(Boolean));
}

/** Ports on which a client is greeted in clear: smtpd and postscreen, not in wrapper mode. */
function greetingPorts(masterCf: string): number[] {
    const ports = parseMasterCf(masterCf).services.flatMap((service) => {
        const [daemon] = service.command.split(/\s+/);
        if (service.type !== "inet" || (daemon !== "smtpd" && daemon !== "postscreen")) return [];
        const wrapped = service.options.some(
            ({ name, value }) => name === "smtpd_tls_wrappermode" && value === "yes",
        );
        return wrapped ? [] : (resolvePort(service.service)?.port ?? []);
    });
    return [...new Set(ports)];
}

function mainChanges(facts: HostFacts, mainCf: string): Change[] {
    const before = lastDefinitions(facts.mainCf);
    const after = lastDefinitions(mainCf);
    const owners = new Map(
        ownerBlocks(facts.mainCf).flatMap(({ owner, settings }) => settings.map(([name]) => [name, owner])),
    );
    return [...new Set([...before.keys(), ...after.keys()])].flatMap((name): Change[] => {
        const from = before.get(name);
        const to = after.get(name);
        if (from?.value === to?.value) return [];
        const stock = from && isStockSetting(name, from.value, facts);
        const by = owners.get(name) ?? (from ? (stock ? "distribution" : "admin") : "nobody");
        return [
            { file: "main.cf", name, from: from?.value, to: to?.value, by, line: from && from.first + 1 },
        ];
    });
}

function lastDefinitions(mainCf: string) {
    return new Map(parseMainCf(mainCf).settings.map((setting) => [setting.name, setting]));
}

function masterChanges(facts: HostFacts, masterCf: string): Change[] {
    const before = serviceLines(facts.masterCf);
    const after = serviceLines(masterCf);
    return [...new Set([...before.keys(), ...after.keys()])].flatMap((name): Change[] => {
        if (before.get(name) === after.get(name)) return [];
        return [
            {
                file: "master.cf",
                name,
                from: before.get(name),
                to: after.get(name),
                by: before.has(name) ? "admin" : "nobody",
            },
        ];
    });
}

function serviceLines(masterCf: string): Map<string, string> {
    return new Map(
        parseMasterCf(masterCf).services.map((service) => {
            const options = service.options.map(({ name, value }) => `-o ${name}=${value}`);
            return [`${service.service}/${service.type}`, [service.command, ...options].join(" ")];
        }),
    );
}
