import { duplicateKeyTypes, pinProblem } from "../pins";
import { type ProblemSink, pathStep } from "../problems";
import { resolvePort, splitServiceName } from "../services";
import { Role } from "../settings";
import { OnDelete, OnUnreachable } from "../words";
import { ArgsCheck, type IsKnown, isRecord, type Plain } from "./args";
import { authorityFault } from "./authority";
import { certificateFileProblems } from "./certificate-files";
import { checkPair, severalOf } from "./certificates";
import { validateLaptop } from "./laptop";
import { fileNameProblem, isParameterName } from "./names";
import { networkHookProblems } from "./network-hooks";
import { checkPins, validateProof } from "./proof";
import { validateReferences } from "./references";
import { validateServices } from "./services";
import { show } from "./show";
import { tableNameProblem, tableProblems } from "./tables";

const flags = ["sudo", "insecureIgnoreHostKey", "installPackage", "allowUnknown", "exclusive"];

/** Everything that can be said of a Host's settings without seeing the host. */
export function validateHostSettings(inputs: Plain, problems: ProblemSink, isKnown: IsKnown): void {
    const check = new HostSettingsCheck(isKnown);
    const shapes = new ArgsCheck(inputs, problems, isKnown);
    for (const field of flags) shapes.flag(field);
    shapes.text("knownHosts", "the path of a known_hosts file");
    shapes.given("keyGeneration", (value) =>
        typeof value === "number" ? undefined : `given ${show(value)}, allowed: a number, without quotes`,
    );
    for (const { value, at } of shapes.items("takeOver", "parameters, services and owners"))
        if (typeof value !== "string")
            at.add("", `given ${show(value)}, allowed: a parameter, service or owner`);
    for (const { value, at } of shapes.items("leaveBehind", "names of laptops"))
        if (typeof value !== "string") at.add("", `given ${show(value)}, allowed: the name of a laptop`);
    checkPins(shapes, "announces");
    validateProof(inputs.proof, problems.at("proof"), isKnown);
    check.owner(inputs.owner, problems.at("owner"));
    check.oneOf(inputs.role, Object.values(Role), true, problems.at("role"));
    check.oneOf(inputs.onUnreachable, Object.values(OnUnreachable), false, problems.at("onUnreachable"));
    check.oneOf(inputs.onDelete, Object.values(OnDelete), false, problems.at("onDelete"));
    check.parameters(inputs.main, problems.at("main"));
    check.parameters(inputs.lists, problems.at("lists"));
    validateServices(inputs.services, problems.at("services"), isKnown);
    check.closed(inputs.closed, problems.at("closed"));
    check.chains(inputs.chains, problems.at("chains"));
    check.tables(inputs, problems.at("tables"));
    certificateFileProblems(shapes);
    if (![Role.SmartHost, Role.RoadWarrior, Role.LaptopProofs].includes(inputs.role as never))
        check.clients(inputs.tables, problems.at("tables"));
    if (isRecord(inputs.networkHooks) && isKnown(inputs.networkHooks))
        networkHookProblems(inputs.networkHooks, problems.at("networkHooks"), isKnown);
    check.authorities(inputs, problems.at("authorities"));
    check.references(inputs, problems);
    if (inputs.role === Role.RoadWarrior) validateLaptop(inputs, problems, isKnown);
}

class HostSettingsCheck {
    constructor(readonly isKnown: IsKnown) {}

    owner(value: unknown, problems: ProblemSink): void {
        if (!this.isKnown(value)) return;
        if (typeof value !== "string" || !/^[a-z0-9][a-z0-9-]{0,39}$/.test(value)) {
            problems.add("", `given ${show(value)}, allowed: lower-case letters, digits and "-", at most 40`);
        }
    }

    oneOf(value: unknown, allowed: string[], required: boolean, problems: ProblemSink): void {
        if (!this.isKnown(value) || (value === undefined && !required)) return;
        if (!allowed.includes(value as string)) {
            problems.add(
                "",
                `given ${show(value)}, allowed: ${allowed.map((word) => `"${word}"`).join(", ")}`,
            );
        }
    }

    parameters(values: unknown, problems: ProblemSink): void {
        for (const [name, value] of this.entries(values)) {
            const at = problems.at(pathStep(name));
            if (!isParameterName(name)) {
                at.add("", "is no parameter name: allowed are letters, digits and _ (postconf(5))");
            }
            this.value(value, at);
        }
    }

    closed(values: unknown, problems: ProblemSink): void {
        if (values === undefined || !this.isKnown(values)) return;
        for (const [index, name] of (Array.isArray(values) ? values : [values]).entries()) {
            if (!this.isKnown(name)) continue;
            const parts = typeof name === "string" ? splitServiceName(name) : undefined;
            if (parts?.type === "inet" && resolvePort(parts.service)) continue;
            problems.add(
                pathStep(index),
                `given ${show(name)}, allowed: an inet service by its port, e.g. "25/inet"`,
            );
        }
    }

    chains(values: unknown, problems: ProblemSink): void {
        for (const [name, entries] of this.entries(values)) {
            const at = problems.at(pathStep(name));
            this.fileName(name, at);
            if (!Array.isArray(entries) || entries.length === 0) {
                if (this.isKnown(entries)) at.add("", "wants at least one private key with its certificate");
                continue;
            }
            const whole = entries.flatMap((entry, index) =>
                this.isKnown(entry) ? (checkPair(entry, at.at(pathStep(index)), this) ?? []) : [],
            );
            for (const type of duplicateKeyTypes(whole)) at.add("", severalOf(type));
        }
    }

    tables({ tables, chains }: Plain, problems: ProblemSink): void {
        const taken = this.entries(chains).map(([name]) => name);
        for (const [name, table] of this.entries(tables)) {
            const at = problems.at(pathStep(name));
            const fault = tableNameProblem(name);
            if (fault) at.add("", fault);
            if (taken.includes(name)) at.add("", "has the name of a chain: each file needs its own");
            for (const problem of tableProblems(table, this.isKnown)) at.add(problem.path, problem.reason);
        }
    }

    /** The laptops' keys: Postfix ignores a malformed pin in silence. */
    clients(tables: unknown, problems: ProblemSink): void {
        for (const [name, table] of this.entries(tables)) {
            for (const [key] of this.entries((table as Plain | undefined)?.entries)) {
                const problem = pinProblem(key);
                if (problem) problems.at(pathStep(name)).at("entries").add(pathStep(key), problem);
            }
        }
    }

    authorities({ authorities, chains, tables }: Plain, problems: ProblemSink): void {
        const taken = [chains, tables].flatMap((files) => this.entries(files).map(([name]) => name));
        for (const [name, value] of this.entries(authorities)) {
            const at = problems.at(pathStep(name));
            this.fileName(name, at);
            if (taken.includes(name)) at.add("", "has the name of a chain or table: each file needs its own");
            const fault = this.isKnown(value) ? authorityFault(value) : undefined;
            if (fault) at.add("", fault);
        }
    }

    references(inputs: Plain, problems: ProblemSink): void {
        const maps = [inputs.chains, inputs.tables, inputs.authorities];
        if (maps.some((files) => !this.isKnown(files))) return;
        const files = maps.flatMap((map) => this.entries(map).map(([name]) => name));
        for (const path of ["main", "lists"]) {
            const settings = Object.fromEntries(this.entries(inputs[path]));
            const services = path === "main" ? inputs.services : {};
            validateReferences({ path, settings, services }, files, problems, this.isKnown);
        }
    }

    private fileName(name: string, problems: ProblemSink): void {
        const fault = fileNameProblem(name);
        if (fault) problems.add("", fault);
    }

    private value(value: unknown, problems: ProblemSink): void {
        if (!this.isKnown(value)) return;
        if (typeof value !== "string")
            problems.add("", `given a ${value === null ? "null" : typeof value}, allowed: a string`);
        else if (/[\r\n\0]/.test(value)) {
            problems.add("", "holds a line break, which main.cf cannot: write the value on one line");
        }
    }

    private entries(values: unknown): [string, unknown][] {
        if (!this.isKnown(values) || typeof values !== "object" || values === null) return [];
        return Object.entries(values);
    }
}
