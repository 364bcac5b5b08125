import { lineOwners } from "../../postfix/fragment/read";
import { loopFaults, sameNameFault } from "../../postfix/judge/loops";
import { decisive } from "../../postfix/judge/open-relay";
import { type RelayFault, relayFaults } from "../../postfix/judge/relaying";
import { effectiveValue, parseMainCf } from "../../postfix/main-cf";
import { parseMasterCf } from "../../postfix/master-cf";
import { type Problems, pathStep } from "../../postfix/problems";
import { Role } from "../../postfix/settings";
import type { HostFacts } from "./facts";
import type { HostInputs } from "./inputs";

/**
 * Services that would relay for strangers, or answer nobody. What a hub of ours makes of it is an error, also by a line
 * of the admin's; what was so before and is none of this owner's business is a warning.
 */
export function relaying(
    inputs: HostInputs,
    facts: HostFacts,
    mainCf: string,
    masterCf: string,
    problems: Problems,
): string[] {
    // A host that did not say what counts without a line is not judged by guesses.
    if (facts.defaults.smtpd_relay_restrictions === undefined) return [];
    const faults = (main: string, master: string) =>
        relayFaults(parseMainCf(main).settings, parseMasterCf(master).services, facts.defaults);
    const before = new Map(
        faults(facts.mainCf, facts.masterCf).map((fault) => [nameOf(fault), fault.verdict.outcome]),
    );
    const warnings: string[] = [];
    for (const fault of faults(mainCf, masterCf)) {
        const name = nameOf(fault);
        const sentence = describe(fault, masterCf, mainCf);
        if (name in inputs.services) problems.add(`services[${JSON.stringify(name)}]`, sentence);
        else if (before.get(name) === fault.verdict.outcome && !ownsHub(inputs, fault))
            warnings.push(sentence);
        else problems.add(pathOf(inputs), sentence);
    }
    return warnings;
}

const nameOf = ({ service }: RelayFault): string => `${service.service}/${service.type}`;

/** A dedicated hub is ours as a whole, and must not relay for strangers whoever wrote the line. */
const ownsHub = ({ role, main }: HostInputs, { verdict }: RelayFault): boolean =>
    role === Role.SmartHost && main.smtpd_tls_chain_files !== undefined && verdict.outcome === "open";

function pathOf({ main }: HostInputs): string {
    const culprit = decisive.find((name) => main[name] !== undefined);
    return culprit ? `main.${pathStep(culprit)}` : "";
}

function describe({ service, verdict }: RelayFault, masterCf: string, mainCf: string): string {
    const ours = lineOwners(masterCf)[service.first] !== undefined;
    const where = `"${service.service}/${service.type}"${ours ? "" : ` (master.cf line ${service.first + 1})`}`;
    const lines = decisive.flatMap((name) => {
        const setting = verdict.why.includes(name)
            ? parseMainCf(mainCf).settings.findLast((candidate) => candidate.name === name)
            : undefined;
        return setting ? [`${name} in main.cf line ${setting.first + 1}`] : [];
    });
    const look = lines.length > 0 ? ` (${lines.join(", ")})` : "";
    return verdict.outcome === "open"
        ? `${where} would be an open relay, for anybody to anywhere: ${verdict.why}${look}. Let smtpd_relay_restrictions refuse strangers: end it with reject_unauth_destination or defer_unauth_destination, with nothing before it that lets everybody in`
        : `${where} would not start: ${verdict.why}${look}. End smtpd_relay_restrictions with reject_unauth_destination, defer_unauth_destination, reject or defer`;
}

/** Mail that goes round in a loop. */
export function loops(
    main: Record<string, string>,
    facts: HostFacts,
    mainCf: string,
    masterCf: string,
    problems: Problems,
): void {
    const myhostname = effectiveValue(mainCf, "myhostname") ?? facts.hostname;
    const own = [facts.fqdn, myhostname, facts.hostname]
        .map((name) => name.toLowerCase())
        .filter((name) => name !== "" && !name.includes("$"));
    const { services } = parseMasterCf(masterCf);
    const interfaces = (effectiveValue(mainCf, "inet_interfaces") ?? "all").split(/[\s,]+/).filter(Boolean);
    for (const name of ["relayhost", "smtp_fallback_relay"])
        for (const fault of loopFaults(main[name] ?? "", own, services, interfaces))
            problems.add(`main.${name}`, fault);
    const same = sameNameFault(main.relayhost ?? "", myhostname);
    if (same) problems.add("main.relayhost", same);
}
