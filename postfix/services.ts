import { type MasterService, parseMasterCf } from "./master-cf";

/** Where a service listens; no address means all of `inet_interfaces`. */
export interface ServiceAddress {
    address?: string;
    port: number;
}

/** Names as /etc/services and, since 3.6, `known_tcp_ports` (postconf(5)) have them. */
export const namedPorts: Record<string, number> = {
    lmtp: 24,
    smtp: 25,
    mail: 25,
    smtps: 465,
    submissions: 465,
    ssmtp: 465,
    urd: 465,
    submission: 587,
    qmqp: 628,
};

/** The port behind `587`, `submission`, `127.0.0.1:587`, `[::1]:smtp`; `undefined` when it cannot be told. */
export function resolvePort(service: string): ServiceAddress | undefined {
    const [, bracketed, plain, name = ""] = /^(?:\[([^\]]*)\]:|(.*):)?([^:\]]+)$/.exec(service) ?? [];
    const port = /^\d+$/.test(name)
        ? Number(name)
        : Object.hasOwn(namedPorts, name)
          ? namedPorts[name]
          : undefined;
    if (port === undefined || port < 1 || port > 65535) return undefined;
    const address = bracketed ?? plain;
    return address ? { address, port } : { port };
}

/** Whether two lines of master.cf are for one service: of an inet service only the port counts, see `clashes`. */
export function isSameService(
    a: Pick<MasterService, "service" | "type">,
    b: Pick<MasterService, "service" | "type">,
): boolean {
    return a.service === b.service && a.type === b.type;
}

/** Whether master(8) would take two names for one service: of two for one port one silently wins. */
export function isSamePlace(a: string, b: string): boolean {
    const [left, right] = [splitServiceName(a), splitServiceName(b)];
    if (!left || !right) return false;
    if (left.type !== "inet" || right.type !== "inet") return isSameService(left, right);
    const [here, there] = [resolvePort(left.service), resolvePort(right.service)];
    if (!here || here.port !== there?.port) return false;
    return !here.address || !there.address || here.address === there.address;
}

/** The port of `"587/inet"`; a service of another type has none, whatever it is called. */
export function inetPort(name: string): number | undefined {
    const parts = splitServiceName(name);
    return parts?.type === "inet" ? resolvePort(parts.service)?.port : undefined;
}

/** At its start a # would make a comment of the line, and its options those of the line before (master(5)). */
const socketName = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/;
const listenerName = /^[A-Za-z0-9_:[][A-Za-z0-9._:%[\]-]{0,127}$/;

/** `"587/inet"` as service and type. */
export function splitServiceName(name: string): { service: string; type: string } | undefined {
    const [, service, type] = /^([^/]+)\/(inet|unix|fifo|pass|unix-dgram)$/.exec(name) ?? [];
    if (!service || !type) return undefined;
    return (type === "inet" ? listenerName : socketName).test(service) ? { service, type } : undefined;
}

/**
 * The services that already listen on a port. A second line for it is no error to Postfix, one of them silently
 * wins; and two sockets on one port clash whenever one of them is bound to all addresses. So an address counts only
 * when both sides name one.
 */
export function clashes(masterCf: string, port: number, address?: string): MasterService[] {
    return parseMasterCf(masterCf).services.filter((service) => isOnPort(service, port, address));
}

export function isOnPort(service: MasterService, port: number, address?: string): boolean {
    const taken = service.type === "inet" ? resolvePort(service.service) : undefined;
    if (taken?.port !== port) return false;
    return !taken.address || !address || taken.address === address;
}
