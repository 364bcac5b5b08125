import { parameters } from "./parameters";
import { joinPath, type ProblemSink, pathStep } from "./problems";
import type { HostSettings, ServiceSettings } from "./settings";
import { atLeast, oldestVersion, parseVersion, type Version } from "./version";

/** Settings as one version of Postfix wants them written. */
export interface Dialect {
    main: Record<string, string>;
    services: Record<string, ServiceSettings>;
    /** Left out because the version behaves so without being told. */
    omitted: string[];
}

/** Writes version-neutral settings for one version; what has no equivalent and matters is a problem, never a drop. */
export function toDialect(
    settings: Pick<HostSettings, "main" | "services">,
    version: string,
    problems: ProblemSink,
): Dialect {
    const known = parseVersion(version);
    const dialect: Dialect = { main: {}, services: {}, omitted: [] };
    if (!known || !atLeast(known, oldestVersion)) {
        problems.add(
            "",
            `this host has Postfix ${version}; ${oldestVersion} is the oldest that is supported: upgrade Postfix there`,
        );
        return dialect;
    }
    dialect.main = translateAll(settings.main, known, problems.at("main"), dialect.omitted);
    for (const [name, service] of Object.entries(settings.services)) {
        const at = problems.at(joinPath("services", pathStep(name))).at("options");
        dialect.services[name] = {
            ...service,
            options: translateAll(service.options, known, at, dialect.omitted),
        };
    }
    return dialect;
}

function translateAll(
    values: Record<string, string>,
    version: Version,
    problems: ProblemSink,
    omitted: string[],
): Record<string, string> {
    const written: Record<string, string> = {};
    for (const [name, value] of Object.entries(values)) {
        const parameter = parameters[name];
        if (parameter && !atLeast(version, parameter.since)) {
            if (parameter.missing === "omit") omitted.push(name);
            else {
                const has = `${version.major}.${version.minor}`;
                problems.add(
                    pathStep(name),
                    `needs Postfix ${parameter.since}, this host has ${has}, and leaving it out would weaken the host`,
                );
            }
        } else written[name] = parameter?.value === "protocols" ? protocols(value, version) : value;
    }
    return written;
}

const protocolOrder = ["SSLv2", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

/**
 * `>=TLSv1.2` is read since 3.6; before, the same floor is a list of exclusions from the bottom (postconf(5),
 * smtp_tls_mandatory_protocols). Written as `>=` there, all mail stops.
 */
function protocols(value: string, version: Version): string {
    const floor = /^>=(\S+)$/.exec(value)?.[1];
    if (!floor || atLeast(version, "3.6")) return value;
    const below = protocolOrder.slice(0, Math.max(0, protocolOrder.indexOf(floor)));
    return below.map((name) => `!${name}`).join(", ");
}
