import { columnNames, columnProblem, commandProblem, optionProblem } from "../master-cf";
import { holdsPasswords, passwordsBelong } from "../password-maps";
import { type ProblemSink, pathStep } from "../problems";
import { isSamePlace, resolvePort, splitServiceName } from "../services";
import { type IsKnown, isRecord, type Plain } from "./args";
import { isParameterName } from "./names";
import { show } from "./show";

const allowed = `command, options, ${columnNames.join(", ")}`;

/** Services of master.cf by `name/type`. What their options hold may be secret: none of it is ever repeated. */
export function validateServices(value: unknown, problems: ProblemSink, isKnown: IsKnown): void {
    if (value === undefined || !isKnown(value)) return;
    if (!isRecord(value)) {
        problems.add("", `given ${show(value)}, allowed: services by name and type, e.g. "587/inet"`);
        return;
    }
    const names = Object.keys(value);
    for (const [index, [name, service]] of Object.entries(value).entries()) {
        const at = problems.at(pathStep(name));
        serviceName(name, at);
        const twin = names.slice(0, index).find((other) => isSamePlace(name, other));
        if (twin !== undefined)
            at.add("", `is the same service as "${twin}", of which only one would count: leave one out`);
        if (!isKnown(service)) continue;
        if (isRecord(service)) validateService(name, service, at, isKnown);
        else at.add("", `given ${show(service)}, allowed: { ${allowed} }`);
    }
}

function serviceName(name: string, problems: ProblemSink): void {
    const parts = splitServiceName(name);
    if (!parts) problems.add("", 'a service is named by name and type, e.g. "587/inet" or "smtp/unix"');
    else if (parts.type === "inet" && !resolvePort(parts.service))
        problems.add(
            "",
            'an inet service is named by its port, e.g. "587/inet", with a port from 1 to 65535',
        );
}

function validateService(name: string, service: Plain, problems: ProblemSink, isKnown: IsKnown): void {
    const { command, options, yields, ...columns } = service;
    if (isKnown(yields) && yields !== undefined && typeof yields !== "boolean")
        problems.add("yields", `given ${show(yields)}, allowed: true or false`);
    if (isKnown(command)) {
        if (typeof command !== "string" || command.trim() === "")
            problems.add("command", `given ${show(command)}, allowed: a daemon of Postfix, e.g. "smtpd"`);
        else if (/[\r\n\0]/.test(command))
            problems.add("command", "holds a line break: write the command on one line");
        else if (splitServiceName(name)) {
            const fault = commandProblem(name, command);
            if (fault) problems.add("command", `given ${show(command)}, which ${fault}: mend the command`);
        }
    }
    validateOptions(options, problems.at("options"), isKnown);
    for (const [columnName, value] of Object.entries(columns)) {
        if (!isKnown(value) || value === undefined) continue;
        const column = columnNames.find((known) => known === columnName);
        const fault = column && (typeof value === "string" ? columnProblem(column, value) : "a string");
        if (!column) problems.add(pathStep(columnName), `is not known here, allowed: ${allowed}`);
        else if (fault) problems.add(columnName, `given ${show(value)}, allowed: ${fault}`);
    }
}

function validateOptions(options: unknown, problems: ProblemSink, isKnown: IsKnown): void {
    if (options === undefined || !isKnown(options)) return;
    if (!isRecord(options)) {
        problems.add("", `given ${show(options)}, allowed: main.cf parameters by name`);
        return;
    }
    for (const [name, value] of Object.entries(options)) {
        const at = problems.at(pathStep(name));
        if (!isParameterName(name))
            at.add("", "is no parameter name: allowed are letters, digits and _ (postconf(5))");
        if (!isKnown(value)) continue;
        const fault = typeof value === "string" ? optionProblem(value) : undefined;
        if (typeof value !== "string")
            at.add("", `given a ${value === null ? "null" : typeof value}, allowed: a string`);
        else if (fault) at.add("", `${fault}, which would swallow or end the line: mend the value`);
        else if (holdsPasswords(name, value)) at.add("", passwordsBelong);
    }
}
