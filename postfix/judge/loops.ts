import type { MasterService } from "../master-cf";
import { resolvePort } from "../services";

/** What a machine is called by, in lower case. */
export type OwnNames = readonly string[];

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|(ipv6:)?::1)$/i;

/**
 * A next hop that leads back to this machine's own smtpd(8): its mail would come again until it is bounced ("mail for
 * ... loops back to myself", postconf(5), relayhost). Another program on the way, on a port of its own, may stand there.
 */
export function loopFaults(
    value: string,
    own: OwnNames,
    services: MasterService[],
    interfaces: readonly string[],
): string[] {
    const hops = value.split(/[\s,]+/).filter(Boolean);
    return hops.flatMap((hop) => {
        const [, brackets, plain = "", port = "25"] = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/.exec(hop) ?? [];
        const host = (brackets ?? plain).toLowerCase().replace(/\.$/, "");
        // Without brackets a name has its MX looked up, which may be elsewhere.
        if (!loopback.test(host) && (brackets === undefined || !own.includes(host))) return [];
        const wanted = resolvePort(port)?.port;
        const answers = services.some(({ service, type, command }) => {
            const listens = type === "inet" && command === "smtpd" ? resolvePort(service) : undefined;
            if (listens === undefined || listens.port !== wanted) return false;
            return (listens.address === undefined ? interfaces : [listens.address]).some((at) =>
                leadsTo(host, at.toLowerCase().replace(/[[\]]/g, "")),
            );
        });
        return answers
            ? [
                  `given ${JSON.stringify(hop)}, which is this machine itself: its mail would come back to it until it is returned to the sender. Name another host, or leave it out`,
              ]
            : [];
    });
}

/** Whether who calls that name of this machine, or its loopback, gets to what listens at an address (postconf(5), inet_interfaces). */
function leadsTo(host: string, at: string): boolean {
    if (/^(all|0\.0\.0\.0|::)$/.test(at)) return true;
    const isLoopback = at === "loopback-only" || loopback.test(at);
    if (!loopback.test(host)) return !isLoopback;
    const address = host.replace(/^ipv6:/, "");
    if (address === "localhost") return isLoopback;
    return at === address || (/^(loopback-only|localhost)$/.test(at) && /^(127\.0\.0\.1|::1)$/.test(address));
}

/** With a relayhost that is its myhostname each program of Postfix ends (mail_params.c). */
export function sameNameFault(relayhost: string, myhostname: string): string | undefined {
    return relayhost !== "" && relayhost.toLowerCase() === myhostname.toLowerCase()
        ? `given ${JSON.stringify(relayhost)}, which is myhostname too, and Postfix would end with "myhostname and relayhost parameter settings must not be identical". Name another host, or leave it out`
        : undefined;
}
