import { physicalLines, readLogicalLines, trimSpace } from "./logical-lines";
import { type BrokenLine, splitDefinition } from "./main-cf";
import type { ServiceColumns, ServiceSettings } from "./settings";

/** One service of master.cf, its fields as written (`-` is the default of master(5)). */
export interface MasterService {
    service: string;
    type: string;
    private: string;
    unprivileged: string;
    chroot: string;
    wakeup: string;
    maxproc: string;
    /** The daemon without its arguments. */
    command: string;
    /** Everything behind the daemon; the outer braces of an argument are gone. */
    args: string[];
    /** The arguments without the settings among them. */
    words: string[];
    /** The settings among the arguments, in their order: the last of a name wins. */
    options: { name: string; value: string }[];
    /** Index of the first physical line. */
    first: number;
    /** Index of the last physical line. */
    last: number;
}

export interface MasterCf {
    services: MasterService[];
    /** Lines on which master(8) ends; one with a malformed `-o` is among the services too. */
    broken: BrokenLine[];
}

export function parseMasterCf(text: string): MasterCf {
    const services: MasterService[] = [];
    const broken: BrokenLine[] = [];
    for (const { first, last, text: line } of readLogicalLines(physicalLines(text))) {
        const fields = line.split(/[ \t\r\n]+/, fieldCount);
        const fault = fieldFault(fields);
        const report = (reason: string) => broken.push({ line: first + 1, text: line, reason });
        if (fault) {
            report(fault);
            continue;
        }
        const [service, type, isPrivate, unprivileged, chroot, wakeup, maxproc, command] = fields as Fields;
        const { args, fault: argsFault } = splitArguments(argumentText(line));
        const { options, words, fault: optionFault } = readOptions(args);
        services.push({
            service,
            type,
            private: isPrivate,
            unprivileged,
            chroot,
            wakeup,
            maxproc,
            command,
            args,
            words,
            options,
            first,
            last,
        });
        if (argsFault ?? optionFault) report(argsFault ?? optionFault ?? "");
    }
    return { services, broken };
}

type Fields = [string, string, string, string, string, string, string, string];
const fieldCount = 8;

function fieldFault(fields: string[]): string | undefined {
    if (fields.filter(Boolean).length < fieldCount) return "has fewer than the 8 fields of a service";
    const [, type = "", isPrivate = "", unprivileged = "", chroot = "", wakeup = "", maxproc = "", command] =
        fields;
    if (!["inet", "unix", "fifo", "pass", "unix-dgram"].includes(type))
        return `has the unknown type "${type}"`;
    if (type === "inet" && isPrivate !== "n") return "is an inet service that is not public (n)";
    const flags = { private: isPrivate, unprivileged, chroot };
    for (const [name, value] of Object.entries(flags)) {
        if (!["y", "n", "-"].includes(value)) return `has "${value}" as ${name}, allowed are y, n and -`;
    }
    if (!/^(-|\d+\??)$/.test(wakeup)) return `has "${wakeup}" as wakeup time, allowed is a number`;
    if (!/^(-|\d+)$/.test(maxproc)) return `has "${maxproc}" as process limit, allowed is a number`;
    return command === "-" ? "names no command" : undefined;
}

/** What stands behind the eight fields. */
function argumentText(line: string): string {
    return line.replace(/^(?:[^ \t\r\n]+[ \t\r\n]+){7}[^ \t\r\n]+/, "");
}

/** Splits at whitespace outside braces; since 3.0 `{ a b }` is one argument, without them (master(5)). */
function splitArguments(text: string): { args: string[]; fault?: string } {
    const args: string[] = [];
    let current = "";
    let depth = 0;
    for (const char of `${text} `) {
        if (depth === 0 && /[ \t\r\n]/.test(char)) {
            if (current !== "") args.push(current);
            current = "";
            continue;
        }
        if (char === "{") depth++;
        else if (char === "}" && depth > 0) depth--;
        current += char;
    }
    if (current !== "") args.push(trimSpace(current));
    const fault = depth > 0 ? "has a { without its }" : args.map(braceFault).find(Boolean);
    return {
        args: args.map((arg) =>
            arg.startsWith("{") && !braceFault(arg) ? trimSpace(arg.slice(1, -1)) : arg,
        ),
        fault,
    };
}

function braceFault(arg: string): string | undefined {
    if (!arg.startsWith("{")) return undefined;
    let depth = 0;
    for (const [index, char] of [...arg].entries()) {
        if (char === "{") depth++;
        else if (char === "}" && --depth === 0) {
            return index === [...arg].length - 1 ? undefined : `has text behind the } of "${arg}"`;
        }
    }
    return `has a { without its } in "${arg}"`;
}

/** Flags of the daemons that take an argument: master(8) writes most of them, an admin hardly ever does. */
const flagsWithArgument = "imnost";

/** Reads `-o` as getopt(3) does in the daemons: it ends at the first argument that is no flag (`argv=`, `user=`). */
function readOptions(args: string[]): Pick<MasterService, "options" | "words"> & { fault?: string } {
    const options: MasterService["options"] = [];
    const words: string[] = [];
    for (let index = 0; index < args.length; index++) {
        const arg = args[index] ?? "";
        if (!arg.startsWith("-") || arg === "-" || arg === "--") {
            words.push(...args.slice(index));
            break;
        }
        const at = [...arg].findIndex((char, place) => place > 0 && flagsWithArgument.includes(char));
        const flags = arg[at] === "o" ? arg.slice(0, at) : arg;
        if (flags !== "-") words.push(flags);
        if (at < 0) continue;
        const value = at < arg.length - 1 ? arg.slice(at + 1) : args[++index];
        if (arg[at] !== "o") {
            if (at === arg.length - 1 && value !== undefined) words.push(value);
            continue;
        }
        const option = value === undefined ? "there is nothing behind the -o" : splitDefinition(value);
        if (typeof option === "string") return { options, words, fault: `has a malformed -o: ${option}` };
        options.push(option);
    }
    return { options, words };
}

/** Why a value cannot stand behind an `-o`: braces that do not match would swallow the rest of the line. */
export function optionProblem(value: string): string | undefined {
    if (/[\r\n\0]/.test(value)) return "holds a line break";
    let depth = 0;
    for (const char of value) {
        if (char === "{") depth++;
        else if (char === "}" && --depth < 0) break;
    }
    return depth === 0 ? undefined : "has braces that do not match";
}

/**
 * A service as lines of master.cf, named like `587/inet`, outside the chroot. A value with whitespace is written
 * `-o { name = value }`, which Postfix reads since 3.0 (master(5)).
 */
export function renderService(name: string, settings: ServiceSettings): string[] {
    const [, service, type] = /^([^\s/]+)\/([a-z-]+)$/.exec(name) ?? [];
    if (!service || !type) throw new Error(`not a service name: ${name}`);
    if (!settings.command || /[\r\n\0]/.test(settings.command))
        throw new Error(`not a command: ${settings.command}`);
    const options = Object.entries(settings.options).map(([option, value]) => {
        const problem = optionProblem(value);
        if (problem) throw new Error(`${name}: the value of ${option} ${problem}`);
        return /[ \t\v\f]/.test(value) ? `    -o { ${option} = ${value} }` : `    -o ${option}=${value}`;
    });
    const columns = Object.values(serviceColumns(type, settings));
    const [daemon = "", rest = ""] = splitCommand(settings.command);
    // Options end where pipe(8) and spawn(8) begin with what is no flag, or they would be handed to the program.
    const before = options.length > 0 && rest !== "" && !rest.startsWith("-");
    const first = [service, type, ...columns, before || rest === "" ? daemon : `${daemon} ${rest}`].join(" ");
    return [first, ...options, ...(before ? [`    ${rest}`] : [])];
}

/** Why a command would be read otherwise than it is meant, or would swallow the options that stand behind it. */
export function commandProblem(name: string, command: string): string | undefined {
    const [daemon = ""] = splitCommand(command);
    if (!/^[A-Za-z0-9_./][A-Za-z0-9_./+@-]*$/.test(daemon)) return "begins with no name of a program";
    const read = (options: Record<string, string>) =>
        parseMasterCf(renderService(name, { command, options }).join("\n"));
    const [alone, among] = [read({}), read({ a: "b" })];
    if (alone.broken[0]) return alone.broken[0].reason;
    // Its arguments stand on a line of their own, behind the options.
    const words = [alone, among].map((file) => file.services[0]?.words.join("\n"));
    return words[0] === words[1] ? undefined : "has a # that would begin a comment";
}

function splitCommand(command: string): string[] {
    const trimmed = trimSpace(command);
    const [daemon = ""] = /^\S+/.exec(trimmed) ?? [];
    return [daemon, trimSpace(trimmed.slice(daemon.length))];
}

export const columnNames = ["private", "unprivileged", "chroot", "wakeup", "process_limit"] as const;

/** The five columns as they are written: public where a client comes by the network, and outside the chroot. */
export function serviceColumns(type: string, columns: ServiceColumns): Required<ServiceColumns> {
    return {
        private: columns.private ?? (type === "inet" ? "n" : "-"),
        unprivileged: columns.unprivileged ?? "-",
        chroot: columns.chroot ?? "n",
        wakeup: columns.wakeup ?? "-",
        process_limit: columns.process_limit ?? "-",
    };
}

/** The five columns of a line that is there. */
export function columnsOf(service: MasterService): Required<ServiceColumns> {
    const { private: isPrivate, unprivileged, chroot, wakeup, maxproc } = service;
    return { private: isPrivate, unprivileged, chroot, wakeup, process_limit: maxproc };
}

/** Why a column of `columnsOf` cannot be written so (master(5)). */
export function columnProblem(name: keyof ServiceColumns, value: string): string | undefined {
    if (name === "wakeup")
        return /^(-|\d+\??)$/.test(value)
            ? undefined
            : 'a number of seconds, with a "?" if it may stay asleep, or "-"';
    if (name === "process_limit")
        return /^(-|\d+)$/.test(value) ? undefined : 'a number of processes, or "-"';
    return ["y", "n", "-"].includes(value) ? undefined : '"y", "n" or "-"';
}
