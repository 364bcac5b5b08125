import { isIP, isIPv6 } from "node:net";
import { type ProblemSink, pathStep } from "../problems";
import { ArgsCheck, type IsKnown, isRecord, unknownReason } from "./args";
import { hostKeyRemedy, parseHostKeys } from "./host-key";
import { privateKeyFault } from "./private-key";
import { show } from "./show";

/** How one machine is reached over SSH. The names are those of the command package's `ProxyConnectionArgs`. */
export interface ProxyConnection {
    host: string;
    /** @default 22 */
    port?: number;
    /** @default "root" */
    user?: string;
    password?: string;
    privateKey?: string;
    privateKeyPassword?: string;
    agentSocketPath?: string;
    /** Failed tries that are put up with; the next one ends it. -1: only the deadline ends it. */
    dialErrorLimit?: number;
    /** Seconds for one try; 0: only the deadline ends it. */
    perDialTimeout?: number;
    hostKey?: string;
}

/** The same with a jump host: exactly the fields of the command package's `ConnectionArgs`. */
export interface Connection extends ProxyConnection {
    proxy?: ProxyConnection;
}

export interface ConnectionContext {
    knownHosts?: unknown;
    insecureIgnoreHostKey?: unknown;
    /** Says no for the placeholder of a value that a preview does not know yet; such a value is not looked at. */
    isKnown?: IsKnown;
}

const hopFields = [
    "host",
    "port",
    "user",
    "password",
    "privateKey",
    "privateKeyPassword",
    "agentSocketPath",
    "dialErrorLimit",
    "perDialTimeout",
    "hostKey",
];

/** Of a whole connection. */
export const connectionFields: readonly string[] = [...hopFields, "proxy"];

const beside = (field: string) => `unknown; ${field} stands beside connection, not in it`;
const wellKnownSlips: Record<string, string> = {
    sudo: beside("sudo"),
    knownHosts: beside("knownHosts"),
    insecureIgnoreHostKey: beside("insecureIgnoreHostKey"),
    onUnreachable: beside("onUnreachable"),
    username: "unknown; is user meant?",
    passphrase: "unknown; is privateKeyPassword meant?",
    proxy: "unknown; there can be one jump host only",
};

/** Adds every problem of a `connection` with its path; secrets in it come revealed and are never repeated. */
export function validateConnection(value: unknown, problems: ProblemSink, options: ConnectionContext): void {
    const isKnown = options.isKnown ?? (() => true);
    if (!isKnown(value)) return;
    const checkedOtherwise = options.knownHosts !== undefined || options.insecureIgnoreHostKey === true;
    validateHop(value, problems, isKnown, checkedOtherwise, ["proxy"]);
    if (!isRecord(value) || value.proxy === undefined || !isKnown(value.proxy)) return;
    validateHop(value.proxy, problems.at("proxy"), isKnown, checkedOtherwise, []);
}

function validateHop(
    value: unknown,
    problems: ProblemSink,
    isKnown: IsKnown,
    checkedOtherwise: boolean,
    further: string[],
): void {
    if (!isRecord(value)) {
        problems.add("", `given ${show(value)}, allowed: an object with at least host and hostKey`);
        return;
    }
    const check = new ArgsCheck(value, problems, isKnown);
    const fields = [...hopFields, ...further];
    for (const field of Object.keys(value).filter((name) => !fields.includes(name))) {
        problems.add(pathStep(field), wellKnownSlips[field] ?? unknownReason(field, fields));
    }
    check.required("host", "the name or address of the machine");
    check.given("host", hostFault);
    check.port("port");
    check.wholeNumber("dialErrorLimit", -1, Number.MAX_SAFE_INTEGER, "a whole number, -1 for no limit");
    check.wholeNumber("perDialTimeout", 0, Number.MAX_SAFE_INTEGER, "whole seconds, 0 for no limit");
    check.given("user", userFault);
    check.given("password", secretFault);
    check.given("privateKeyPassword", secretFault);
    check.text("agentSocketPath", "the path of a socket");
    const password = value.privateKeyPassword;
    // A password that is not known yet may well be the right one.
    if (password === undefined || isKnown(password)) {
        check.given("privateKey", (given) =>
            typeof given === "string"
                ? privateKeyFault(given, typeof password === "string" ? password : undefined)
                : `given a value of type ${typeof given}, allowed: the content of a private key file`,
        );
    }
    check.given("hostKey", (given) => hostKeyFault(given, nameOf(value.host)));
    if (value.hostKey === undefined && !checkedOtherwise) {
        const remedy = `${hostKeyRemedy(nameOf(value.host))}, or name a known_hosts file in knownHosts`;
        problems.add(
            "hostKey",
            `missing; without it nobody knows whether this is the right machine: ${remedy}`,
        );
    }
}

function hostFault(given: unknown): string | undefined {
    const allowed = "allowed: a host name or an IP address";
    if (typeof given !== "string") return `given ${show(given)}, ${allowed}`;
    if (isIP(given)) return undefined;
    const refuse = (why: string) => `given ${show(given)}, ${allowed}; ${why}`;
    if (given === "") return refuse("it is empty");
    if (/^\[.*\]/.test(given)) return refuse("write an IPv6 address without brackets and the port in port");
    // Not repeated: what stands before the @ may hold a password.
    if (given.includes("@")) return `${allowed}; it has an @ in it: the user belongs into user`;
    if (given.includes("://")) return refuse("leave out the scheme");
    if (/^[^:]+:\d+$/.test(given)) return refuse("the port belongs into port");
    if (given.includes(":") && !isIPv6(given)) return refuse("this is no IPv6 address");
    if (/[^\x20-\x7e]/.test(given.replace(/[\r\n\t]/g, "")))
        return refuse("write an international name in its xn-- form");
    if (!/^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?$/.test(given) || given.includes("..")) {
        return refuse("letters, digits, dots and hyphens only");
    }
    return given.length > 253 ? refuse("longer than 253 characters") : undefined;
}

function userFault(given: unknown): string | undefined {
    // The name goes into the SSH protocol as it is, but a blank or a line break in it is always a slip.
    if (typeof given === "string" && /^[^\s\p{Cc}]+$/u.test(given)) return undefined;
    return `given ${show(given)}, allowed: a user name without blanks and line breaks`;
}

function secretFault(given: unknown): string | undefined {
    if (typeof given !== "string") return `given a ${typeof given}, allowed: a string`;
    return given === "" ? "given an empty string; leave it out instead" : undefined;
}

function hostKeyFault(given: unknown, host: string): string | undefined {
    const good = `a good one looks like \`ssh-ed25519 AAAAC3NzaC1lZDI1NTE5...\`: ${hostKeyRemedy(host)}`;
    if (typeof given !== "string") return `given ${show(given)}; ${good}`;
    const { keys, faults } = parseHostKeys(given);
    if (keys.length === 0 && faults.length === 0) return `it is empty; ${good}`;
    return faults.length > 0 ? `malformed: ${faults.join("; ")}; ${good}` : undefined;
}

/** The host for a command line in a hint, only if it is harmless there. */
function nameOf(host: unknown): string {
    return typeof host === "string" && hostFault(host) === undefined ? host : "HOST";
}
