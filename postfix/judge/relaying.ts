import type { Setting } from "../main-cf";
import type { MasterService } from "../master-cf";
import { type RelayVerdict, relayVerdict } from "./open-relay";
import { expand, type Lookup } from "./restriction-words";

/** A service of smtpd(8) that relays for strangers, or does not start. */
export interface RelayFault {
    service: MasterService;
    verdict: RelayVerdict;
}

/** What is built in from compatibility level 1 on (postconf(5)). */
const sinceLevel1 = "permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination";

/**
 * What one service's daemon reads: its own `-o` before main.cf, what is built in last. That comes from `postconf -d`,
 * which heeds no main.cf and so tells what is built in for compatibility level 0.
 */
export function lookupOf(
    service: Pick<MasterService, "options">,
    settings: Setting[],
    builtIn: Record<string, string>,
): Lookup {
    const values = new Map<string, string>(Object.entries(builtIn));
    const level = settings.findLast(({ name }) => name === "compatibility_level")?.value ?? "0";
    if (Number.parseInt(level, 10) >= 1) values.set("smtpd_relay_restrictions", sinceLevel1);
    for (const { name, value } of settings) values.set(name, value);
    for (const { name, value } of service.options) values.set(name, value);
    return (name) => values.get(name);
}

/** Each service that somebody elsewhere can reach, with what it would make of his mail. */
export function relayFaults(
    settings: Setting[],
    services: MasterService[],
    builtIn: Record<string, string>,
): RelayFault[] {
    return services.flatMap((service): RelayFault[] => {
        const isSmtpd = service.command.split("/").at(-1) === "smtpd";
        if (!isSmtpd || (service.type !== "inet" && service.type !== "pass")) return [];
        const lookup = lookupOf(service, settings, builtIn);
        if (isLocal(service, lookup)) return [];
        const verdict = relayVerdict(lookup);
        return verdict.outcome === "closed" ? [] : [{ service, verdict }];
    });
}

function isLocal({ service, type }: MasterService, lookup: Lookup): boolean {
    const loopback = /^(127\.|\[?::1\]?$|localhost$)/;
    const address = /^(.*):[^:]*$/.exec(service)?.[1];
    if (type === "inet" && address !== undefined && address !== "") return loopback.test(address);
    const interfaces = expand(lookup("inet_interfaces") ?? "all", lookup)
        .split(/[\s,]+/)
        .filter(Boolean);
    return (
        interfaces.length > 0 && interfaces.every((word) => word === "loopback-only" || loopback.test(word))
    );
}
