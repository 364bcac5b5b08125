import { type Problems, pathStep } from "../../postfix/problems";
import { loginsType, tableType } from "../../postfix/tables";
import type { HostFacts } from "./facts";
import type { HostInputs } from "./inputs";

/** What a host can do with names and passwords. */
export interface SaslFacts {
    /** `postconf -a`: kinds of servers for smtpd(8). */
    serverTypes: string[];
    /** `postconf -A`: kinds of clients for smtp(8). */
    clientTypes: string[];
    /** Mechanisms of the Cyrus library that lie in its folders; `undefined` where it has none, so that nothing can be said. */
    mechanisms?: string[];
    /** Whether saslpasswd2(8) is there. */
    saslpasswd: boolean;
    /** Of the sockets that were asked for, those that are there. */
    sockets: string[];
}

/** Sockets of Dovecot that the inputs name, for the probe to look at. */
export function wantedSockets(inputs: Pick<HostInputs, "main" | "services">): string[] {
    return [...new Set(servers(inputs).flatMap(({ options }) => socketOf(options) ?? []))];
}

/** What would only show at the first login: each of these leaves a hub or a laptop whose mail waits. */
export function sasl(inputs: HostInputs, facts: HostFacts, problems: Problems): void {
    if (!facts.sasl) return;
    for (const { path, options } of servers(inputs)) server(options, facts.sasl, problems.at(path));
    for (const [name, table] of Object.entries(inputs.tables)) {
        if (tableType(table) !== loginsType || facts.sasl.saslpasswd) continue;
        problems
            .at("tables")
            .add(
                pathStep(name),
                "there is no saslpasswd2 on this host to make the database with: install it (on Debian: apt-get install sasl2-bin), or let Dovecot look at the passwords",
            );
    }
    if (inputs.main.smtp_sasl_auth_enable === "yes") client(facts.sasl, problems);
}

interface Server {
    path: string;
    options: Record<string, string>;
}

export function servers({ main, services }: Pick<HostInputs, "main" | "services">): Server[] {
    const all = [
        { path: "main", options: main },
        ...Object.entries(services).map(([name, { options }]) => ({
            path: `services${pathStep(name)}.options`,
            options,
        })),
    ];
    return all.filter(({ options }) => options.smtpd_sasl_auth_enable === "yes");
}

/** `inet:host:port` is no file. */
function socketOf(options: Record<string, string>): string | undefined {
    const { smtpd_sasl_type: type, smtpd_sasl_path: path = "" } = options;
    return type === "dovecot" && !path.startsWith("inet:") ? path.replace(/^unix:/, "") : undefined;
}

function server(
    options: Record<string, string>,
    facts: SaslFacts,
    problems: ReturnType<Problems["at"]>,
): void {
    const type = options.smtpd_sasl_type ?? "cyrus";
    if (!facts.serverTypes.includes(type)) {
        problems.add(
            "smtpd_sasl_type",
            `given "${type}", but this host's Postfix knows ${facts.serverTypes.join(", ") || "no SASL at all"}`,
        );
        return;
    }
    const socket = socketOf(options);
    if (socket !== undefined && !facts.sockets.includes(socket)) {
        problems.add(
            "smtpd_sasl_path",
            `there is no socket ${socket} of Dovecot on this host: start Dovecot with \`service auth { unix_listener /var/spool/postfix/${socket} { mode = 0660; user = postfix; group = postfix } }\` in its configuration, a line each, or name the socket that it has`,
        );
    }
    if (type === "cyrus") plain(facts, problems, "smtpd_sasl_type");
}

function client(facts: SaslFacts, problems: Problems): void {
    if (!facts.clientTypes.includes("cyrus"))
        problems
            .at("main")
            .add(
                "smtp_sasl_auth_enable",
                "this laptop's Postfix is built without SASL and cannot log in anywhere: leave sasl out, its key lets it in",
            );
    else plain(facts, problems.at("main"), "smtp_sasl_auth_enable");
}

function plain(facts: SaslFacts, problems: ReturnType<Problems["at"]>, at: string): void {
    if (!facts.mechanisms || facts.mechanisms.includes("plain")) return;
    problems.add(
        at,
        'this host\'s SASL library has no mechanism PLAIN, each login would fail with "no mechanism available": install it (Debian: libsasl2-modules, Fedora and RHEL: cyrus-sasl-plain)',
    );
}
