import { openExits } from "../exits";
import { parseMasterCf, renderService } from "../master-cf";
import { joinPath, type ProblemSink, Problems, pathStep } from "../problems";
import { isSamePlace } from "../services";
import type { ServiceSettings } from "../settings";
import { type ArgsCheck, isRecord } from "./args";
import { validateReferences } from "./references";
import { validateServices } from "./services";
import { tableNameProblem, tableProblems } from "./tables";
import { comesTooLate } from "./there-now";

export const hatchFields = ["services", "tables", "allowUnknown", "exclusive"] as const;

/** What a resource sets itself, so that the user may not. */
export interface OwnParts {
    /** Its services in master.cf. */
    services: readonly string[];
    /** Its files: chains, tables and authorities. */
    files: readonly string[];
    /** Settings of a laptop, whose services must not lead around the pin; they may say the same. */
    laptop?: Record<string, string>;
}

export function checkHatch(check: ArgsCheck, own: OwnParts): void {
    const { args, problems, isKnown } = check;
    check.flag("allowUnknown");
    check.flag("exclusive");
    checkServices(check, own);
    checkTables(check, own.files);
    if (args.tables !== undefined && !isKnown(args.tables)) return;
    const files = [...Object.keys(isRecord(args.tables) ? args.tables : {}), ...own.files];
    const settings = isRecord(args.settings) ? args.settings : {};
    validateReferences({ path: "settings", settings, services: args.services }, files, problems, isKnown);
}

function checkServices({ args, problems, isKnown }: ArgsCheck, own: OwnParts): void {
    const at = problems.at("services");
    validateServices(args.services, at, isKnown);
    if (!isKnown(args.services) || !isRecord(args.services)) return;
    for (const [name, service] of Object.entries(args.services)) {
        if (!isKnown(service)) at.add(pathStep(name), comesTooLate(true));
        const taken = own.services.find((other) => isSamePlace(name, other));
        if (taken !== undefined)
            at.add(
                pathStep(name),
                "is set by this resource itself, and nothing is set twice: leave it out here",
            );
        else if (own.laptop && isKnown(service) && isRecord(service))
            exits(name, service, own.laptop, at.at(pathStep(name)));
    }
}

/** Whatever else a laptop runs, it sends to the hub. */
function exits(
    name: string,
    service: Record<string, unknown>,
    own: Record<string, string>,
    problems: ProblemSink,
): void {
    const { command, options } = service;
    const known = Object.entries(isRecord(options) ? options : {}).filter(
        (option): option is [string, string] => typeof option[1] === "string",
    );
    const plain: ServiceSettings = {
        command: typeof command === "string" ? command : "smtp",
        options: Object.fromEntries(known),
    };
    const faults = new Problems();
    validateServices({ [name]: plain }, faults, () => true);
    if (faults.list.length > 0) return;
    const { services } = parseMasterCf(renderService(name, plain).join("\n"));
    for (const exit of openExits([], services, own)) {
        const { option, reason } = exit;
        const at = option !== undefined && option in plain.options;
        problems.add(at ? joinPath("options", pathStep(option)) : "", `${reason}: leave it out`);
    }
}

function checkTables({ args, problems, isKnown }: ArgsCheck, taken: readonly string[]): void {
    if (args.tables === undefined || !isKnown(args.tables)) return;
    const at = problems.at("tables");
    if (!isRecord(args.tables)) {
        at.add("", "allowed: tables by name, each { type, entries } or { type, text }");
        return;
    }
    for (const [name, table] of Object.entries(args.tables)) {
        const below = at.at(pathStep(name));
        const fault = tableNameProblem(name);
        if (fault) below.add("", fault);
        if (taken.includes(name))
            below.add("", "is the name of a file that this resource has itself: give the table another name");
        for (const problem of tableProblems(table, isKnown)) below.add(problem.path, problem.reason);
    }
}
