import { originalView } from "../../postfix/fragment/read";
import { effectiveValue } from "../../postfix/main-cf";
import { parseMasterCf } from "../../postfix/master-cf";
import { isSameService, splitServiceName } from "../../postfix/services";
import { isStockService, isStockSetting } from "../../postfix/stock";
import { InetProtocols } from "../../postfix/words";
import type { HostFacts } from "./facts";
import type { HostInputs } from "./inputs";

/** What is wanted, as this very host can have it: what only a look at it decides is decided here, once for all. */
export interface ForHost {
    inputs: HostInputs;
    /** What was decided and why, for the preview. */
    notes: string[];
}

export function forHost(inputs: HostInputs, facts: HostFacts): ForHost {
    const services = Object.entries(inputs.services).filter(
        ([name, { yields }]) => !yields || !adminHas(facts, name),
    );
    const left = Object.keys(inputs.services).filter((name) => !services.some(([kept]) => kept === name));
    const notes = left.map((name) => `${name} of master.cf stays as the machine's admin has it`);
    const fitting = { ...inputs, services: Object.fromEntries(services) };
    if (!needsIpv4(inputs, facts)) return { inputs: fitting, notes };
    notes.push("inet_protocols = ipv4, because IPv6 is switched off on this host");
    return { inputs: { ...fitting, main: { ...inputs.main, inet_protocols: InetProtocols.Ipv4 } }, notes };
}

function adminHas(facts: HostFacts, name: string): boolean {
    const wanted = splitServiceName(name);
    const { services } = parseMasterCf(originalView(facts.masterCf));
    return services.some((service) => wanted && isSameService(service, wanted) && !isStockService(service));
}

/**
 * With IPv6 switched off, an address of it in inet_interfaces (`localhost` has one) ends every Postfix command and
 * daemon: "no local interface found for ::1". Only where the owner says how mail leaves, and nobody has said how.
 */
function needsIpv4({ main }: HostInputs, facts: HostFacts): boolean {
    if (facts.ipv6 || !("smtp_tls_security_level" in main) || "inet_protocols" in main) return false;
    const value = effectiveValue(originalView(facts.mainCf), "inet_protocols");
    return (
        value === undefined ||
        (value !== InetProtocols.Ipv4 && isStockSetting("inet_protocols", value, facts))
    );
}
