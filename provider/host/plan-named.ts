import { namedTables } from "../../postfix/judge/lookups";
import type { Problems } from "../../postfix/problems";
import { splitServiceName } from "../../postfix/services";
import type { HostFacts } from "./facts";
import type { HostInputs } from "./inputs";
import { type Written, written } from "./plan-names";

/** What the probe looks at because the wanted settings name it. */
export interface AskedThings {
    files: string[];
    tables: string[];
    daemons: string[];
}

/** What it saw of them. */
export interface NamedThings {
    /** By path: `folder`, or `file` and what it holds in PEM; empty where nothing is. */
    files: Record<string, string[]>;
    /** What postmap(1) says of those that it cannot read, or only warns of. */
    badTables: Record<string, string>;
    /** Where those were looked for that are not there. */
    missingDaemons: Record<string, string>;
}

/** What TLS reads from a file, and which blocks of PEM must stand in it (postconf(5)). */
export const tlsFile = /_tls_(?:(?:ec|d)?(cert|key)_file|(chain)_files|(CA)(file|path))$/;
/** As a shell may have it in a list of words. */
const plainPath = /^\/[\w./@+-]+$/;
/** Every Postfix has these two. */
const common = new Set(["smtpd", "smtp"]);

export function askedThings(inputs: HostInputs): AskedThings {
    const all = written(inputs);
    const files = all.flatMap((setting) => tlsPaths(setting));
    const tables = all.flatMap(({ name, value }) => namedTables(name, value));
    const daemons = Object.values(inputs.services).map(({ command }) => daemonOf(command));
    return {
        files: [...new Set(files)],
        tables: [...new Set(tables)],
        daemons: [...new Set(daemons)].filter((name) => !common.has(name) && /^[\w./-]+$/.test(name)),
    };
}

/** Whatever the wanted settings and services name, and is not there or of no use; as warnings what only is not quite right. */
export function namedThings(inputs: HostInputs, facts: HostFacts, problems: Problems): string[] {
    const warnings: string[] = [];
    for (const setting of written(inputs)) {
        const paths = tlsPaths(setting);
        // A chain may be spread over several files, so what it holds is asked of all of them together.
        const whole = paths.flatMap((path) => facts.named.files[path] ?? []);
        for (const path of paths) {
            const fault = fileFault(setting.name, facts.named.files[path], whole);
            if (fault)
                problems.add(setting.path, `${path} of the host ${fault}: mend it there, or name another`);
        }
        for (const table of namedTables(setting.name, setting.value)) {
            const said = facts.named.badTables[table];
            if (!said) continue;
            // postalias(1) for tables in the form of aliases(5).
            const maker = `${/^alias_(maps|database)$/.test(setting.name) ? "postalias" : "postmap"} ${table}`;
            if (mayBeRead(said))
                warnings.push(
                    `${setting.path}: ${table} of the host: ${said}${said.includes("is older than") ? `; is ${maker} to be run there?` : ""}`,
                );
            else
                problems.add(
                    setting.path,
                    `${table} of the host cannot be read: ${said}. Every mail that asks it would wait: make it there (${maker}), or give the table in tables and name it @{name}`,
                );
        }
    }
    for (const [name, { command }] of Object.entries(inputs.services)) {
        const missing = facts.named.missingDaemons[daemonOf(command)];
        if (missing === undefined) continue;
        const { service } = splitServiceName(name) ?? { service: name };
        problems.add(
            `services["${name}"].command`,
            `given "${daemonOf(command)}", and ${missing} is no program on this host: master(8) would start it for each client of ${service}, and it would end each time. Allowed: a daemon of Postfix (master(5)), e.g. "smtpd"`,
        );
    }
    return warnings;
}

/** An index older than its table, or a line that is passed over: Postfix reads the table all the same (dict_db.c, dict_regexp.c). */
const mayBeRead = (said: string): boolean =>
    said.startsWith("warning: ") && !/is unavailable|unsupported dictionary type/.test(said);

const daemonOf = (command: string): string => command.trim().split(/\s+/)[0] ?? "";

export function tlsPaths({ name, value }: Pick<Written, "name" | "value">): string[] {
    return tlsFile.test(name) ? value.split(/[\s,]+/).filter((path) => plainPath.test(path)) : [];
}

function fileFault(name: string, kinds: string[] | undefined, whole: string[]): string | undefined {
    if (kinds === undefined) return undefined;
    const [, single, chain, , ending] = tlsFile.exec(name) ?? [];
    const [what] = kinds;
    if (what === undefined) return "is not there, and TLS would be off without it";
    if (ending === "path") return what === "folder" ? undefined : "is no folder, and no CA would be known";
    if (what === "folder") return "is a folder, not a file";
    const hasKey = whole.some((kind) => kind.endsWith("PRIVATE KEY"));
    const hasCertificate = whole.some((kind) => kind.endsWith("CERTIFICATE"));
    if ((single === "key" || chain) && !hasKey) return "holds no private key in PEM";
    return single !== "key" && !hasCertificate ? "holds no certificate in PEM" : undefined;
}
