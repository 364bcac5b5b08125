import type { Dialect } from "../../postfix/dialect";
import { openExits } from "../../postfix/exits";
import { hiddenBy, lineNumber, originalView, readBlocks, rewrite } from "../../postfix/fragment";
import { type MasterService, parseMasterCf, renderService } from "../../postfix/master-cf";
import { type Problems, pathStep } from "../../postfix/problems";
import { clashes, resolvePort } from "../../postfix/services";
import { isStockService } from "../../postfix/stock";
import type { FragmentId } from "./identity";
import { type HostInputs, takesOver } from "./inputs";
import type { HostFacts } from "./probe";

export function rewriteMaster(
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
                `master.cf line ${lineNumber(facts.masterCf, service.first)} of the host already serves port ${port} ("${called} ${service.command}"): choose another port, or write takeOver: ["${called}"] to comment that line out`,
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
export function foreignListeners(inputs: HostInputs, facts: HostFacts, problems: Problems): void {
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

/** Services that lead around the pin. No take-over of these: commented out, one of them may be all outbound mail. */
export function exits(facts: HostFacts, problems: Problems): void {
    const services = parseMasterCf(originalView(facts.masterCf)).services;
    for (const exit of openExits([], services)) {
        const remedy = exit.option ? `take -o ${exit.option} out there` : "let it run smtp there";
        problems.add(
            "services",
            `master.cf line ${lineNumber(facts.masterCf, exit.where - 1)} of the host, "${exit.text}", ${exit.reason}: ${remedy}, takeOver does not cover it`,
        );
    }
}
