import type { MasterService } from "../master-cf";
import { resolvePort } from "../services";

/** What a machine is called by, in lower case. */
export type OwnNames = readonly string[];

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|(ipv6:)?::1)$/i;

/**
 * A next hop that leads back to this machine's own smtpd(8): its mail would come again until it is bounced ("mail for
 * ... loops back to myself", postconf(5), relayhost). Another program on the way, on a port of its own, may stand there.
 */
export function loopFaults(value: string, own: OwnNames, services: MasterService[]): string[] {
    const hops = value.split(/[\s,]+/).filter(Boolean);
    return hops.flatMap((hop) => {
        const [, brackets, plain = "", port = "25"] = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/.exec(hop) ?? [];
        const host = (brackets ?? plain).toLowerCase().replace(/\.$/, "");
        if (!loopback.test(host) && !own.includes(host)) return [];
        const wanted = resolvePort(port)?.port;
        const answers = services.some(
            ({ service, type, command }) =>
                type === "inet" && command === "smtpd" && resolvePort(service)?.port === wanted,
        );
        return answers
            ? [
                  `given ${JSON.stringify(hop)}, which is this machine itself: its mail would come back to it until it is returned to the sender. Name another host, or leave it out`,
              ]
            : [];
    });
}
