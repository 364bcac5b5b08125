import { InetProtocols, KeyAlgorithm, OnDelete, OnUnreachable } from "../words";
import { ArgsCheck, isRecord } from "./args";
import { certificateFields } from "./certificates";
import { validateConnection } from "./connection";
import { hatchFields } from "./hatch";
import { show } from "./show";
import { checkTls, tlsFields } from "./tls";

/** How a machine is reached. */
export const reachFields = ["connection", "sudo", "knownHosts", "insecureIgnoreHostKey"] as const;

/** Fields that hub and laptop have in common. */
export const machineFields = [
    ...reachFields,
    ...tlsFields,
    ...certificateFields,
    "keyAlgorithm",
    "validityPeriodHours",
    "earlyRenewalHours",
    "inetProtocols",
    "settings",
    ...hatchFields,
    "takeOver",
    "onUnreachable",
    "onDelete",
    "installPackage",
    "hooks",
] as const;

/** Of these, which must be there when the program runs. */
export const machineThereNow = [
    ...tlsFields,
    "certificateFiles",
    "keyAlgorithm",
    "inetProtocols",
    "settings",
    "services",
    "tables",
    "installPackage",
    "hooks",
] as const;

/** Five years and thirty days: pins do not look at the date, and renewing keeps the key. */
export const defaultValidityPeriodHours = 5 * 365 * 24;
export const defaultEarlyRenewalHours = 30 * 24;

export const hookFields = ["before", "after"] as const;

export function checkReach(check: ArgsCheck): void {
    const { args, problems, isKnown } = check;
    const { knownHosts, insecureIgnoreHostKey } = args;
    check.required("connection", "how the machine is reached over SSH: { host, user, hostKey }");
    if (args.connection !== undefined) {
        validateConnection(args.connection, problems.at("connection"), {
            knownHosts,
            insecureIgnoreHostKey: isKnown(insecureIgnoreHostKey) ? insecureIgnoreHostKey : true,
            isKnown,
        });
    }
    check.flag("sudo");
    check.text("knownHosts", "the path of a known_hosts file");
    check.flag("insecureIgnoreHostKey");
}

export function checkMachine(check: ArgsCheck): void {
    if (check.args.bundle !== true) checkReach(check);
    checkTls(check);
    checkKeys(check);
    check
        .items("takeOver", 'main.cf parameters, master.cf services ("submission/inet"), owners or "*"')
        .forEach(takeOverItem);
    checkInetProtocols(check);
    check.oneOf("onUnreachable", OnUnreachable);
    check.oneOf("onDelete", OnDelete);
    check.flag("installPackage");
    checkHooks(check);
    checkCommands(check);
}

function checkInetProtocols(check: ArgsCheck): void {
    check.oneOf("inetProtocols", InetProtocols);
    const { inetProtocols, settings } = check.args;
    if (inetProtocols === undefined || !isRecord(settings) || settings.inet_protocols === undefined) return;
    check.problems.add("settings.inet_protocols", "is set by inetProtocols: leave one of them out");
}

function checkKeys(check: ArgsCheck): void {
    check.oneOf("keyAlgorithm", KeyAlgorithm);
    const hours = "whole hours, at least 1";
    check.wholeNumber("validityPeriodHours", 1, Number.MAX_SAFE_INTEGER, hours);
    check.wholeNumber("earlyRenewalHours", 0, Number.MAX_SAFE_INTEGER, "whole hours, 0 or more");
    const { validityPeriodHours: valid = defaultValidityPeriodHours } = check.args;
    const { earlyRenewalHours: early = defaultEarlyRenewalHours } = check.args;
    if (typeof valid === "number" && typeof early === "number" && valid >= 1 && early >= valid) {
        const given =
            check.args.earlyRenewalHours === undefined ? `not given, which means ${early}` : `given ${early}`;
        const allowed = `less than validityPeriodHours (${valid}), else each run makes a new certificate`;
        check.problems.add("earlyRenewalHours", `${given}, allowed: ${allowed}`);
    }
}

/** A label and the number behind it, as the error about another program's fragment names it. */
export const isFragmentOwner = (value: unknown): boolean =>
    typeof value === "string" && /^[a-z0-9][a-z0-9-]*-[0-9a-f]{8}$/.test(value);

function takeOverItem({ value, at }: { value: unknown; at: ArgsCheck["problems"] }): void {
    const named = /^(\*|[A-Za-z][A-Za-z0-9_]*|[^\s/]+\/(inet|unix|fifo|pass|unix-dgram))$/;
    if ((typeof value === "string" && named.test(value)) || isFragmentOwner(value)) return;
    at.add(
        "",
        `given ${show(value)}, allowed: a main.cf parameter, a master.cf service such as "submission/inet", the owner of a fragment, or "*"`,
    );
}

function checkHooks(check: ArgsCheck): void {
    const { hooks } = check.args;
    if (hooks === undefined || !check.isKnown(hooks)) return;
    const problems = check.problems.at("hooks");
    if (!isRecord(hooks)) {
        problems.add("", `given ${show(hooks)}, allowed: { before, after }, each a shell command`);
        return;
    }
    const below = new ArgsCheck(hooks, problems, check.isKnown);
    below.onlyFields(hookFields);
    for (const field of hookFields) below.text(field, "a shell command");
}

/** What the command package is asked to do, it does alone: it knows neither sleepers nor a known_hosts file. */
function checkCommands(check: ArgsCheck): void {
    const { args, problems } = check;
    const wanted = [
        ...(args.installPackage === true ? ["installPackage"] : []),
        ...(args.hooks ? ["hooks"] : []),
    ];
    for (const field of wanted) {
        if (args.onUnreachable === OnUnreachable.Pending) {
            problems.add(
                field,
                'does not go with onUnreachable "pending": a sleeping machine would stop the whole run there; ' +
                    'install Postfix another way, or use onUnreachable "fail" for the first run',
            );
        }
        if (args.insecureIgnoreHostKey === true || !isRecord(args.connection)) continue;
        const { hostKey, proxy } = args.connection;
        const missing = hostKey === undefined ? "connection.hostKey" : "connection.proxy.hostKey";
        if (hostKey === undefined || (isRecord(proxy) && proxy.hostKey === undefined)) {
            problems.add(
                field,
                `needs ${missing}: it runs by @pulumi/command, which reads no knownHosts file and would trust any machine`,
            );
        }
    }
}
