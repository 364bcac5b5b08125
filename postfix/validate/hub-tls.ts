import { pathStep } from "../problems";
import type { HubTlsRole } from "../roles/hub-tls";
import { SmartHostMode } from "../roles/smart-host";
import { OutboundSecurity, PublicPort } from "../words";
import { type ArgsCheck, isRecord, type Plain } from "./args";
import { destinationProblem, policyProblem } from "./outbound-policy";
import { show } from "./show";

export const hubTlsFields = ["implicitTlsPort", "publicPort", "outboundSecurity", "outboundPolicy"] as const;

export function checkHubTls(check: ArgsCheck, mode: SmartHostMode, port: number): void {
    const { args, problems } = check;
    check.port("implicitTlsPort");
    if (args.implicitTlsPort === port)
        problems.add(
            "implicitTlsPort",
            `given ${port}, which is the port of the laptops' other service: choose another one, e.g. 465`,
        );
    else if (args.implicitTlsPort === 25)
        problems.add(
            "implicitTlsPort",
            "given 25, where other servers speak first in clear: choose another, e.g. 465",
        );
    check.oneOf("publicPort", PublicPort);
    if (args.publicPort === PublicPort.None && port === 25)
        problems.add(
            "publicPort",
            'given "none", but laptops are served on port 25: choose another port for them, e.g. 587',
        );
    check.oneOf("outboundSecurity", OutboundSecurity);
    checkPolicy(check);
    if (mode !== SmartHostMode.Guest) return;
    for (const field of ["publicPort", "outboundSecurity", "outboundPolicy"]) {
        if (args[field] !== undefined)
            problems.add(
                field,
                'does not go with mode "guest", which leaves all of the hub but our own service to its admin: leave it out, or use mode "dedicated"',
            );
    }
}

function checkPolicy(check: ArgsCheck): void {
    const { outboundPolicy: policy } = check.args;
    if (policy === undefined || !check.isKnown(policy)) return;
    const problems = check.problems.at("outboundPolicy");
    if (!isRecord(policy)) {
        problems.add(
            "",
            `given ${show(policy)}, allowed: levels by destination, e.g. { "example.org": "secure" }`,
        );
        return;
    }
    for (const [destination, value] of Object.entries(policy)) {
        const at = problems.at(pathStep(destination));
        const where = destinationProblem(destination);
        if (where) at.add("", where);
        if (!check.isKnown(value)) continue;
        const what =
            typeof value === "string" ? policyProblem(value) : `given ${show(value)}, allowed: a level`;
        if (what) at.add("", what);
    }
}

/** The checked arguments as the role has them; of unchecked ones, what is well formed. */
export function hubTlsOf(args: Plain): HubTlsRole {
    const { implicitTlsPort, publicPort, outboundSecurity, outboundPolicy } = args;
    const policy = isRecord(outboundPolicy) ? Object.entries(outboundPolicy) : [];
    return {
        implicitTlsPort: typeof implicitTlsPort === "number" ? implicitTlsPort : undefined,
        publicPort: wordOf(publicPort, PublicPort),
        outboundSecurity: wordOf(outboundSecurity, OutboundSecurity),
        outboundPolicy: isRecord(outboundPolicy)
            ? Object.fromEntries(policy.map(([destination, value]) => [destination, String(value)]))
            : undefined,
    };
}

function wordOf<T extends string>(value: unknown, words: Record<string, T>): T | undefined {
    return Object.values(words).find((word) => word === value);
}
