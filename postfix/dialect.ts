import { type Parameter, parameters } from "./parameters";
import { joinPath, type ProblemSink, pathStep } from "./problems";
import type { HostSettings, ServiceSettings } from "./settings";
import { atLeast, has, oldestVersion, parseVersion, type Version } from "./version";

/** Settings as one version of Postfix wants them written. */
export interface Dialect {
    main: Record<string, string>;
    services: Record<string, ServiceSettings>;
    /** Left out because the version behaves so without being told. */
    omitted: string[];
    /** What is left out though it would do good, as sentences. */
    warnings: string[];
}

/** Writes version-neutral settings for one version; what has no equivalent and matters is a problem, never a drop. */
export function toDialect(
    settings: Pick<HostSettings, "main" | "services">,
    version: string,
    problems: ProblemSink,
): Dialect {
    const known = parseVersion(version);
    const dialect: Dialect = { main: {}, services: {}, omitted: [], warnings: [] };
    if (!known || !atLeast(known, oldestVersion)) {
        problems.add(
            "",
            `this host has Postfix ${version}; ${oldestVersion} is the oldest that is supported: upgrade Postfix there`,
        );
        return dialect;
    }
    dialect.main = translateAll(settings.main, known, problems.at("main"), dialect);
    for (const [name, service] of Object.entries(settings.services)) {
        const at = problems.at(joinPath("services", pathStep(name))).at("options");
        dialect.services[name] = {
            ...service,
            options: translateAll(service.options, known, at, dialect),
        };
    }
    return dialect;
}

function translateAll(
    values: Record<string, string>,
    version: Version,
    problems: ProblemSink,
    left: Pick<Dialect, "omitted" | "warnings">,
): Record<string, string> {
    const written: Record<string, string> = {};
    for (const [name, value] of Object.entries(values)) {
        const parameter = parameters[name];
        if (parameter && !has(version, parameter.since, parameter.backports)) {
            leaveOut(name, parameter, version, problems, left);
        } else written[name] = parameter ? spelt(value, parameter, version) : value;
    }
    return written;
}

function leaveOut(
    name: string,
    parameter: Parameter,
    version: Version,
    problems: ProblemSink,
    left: Pick<Dialect, "omitted" | "warnings">,
): void {
    if (parameter.missing === "omit") {
        left.omitted.push(name);
        return;
    }
    const minor = `${version.major}.${version.minor}`;
    if (parameter.missing === "refuse") {
        problems.add(
            pathStep(name),
            `needs Postfix ${parameter.since}, this host has ${minor}, and leaving it out would weaken the host`,
        );
        return;
    }
    const patch = parameter.backports?.find((backport) => backport.startsWith(`${minor}.`));
    const warning = `Postfix ${minor}.${version.patch} has no ${name}, so ${parameter.without}: upgrade it to ${patch ?? parameter.since} or later`;
    if (!left.warnings.includes(warning)) left.warnings.push(warning);
}

function spelt(value: string, parameter: Parameter, version: Version): string {
    if (parameter.value === "protocols") return protocols(value, version);
    const { words } = parameter;
    return words && value in words.older && !has(version, words.since, words.backports)
        ? (words.older[value] ?? value)
        : value;
}

/** Protocols of TLS by age, as Postfix writes them. */
export const protocolOrder = ["SSLv2", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

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
