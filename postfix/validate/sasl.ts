import { joinPath, type ProblemSink, pathStep } from "../problems";
import type { HubSaslRole } from "../roles/sasl";
import { SaslType, Security } from "../words";
import { ArgsCheck, isRecord, type Plain } from "./args";
import { show } from "./show";
import { whatIsThere } from "./there-now";

const hubFields = ["type", "path", "users"] as const;
const laptopFields = ["username", "password"] as const;

export function checkHubSasl(check: ArgsCheck, port: number): void {
    const below = saslOf(check, "{ type, path, users }");
    if (!below) return;
    const { args, problems, isKnown } = below;
    below.onlyFields(hubFields);
    whatIsThere(args, hubFields, problems, isKnown);
    below.required("type", '"dovecot" or "cyrus"');
    below.oneOf("type", SaslType);
    below.given("path", (value) =>
        typeof value === "string" && /^[^\s,{}$]+$/.test(value)
            ? undefined
            : `given ${show(value)}, allowed: a path without spaces, e.g. "private/auth"`,
    );
    if (args.users === undefined) return;
    if (args.type === SaslType.Dovecot)
        problems.add("users", "Dovecot keeps its own users: add them there, and leave this out");
    else if (args.path !== undefined)
        problems.add(
            "path",
            "does not go with users, which get a configuration of their own: leave one of them out",
        );
    if (port === 25)
        problems.add(
            "users",
            "does not go with port 25, whose smtpd(8) may be in a chroot: choose another port, e.g. 587",
        );
    if (!isKnown(args.users)) return;
    if (!isRecord(args.users) || Object.keys(args.users).length === 0) {
        problems.add(
            "users",
            `given ${isRecord(args.users) ? "none" : show(args.users)}, allowed: passwords by name, at least one`,
        );
        return;
    }
    for (const [name, password] of Object.entries(args.users)) {
        const path = joinPath("users", pathStep(name));
        if (!/^[^\s@:"\\\0]+$/.test(name) || name.startsWith("#"))
            problems.add(path, "is no name: spaces, colons, quotes, \\ and @ are not allowed in it");
        if (isKnown(password)) checkPassword(password, problems.at(path));
    }
}

export function checkLaptopSasl(check: ArgsCheck, security: Security): void {
    if (check.args.sasl !== undefined && security === Security.Encrypt)
        check.problems.add(
            "sasl",
            'does not go with security "encrypt": the password goes to a hub that has shown who it is, and to nobody else',
        );
    const below = saslOf(check, "{ username, password }");
    if (!below) return;
    below.onlyFields(laptopFields);
    below.required("username", "whom the hub knows");
    below.required("password", "set it as a secret");
    below.given("username", (value) =>
        typeof value === "string" && /^[^\s:\0]+$/.test(value)
            ? undefined
            : `given ${show(value)}, allowed: a name without spaces and colons`,
    );
    if (below.args.password !== undefined && below.isKnown(below.args.password))
        checkPassword(below.args.password, below.problems.at("password"));
}

function saslOf(check: ArgsCheck, shape: string): ArgsCheck | undefined {
    const { sasl } = check.args;
    if (sasl === undefined || !check.isKnown(sasl)) return undefined;
    const problems = check.problems.at("sasl");
    if (isRecord(sasl)) return new ArgsCheck(sasl, problems, check.isKnown);
    problems.add("", `given ${show(sasl)}, allowed: ${shape}`);
    return undefined;
}

/** The password itself is never repeated. */
function checkPassword(value: unknown, problems: ProblemSink): void {
    if (typeof value !== "string" || value === "")
        problems.add("", "allowed: a password as a string that is not empty");
    else if (/[\r\n\0]/.test(value))
        problems.add("", "holds a line break, which no table of Postfix can keep");
    else if (value.trim() !== value)
        problems.add("", "begins or ends with a space, which a table of Postfix would lose");
}

/** What of it decides which parameters are the role's own. */
export function saslOfHub({ sasl }: Plain): { sasl?: HubSaslRole } {
    if (!isRecord(sasl)) return {};
    return { sasl: { type: SaslType.Cyrus, users: sasl.users === undefined ? undefined : {} } };
}
