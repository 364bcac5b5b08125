import { exitOf } from "../exits";
import type { ProblemSink } from "../problems";
import { laptopServices } from "../roles/laptop-mail";
import { laptopMain, roadWarriorFiles, roadWarriorOwns } from "../roles/road-warrior";
import { Security } from "../words";
import { ArgsCheck, type IsKnown, isRecord, type Plain } from "./args";
import { checkBundle } from "./bundle";
import { checkCertificates } from "./certificates";
import { checkHatch } from "./hatch";
import { comparableName } from "./hostname";
import { checkLaptopMail, laptopMailFields } from "./laptop-mail";
import { validateLink } from "./link";
import { checkMachine, machineFields, machineThereNow } from "./machine";
import { checkRoutes, furtherLinks, routeFields, shapeOf } from "./routes";
import { checkLaptopSasl } from "./sasl";
import { checkSenders } from "./senders";
import { validateSettings } from "./settings";
import { whatIsThere } from "./there-now";

export const roadWarriorFields = [
    ...machineFields,
    ...routeFields,
    ...laptopMailFields,
    "smartHost",
    "hostname",
    "clientKeyGeneration",
    "flushOnNetwork",
    "implicitTls",
    "senders",
    "sasl",
    "bundle",
] as const;

const thereNow = [
    ...machineThereNow,
    "security",
    "senderRelays",
    "transports",
    "genericAddresses",
    "chroot",
    "clientKeyGeneration",
    "flushOnNetwork",
    "implicitTls",
    "sasl",
    "bundle",
] as const;

export function validateRoadWarrior(given: Plain, problems: ProblemSink, isKnown: IsKnown): void {
    const args = whatIsThere(given, thereNow, problems, isKnown);
    const check = new ArgsCheck(args, problems, isKnown);
    check.onlyFields(roadWarriorFields);
    check.required("smartHost", "the link of the hub: smartHost: hub.link");
    if (args.smartHost !== undefined) validateLink(args.smartHost, problems.at("smartHost"), isKnown);
    check.hostname("hostname");
    check.flag("flushOnNetwork");
    checkMachine(check);
    checkBundle(check);
    checkCertificates(check, "clientKeyGeneration");
    check.wholeNumber(
        "clientKeyGeneration",
        1,
        Number.MAX_SAFE_INTEGER,
        "1, 2, 3, ...: one more for each new key",
    );
    checkRoutes(check);
    checkImplicitTls(check);
    checkSenders(args, problems, isKnown);
    checkLaptopSasl(check, securityOf(args));
    checkLaptopMail(check);
    const [security, shape] = [securityOf(args), shapeOf(args, isKnown)];
    const own = { implicitTls: args.implicitTls === true, sasl: args.sasl !== undefined };
    // Without a word about the chroot our lines yield, to the user's too.
    const services = args.chroot === undefined ? [] : Object.keys(laptopServices(args.chroot === true));
    checkHatch(check, { services, files: roadWarriorFiles, laptop: laptopMain(security, shape, own) });
    const owned = roadWarriorOwns(security, shape, own, args);
    validateSettings(args.settings, problems.at("settings"), { owned, forbidden: exitReason, isKnown });
    checkNotItsOwnHub(args, problems, isKnown);
}

function checkImplicitTls(check: ArgsCheck): void {
    check.flag("implicitTls");
    const { args, problems, isKnown } = check;
    if (args.implicitTls !== true) return;
    const hubs = [{ link: args.smartHost, path: "smartHost" }, ...furtherLinks(args, isKnown)];
    for (const { link, path } of hubs) {
        if (!isKnown(link) || !isRecord(link) || link.implicitTlsPort !== undefined) continue;
        problems.add(
            "implicitTls",
            `given true, but the hub of ${path} has no port for it: set implicitTlsPort on that SmartHost, e.g. 465, or leave this out`,
        );
    }
}

const securityOf = ({ security }: Plain): Security =>
    Object.values(Security).find((word) => word === security) ?? Security.Fingerprint;

/** The arguments by which a route is named, with its hub and what that has to show. */
const routeArguments: Record<string, string> = {
    transport_maps: "transports",
    sender_dependent_relayhost_maps: "senderRelays",
    smtp_fallback_relay: "fallbackSmartHosts",
};

/** What is already on the machine is looked at there; here only what the user adds. */
function exitReason(name: string, value: string): string | undefined {
    const exit = exitOf(name, value);
    if (!exit) return undefined;
    const instead = routeArguments[name];
    const remedy = instead ? `leave it out, and name the hub in ${instead}` : "leave it out";
    return `${exit.reason}, and a laptop has that one way out only; ${remedy}`;
}

/** A hub that relays to itself sends mail round in a loop. */
function checkNotItsOwnHub(args: Plain, problems: ProblemSink, isKnown: IsKnown): void {
    const links = [args.smartHost, ...furtherLinks(args, isKnown).map(({ link }) => link)];
    const hubs = links.flatMap((link) =>
        isRecord(link) && typeof link.hostname === "string" ? [comparableName(link.hostname)] : [],
    );
    const remedy = "is the hub itself: a machine cannot be its own hub; leave it out, or name another hub";
    if (typeof args.hostname === "string" && hubs.includes(comparableName(args.hostname))) {
        problems.add("hostname", `given ${JSON.stringify(args.hostname)}, ${remedy}`);
    }
    const { connection } = args;
    if (!isRecord(connection) || typeof connection.host !== "string") return;
    // Another port may well lead to another machine behind the same address.
    const sshPort = connection.port === undefined || connection.port === 22;
    if (hubs.includes(comparableName(connection.host)) && sshPort) {
        problems.add("connection.host", `given ${JSON.stringify(connection.host)}, ${remedy}`);
    }
}
