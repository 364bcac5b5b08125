import type { Dialect } from "../../postfix/dialect";
import { openExits } from "../../postfix/exits";
import { hiddenBy, lineNumber, lineOwners, originalView, readBlocks } from "../../postfix/fragment/read";
import { rewrite } from "../../postfix/fragment/rewrite";
import { type MasterService, parseMasterCf, renderService } from "../../postfix/master-cf";
import { type Problems, pathStep } from "../../postfix/problems";
import { inetPort, isOnPort, isSameService, resolvePort, splitServiceName } from "../../postfix/services";
import { isStockService } from "../../postfix/stock";
import type { HostFacts } from "./facts";
import type { FragmentId } from "./identity";
import { type HostInputs, takesOver } from "./inputs";

export function rewriteMaster(
    inputs: HostInputs,
    facts: HostFacts,
    id: FragmentId,
    dialect: Dialect,
    resolve: (value: string) => string,
    problems: Problems,
): string {
    const names = Object.keys(dialect.services);
    const closed = inputs.closed ?? [];
    if (names.length === 0 && closed.length === 0) return rewrite(facts.masterCf, id.owner, undefined);
    const yielding = new Set<number>();
    const hidden = new Set(hiddenBy(facts.masterCf, id.owner).map((line) => line.first));
    const original = parseMasterCf(originalView(facts.masterCf)).services;
    for (const name of names) {
        const wanted = wantedService(name);
        if (!wanted) continue;
        otherOwners(facts, id.owner, name, wanted, problems);
        for (const service of original.filter((candidate) => yieldsTo(candidate, wanted))) {
            yielding.add(service.first);
            const called = `${service.service}/${service.type}`;
            if (hidden.has(service.first) || isStockServiceOn(facts, service) || takesOver(inputs, called))
                continue;
            problems.add(
                `services${pathStep(name)}`,
                `master.cf line ${lineNumber(facts.masterCf, service.first)} of the host already ${wanted.port ? `serves port ${wanted.port}` : "has this service"} ("${called} ${service.command}"): ${wanted.port ? "choose another port, or write" : "write"} takeOver: ["${called}"] to comment that line out`,
            );
        }
    }
    for (const service of servicesToClose(closed, original)) {
        yielding.add(service.first);
        const called = `${service.service}/${service.type}`;
        if (hidden.has(service.first) || isStockService(service) || takesOver(inputs, called)) continue;
        problems.add(
            "closed",
            `master.cf line ${lineNumber(facts.masterCf, service.first)} of the host, "${called} ${service.command}", is not the distribution's and would be commented out: write takeOver: ["${called}"] to allow it (destroy puts the line back), or leave its port open`,
        );
    }
    const body = Object.entries(dialect.services).flatMap(([name, service]) =>
        renderService(name, {
            ...service,
            command: resolve(service.command),
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

/** The lines of others that serve a port which is to be closed. */
export function servicesToClose(closed: string[], services: MasterService[]): MasterService[] {
    const wanted = closed.flatMap((name) => wantedService(name) ?? []);
    return services.filter((service) => wanted.some((one) => yieldsTo(service, one)));
}

interface WantedService {
    service: string;
    type: string;
    /** Of an inet service: by the port alone it is told from others. */
    port?: number;
    address?: string;
}

function wantedService(name: string): WantedService | undefined {
    const parts = splitServiceName(name);
    if (parts?.type !== "inet") return parts;
    const place = resolvePort(parts.service);
    return place && { ...parts, ...place };
}

/** Whether a line of others would be a second one for the service that we want. */
function yieldsTo(service: MasterService, wanted: WantedService): boolean {
    return wanted.port === undefined
        ? isSameService(service, wanted)
        : isOnPort(service, wanted.port, wanted.address);
}

function isStockServiceOn(facts: HostFacts, service: MasterService): boolean {
    // A stock line is only silent about a port that nobody uses yet; the hub's own port 25 is in use.
    return isStockService(service) && (service.type !== "inet" || !facts.running);
}

function otherOwners(
    facts: HostFacts,
    owner: string,
    name: string,
    wanted: WantedService,
    problems: Problems,
): void {
    for (const block of readBlocks(facts.masterCf)) {
        if (block.owner === owner) continue;
        const { services } = parseMasterCf(block.body.join("\n"));
        if (!services.some((service) => yieldsTo(service, wanted))) continue;
        const reason =
            wanted.port === undefined
                ? `is set by ${block.owner} on this host: leave it out here or there`
                : `port ${wanted.port} is served by ${block.owner} on this host: choose another port`;
        problems.add(`services${pathStep(name)}`, reason);
    }
}

/** A port in foreign hands kills all of Postfix at the reload, with return code 0. */
export function foreignListeners(inputs: HostInputs, facts: HostFacts, problems: Problems): void {
    for (const name of Object.keys(inputs.services)) {
        const port = inetPort(name);
        if (port === undefined) continue;
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

/**
 * Services that lead around the pin, as they would count after the change. No take-over of these: commented out, one
 * of them may be all outbound mail.
 */
export function exits(
    facts: HostFacts,
    masterCf: string,
    owner: string,
    own: Record<string, string>,
    problems: Problems,
): void {
    const writers = lineOwners(masterCf);
    const lines = openExits([], parseMasterCf(originalView(facts.masterCf)).services, own);
    for (const exit of openExits([], parseMasterCf(masterCf).services, own)) {
        const writer = writers[exit.where - 1];
        if (writer === owner) {
            const at = problems.at("services").at(pathStep(exit.name));
            if (exit.option) at.at("options").add(pathStep(exit.option), `${exit.reason}: leave it out`);
            else at.add("", exit.reason);
            continue;
        }
        const remedy = exit.option ? `take -o ${exit.option} out there` : "let it run smtp there";
        const found = lines.find(({ text, option }) => text === exit.text && option === exit.option);
        const line = found && lineNumber(facts.masterCf, found.where - 1);
        problems.add(
            "services",
            `master.cf ${line ? `line ${line} of the host` : `on the host, block ${writer}`}, "${exit.text}", ${exit.reason}: ${remedy}, takeOver does not cover it`,
        );
    }
}
