import { exitOf } from "../exits";
import type { ProblemSink } from "../problems";
import { roadWarriorOwns } from "../roles/road-warrior";
import { ArgsCheck, type IsKnown, isRecord, type Plain } from "./args";
import { validateLink } from "./link";
import { checkMachine, machineFields } from "./machine";
import { validateSettings } from "./settings";

export const roadWarriorFields = [...machineFields, "smartHost", "hostname", "clientKeyGeneration"] as const;

export function validateRoadWarrior(args: Plain, problems: ProblemSink, isKnown: IsKnown): void {
    const check = new ArgsCheck(args, problems, isKnown);
    check.onlyFields(roadWarriorFields);
    check.required("smartHost", "the link of the hub: smartHost: hub.link");
    if (args.smartHost !== undefined) validateLink(args.smartHost, problems.at("smartHost"), isKnown);
    check.hostname("hostname");
    checkMachine(check);
    check.wholeNumber(
        "clientKeyGeneration",
        1,
        Number.MAX_SAFE_INTEGER,
        "1, 2, 3, ...: one more for each new key",
    );
    const rules = { owned: roadWarriorOwns(), forbidden: exitReason, isKnown };
    validateSettings(args.settings, problems.at("settings"), rules);
    checkNotItsOwnHub(args, problems);
}

/** What is already on the machine is looked at there; here only what the user adds. */
function exitReason(name: string, value: string): string | undefined {
    const exit = exitOf(name, value);
    return exit && `${exit.reason}, and a laptop has that one way out only; leave it out`;
}

/** A hub that relays to itself sends mail round in a loop. */
function checkNotItsOwnHub(args: Plain, problems: ProblemSink): void {
    const link = args.smartHost;
    if (!isRecord(link) || typeof link.hostname !== "string") return;
    const hub = comparable(link.hostname);
    const remedy = "is the hub itself: a machine cannot be its own hub; leave it out, or name another hub";
    if (typeof args.hostname === "string" && comparable(args.hostname) === hub) {
        problems.add("hostname", `given ${JSON.stringify(args.hostname)}, ${remedy}`);
    }
    const { connection } = args;
    if (!isRecord(connection) || typeof connection.host !== "string") return;
    // Another port may well lead to another machine behind the same address.
    if (comparable(connection.host) === hub && (connection.port === undefined || connection.port === 22)) {
        problems.add("connection.host", `given ${JSON.stringify(connection.host)}, ${remedy}`);
    }
}

const comparable = (name: string): string => name.toLowerCase().replace(/\.$/, "");
