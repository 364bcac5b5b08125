import { effectiveValue } from "../../postfix/main-cf";
import { parseMasterCf } from "../../postfix/master-cf";
import type { Problems } from "../../postfix/problems";
import { resolvePort, type ServiceAddress } from "../../postfix/services";
import { Role } from "../../postfix/settings";
import { InetProtocols } from "../../postfix/words";
import type { HostFacts, Listener } from "./facts";
import type { HostInputs } from "./inputs";

/** What on the host stands in the way of Postfix, or leads mail past it, whatever the two files say. */
export function obstacles(
    inputs: HostInputs,
    facts: HostFacts,
    mainCf: string,
    masterCf: string,
    problems: Problems,
): void {
    if (!facts.ipv6 && inputs.main.inet_protocols === InetProtocols.Ipv6)
        problems.add(
            "main.inet_protocols",
            'given "ipv6", but IPv6 is switched off on this host, and Postfix would not start: choose "ipv4", or switch it on there (sysctl net.ipv6.conf.all.disable_ipv6=0)',
        );
    if (facts.foreignSendmail !== "" && inputs.role === Role.RoadWarrior)
        problems.add(
            "",
            `${facts.foreignSendmail} on this host is not Postfix's: programs would hand their mail to another mail server, past the pin. Remove that server's package, or give Postfix the command back (Red Hat: alternatives --set mta /usr/sbin/sendmail.postfix)`,
        );
    takenPorts(inputs, facts, mainCf, masterCf, problems);
}

/** A Postfix that is off finds its ports taken when it is started, and ends: "fatal: bind ... Address already in use". */
function takenPorts(
    inputs: HostInputs,
    facts: HostFacts,
    mainCf: string,
    masterCf: string,
    problems: Problems,
): void {
    if (facts.running) return;
    const loopbackOnly = effectiveValue(mainCf, "inet_interfaces") === "loopback-only";
    for (const { service, type } of parseMasterCf(masterCf).services) {
        const wanted = type === "inet" ? resolvePort(service) : undefined;
        // Of a port that is ours the other check speaks.
        if (!wanted || `${service}/${type}` in inputs.services) continue;
        const foreign = facts.listeners.find(
            (listener) => listener.port === wanted.port && overlaps(listener, wanted, loopbackOnly),
        );
        if (!foreign) continue;
        problems.add(
            "services",
            `port ${wanted.port}, which "${service}/${type}" in master.cf serves, is taken on this host by ${foreign.command} (process ${foreign.pid}), and Postfix does not run there: it could not start. Stop that program, or take the line out of master.cf`,
        );
    }
}

/** Whether both would be bound to one address, as far as the names tell. */
function overlaps(listener: Listener, { address }: ServiceAddress, loopbackOnly: boolean): boolean {
    if (/^0+$/.test(listener.address)) return true;
    if (address === undefined && !loopbackOnly) return true;
    const onLoopback = address === undefined || /^(127\.|::1$|localhost$)/.test(address);
    return onLoopback === isLoopback(listener.address);
}

/** As the kernel prints it: words of 32 bits, each in the order of the machine. */
const isLoopback = (address: string): boolean =>
    /^.{6}7F$/i.test(address) || /^0{24}01000000$/.test(address) || /^.{30}7F$/i.test(address);
