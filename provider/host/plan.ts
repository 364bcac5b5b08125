import { listName, readSettings } from "../../postfix/compose";
import { type Dialect, toDialect } from "../../postfix/dialect";
import { exitOf } from "../../postfix/exits";
import type { Block } from "../../postfix/fragment/parse";
import { readBlocks } from "../../postfix/fragment/read";
import { rewrite } from "../../postfix/fragment/rewrite";
import { effectiveValue, parseMainCf } from "../../postfix/main-cf";
import { parseMasterCf } from "../../postfix/master-cf";
import { restartParameters } from "../../postfix/parameters";
import { chainProblems } from "../../postfix/pins";
import { type Problem, Problems, pathStep } from "../../postfix/problems";
import { restrictionList, unknownRestrictions } from "../../postfix/restrictions";
import { inetPort, resolvePort } from "../../postfix/services";
import { type HostSettings, Role } from "../../postfix/settings";
import { sizeLimitFaults } from "../../postfix/size-limits";
import { loginsType, tableType, tableTypes } from "../../postfix/tables";
import { ownMaps } from "../../postfix/validate/laptop";
import { policyVersionProblem } from "../../postfix/validate/outbound-policy";
import { parseVersion } from "../../postfix/version";
import type { HostFacts } from "./facts";
import { forHost } from "./for-host";
import type { FragmentId } from "./identity";
import { type HostInputs, pemFileName } from "./inputs";
import { markFaults } from "./marks";
import { planCaches } from "./plan-caches";
import { type Change, mainChanges, masterChanges } from "./plan-changes";
import { ownSettings, recompose, rewriteMain } from "./plan-main-cf";
import { exits, foreignListeners, rewriteMaster } from "./plan-master-cf";
import { namedThings } from "./plan-named";
import { outdated, outdatedOfOthers, unknownNames } from "./plan-names";
import { type HookChanges, planHooks } from "./plan-network-hooks";
import { obstacles } from "./plan-obstacles";
import { loops, relaying } from "./plan-relaying";
import { sasl } from "./plan-sasl";
import { senderLimits } from "./plan-sender-limits";
import { missingTypes } from "./plan-tables";
import { values } from "./plan-values";

/** What a change would make of a host's files, worked out from what the probe read: pure. */
export interface Plan {
    problems: Problem[];
    changes: Change[];
    /** Told with the change: what is outdated, or missing on this version. */
    warnings: string[];
    /** Told by a preview: what was found on the host and decided by it. */
    notes: string[];
    action: "none" | "reload" | "restart";
    mainCf: string;
    masterCf: string;
    /** Which of the two is renamed first, so that a power cut between them leaves a valid pair. */
    order: "main master" | "master main";
    /** Parameter names of ours: a warning of postconf about one of them stops the change. */
    names: string[];
    /** Lookup tables of all owners as `type:path`: one bad table stalls everybody (451). */
    tables: string[];
    /** Those among them that hold the laptops' pins. */
    clientTables: string[];
    /** What is told the network's own tools. */
    hooks: HookChanges;
    /** Ports that must answer afterwards because they are ours. */
    ownPorts: number[];
    /** Those of ours that speak TLS from the first byte. */
    wrappedPorts: number[];
    /** Ports of others: must answer afterwards if they did before. */
    otherPorts: number[];
}

export interface Target {
    id: FragmentId;
    /** Folder of this change's keys and tables. */
    generation: string;
    /** It is the live one, and its files are byte for byte what would be written. */
    isLive?: boolean;
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
        if (Object.hasOwn(settings.chains, name) || Object.hasOwn(settings.authorities ?? {}, name))
            return `${folder}/${pemFileName(name)}`;
        const table = settings.tables[name];
        if (table && tableType(table) === loginsType) return loginsPath(folder);
        if (table) return `${tableType(table)}:${folder}/${name}`;
        return whole;
    });
}

/** The configuration that leads Cyrus SASL to our database, as smtpd_sasl_path: Postfix's own user has to read it. */
const loginsPath = (folder: string): string => `${folder.replace(/^.*\/pulumi\//, "../pulumi-sasl/")}/smtpd`;

export function planChange(wanted: HostInputs, facts: HostFacts, target: Target): Plan {
    const { inputs, notes } = forHost(wanted, facts);
    const problems = new Problems();
    const dialect = toDialect(inputs, facts.version, problems);
    const folder = generationFolder(facts, target.id.owner, target.generation);
    const resolve = (value: string) => resolveFiles(value, inputs, folder);

    const caches = planCaches(inputs, facts, dialect, target.id.owner);
    const settings = [...ownSettings(inputs, dialect, target.id.owner, facts, resolve), ...caches.settings];
    const mainCf = rewriteMain(inputs, facts, target.id, settings, caches.yielding, problems);
    const masterCf = rewriteMaster(inputs, facts, target.id, dialect, resolve, problems);
    foreignListeners(inputs, facts, problems);
    senderLimits(inputs, facts, problems);
    sasl(inputs, facts, problems);
    outboundPolicies(inputs, facts.version, problems);
    obstacles(inputs, facts, mainCf, masterCf, problems);
    missingTypes(inputs, facts, problems);
    values(inputs, facts, dialect, mainCf, problems);
    const namedWarnings = namedThings(inputs, facts, problems);
    const relayWarnings = relaying(inputs, facts, mainCf, masterCf, problems);
    loops(dialect.main, facts, mainCf, masterCf, problems);
    sizeLimits(facts, mainCf, problems);
    restrictions(dialect, mainCf, problems);
    if (inputs.role === Role.RoadWarrior) {
        const own = Object.fromEntries(settings);
        exits(facts, masterCf, target.id.owner, own, problems);
        exitsOfOwners(mainCf, ownRoutes(inputs, own), problems);
    }
    const allowed = unknownNames(inputs, facts, dialect, { mainCf, masterCf }, problems);
    const warnings = [
        ...markFaults(facts),
        ...outdated(dialect, facts.version, problems),
        ...dialect.warnings,
        ...suspiciousChains(inputs),
        ...namedWarnings,
        ...relayWarnings,
    ];
    const hooks = planHooks(inputs, facts, target.id.owner, problems);
    const plan = finishPlan(
        facts,
        mainCf,
        masterCf,
        "main master",
        problems.list,
        Object.keys(inputs.services),
    );
    // Not one byte changes of what Postfix and the network's tools read, and Postfix has read it: no need to wake it.
    const stays =
        target.isLive &&
        mainCf === facts.mainCf &&
        masterCf === facts.masterCf &&
        Object.keys(hooks.write).length + hooks.remove.length === 0;
    return {
        ...plan,
        action: stays && facts.running && !facts.interrupted ? "none" : plan.action,
        hooks,
        warnings,
        notes: [...notes, ...caches.notes, ...outdatedOfOthers(facts, mainCf)],
        names: plan.names.filter((name) => !allowed.includes(name)),
    };
}

/** Whether this version understands the policies, which cannot be known before the host is. */
function outboundPolicies(inputs: HostInputs, version: string, problems: Problems): void {
    const named = /@\{([a-z0-9_-]+)\}/.exec(inputs.main.smtp_tls_policy_maps ?? "")?.[1] ?? "";
    const known = parseVersion(version);
    for (const [destination, policy] of Object.entries(inputs.tables[named]?.entries ?? {})) {
        const reason = known && policyVersionProblem(policy, known);
        if (reason)
            problems.at("tables").at(pathStep(named)).at("entries").add(pathStep(destination), reason);
    }
}

/** Only what this change brings about: the admin's own trouble was there before. */
function sizeLimits(facts: HostFacts, mainCf: string, problems: Problems): void {
    const before = sizeLimitFaults(facts.mainCf);
    for (const fault of sizeLimitFaults(mainCf))
        if (!before.includes(fault)) problems.add("main.message_size_limit", fault);
}

/** A class of restrictions may be the admin's, so only with the whole main.cf in sight can a word be called unknown. */
function restrictions(dialect: Dialect, mainCf: string, problems: Problems): void {
    const classes = effectiveValue(mainCf, "smtpd_restriction_classes")?.split(/[\s,]+/) ?? [];
    for (const [name, value] of Object.entries(dialect.main)) {
        if (!restrictionList.test(name)) continue;
        for (const reason of unknownRestrictions(value, classes))
            problems.add(`main.${pathStep(name)}`, reason);
    }
}

/** What the admin had is hidden by now: an exit that is left stands in a block, of this laptop or of another owner. */
function exitsOfOwners(mainCf: string, routes: Map<string, string>, problems: Problems): void {
    const effective = new Map(parseMainCf(mainCf).settings.map(({ name, value }) => [name, value]));
    for (const [name, value] of effective) {
        const exit = exitOf(name, value);
        if (!exit || routes.get(name) === value) continue;
        problems.add(
            `main.${pathStep(name)}`,
            `${JSON.stringify(value)} would count on this laptop, and ${exit.reason}: leave the parameter out, in this resource or in the other one that sets it on this machine`,
        );
    }
}

/** The laptop's own tables lead to hubs that it can prove: each line of them was checked with the inputs. */
function ownRoutes(inputs: HostInputs, own: Record<string, string>): Map<string, string> {
    const tables = ownMaps.filter((name) => /^@\{[a-z0-9_-]+\}$/.test(inputs.main[name] ?? ""));
    return new Map(tables.map((name) => [name, own[name] ?? ""]));
}

/** What Postfix serves all the same, as an expired certificate: pins ignore it, other peers may not. */
function suspiciousChains({ chains }: HostInputs): string[] {
    return Object.entries(chains).flatMap(([name, entries]) =>
        entries.flatMap((entry, index) =>
            chainProblems(entry)
                .filter(({ severity }) => severity === "warning")
                .map(({ field, reason }) => `chains.${name}[${index}].${field}: ${reason}`),
        ),
    );
}

export function planRemoval(owner: string, facts: HostFacts): Plan {
    const mainCf = recompose(rewrite(facts.mainCf, owner, undefined));
    const masterCf = rewrite(facts.masterCf, owner, undefined);
    const plan = finishPlan(facts, mainCf, masterCf, "master main", [], []);
    const hooks = planHooks({}, facts, owner, new Problems());
    // Parts of lists that nobody reads are no fault of a removal; grants that a hub leaves behind are refused before.
    return { ...plan, hooks, names: plan.names.filter((name) => !name.startsWith("pulumi_")) };
}

function finishPlan(
    facts: HostFacts,
    mainCf: string,
    masterCf: string,
    order: Plan["order"],
    problems: Problem[],
    ownServices: string[],
): Omit<Plan, "hooks"> {
    const changes = [...mainChanges(facts, mainCf), ...masterChanges(facts, masterCf)];
    const effective = new Map(parseMainCf(mainCf).settings.map(({ name, value }) => [name, value]));
    const [clear, wrapped] = [smtpPorts(masterCf, "clear"), smtpPorts(masterCf, "wrapped")];
    const own = ownServices.flatMap((name) => inetPort(name) ?? []);
    // What is no SMTP cannot be asked for a greeting.
    const ownPorts = [...clear, ...wrapped].filter((port) => own.includes(port));
    const blocks = readBlocks(mainCf);
    return {
        problems,
        changes,
        warnings: [],
        notes: [],
        action: changes.some((change) => restartParameters.has(change.name)) ? "restart" : "reload",
        mainCf,
        masterCf,
        order,
        names: [...new Set(blocks.flatMap((block) => readSettings(block.body).map(([name]) => name)))],
        tables: tablesOfOwners(blocks, readBlocks(masterCf)),
        clientTables: tablesOf(effective, listName("relay_clientcerts")),
        ownPorts,
        wrappedPorts: wrapped.filter((port) => own.includes(port)),
        otherPorts: clear.filter((port) => !own.includes(port)),
    };
}

/** Every table that a block of ours names: all of them lie in the owners' folders. */
function tablesOfOwners(...files: Block[][]): string[] {
    const named = new RegExp(`(?:${tableTypes.join("|")}):/[^\\s,{}]*/pulumi/[^\\s,{}]+`, "g");
    const lines = files.flat().flatMap((block) => block.body);
    return [...new Set(lines.flatMap((line) => line.match(named) ?? []))].sort();
}

function tablesOf(effective: Map<string, string>, name: string): string[] {
    const parts = (effective.get(name) ?? "").split(/\s+/).filter((word) => word.startsWith("$"));
    return parts.flatMap((part) => (effective.get(part.slice(1)) ?? "").split(/\s+/).filter(Boolean));
}

/** Ports of smtpd and postscreen, on which a client is greeted in clear or in TLS (wrapper mode). */
function smtpPorts(masterCf: string, way: "clear" | "wrapped"): number[] {
    const ports = parseMasterCf(masterCf).services.flatMap((service) => {
        const [daemon] = service.command.split(/\s+/);
        if (service.type !== "inet" || (daemon !== "smtpd" && daemon !== "postscreen")) return [];
        const wrapped = service.options.some(
            ({ name, value }) => name === "smtpd_tls_wrappermode" && value === "yes",
        );
        return wrapped === (way === "wrapped") ? (resolvePort(service.service)?.port ?? []) : [];
    });
    return [...new Set(ports)];
}
