import { takesPasswords } from "../password-maps";
import { joinPath, pathStep } from "../problems";
import { isRecord } from "./args";

/**
 * Where passwords stand in clear below a value: the entries of each table that a parameter for passwords names
 * (`smtp_sasl_password_maps = @{sasl}`, postconf(5)), wherever in the config it does.
 */
export function passwordEntries(value: unknown, tables: ReadonlySet<string>, path: string): string[] {
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([key, below]) => {
        const at = joinPath(path, pathStep(Array.isArray(value) ? Number(key) : key));
        if (key !== "tables" || !isRecord(below)) return passwordEntries(below, tables, at);
        return Object.entries(below).flatMap(([name, table]) =>
            tables.has(name) ? textsOf(table, joinPath(at, pathStep(name))) : [],
        );
    });
}

function textsOf(table: unknown, path: string): string[] {
    if (!isRecord(table)) return [];
    const entries = isRecord(table.entries) ? Object.entries(table.entries) : [];
    return [
        ...(typeof table.text === "string" ? [`${path}.text`] : []),
        ...entries.flatMap(([key, value]) =>
            typeof value === "string" ? [joinPath(`${path}.entries`, pathStep(key))] : [],
        ),
    ];
}

/** Names of the tables that parameters for passwords name anywhere below. */
export function passwordTables(value: unknown): Set<string> {
    if (typeof value !== "object" || value === null) return new Set();
    return new Set(
        Object.entries(value).flatMap(([key, below]) =>
            typeof below === "string" && takesPasswords(key)
                ? [...below.matchAll(/@\{([^{}]*)\}/g)].map(([, name = ""]) => name)
                : [...passwordTables(below)],
        ),
    );
}
