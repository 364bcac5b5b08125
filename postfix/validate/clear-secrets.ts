import { joinPath, pathStep } from "../problems";
import { isRecord } from "./args";
import { passwordEntries } from "./password-tables";

/** Top level keys of a stack's config that hold secrets by machine name (`"*"`: any), and the field each one fills. */
export const secretKeys = {
    passwords: "password",
    privateKeys: "privateKey",
    privateKeyPasswords: "privateKeyPassword",
} as const;

const secretFields = Object.values(secretKeys) as string[];

/** Where secrets stand in clear below a value of a file; `tables` are those that hold passwords. */
export function secretsInClear(value: unknown, tables: ReadonlySet<string>, path: string): string[] {
    return [...passwordEntries(value, tables, path), ...fieldsInClear(value, path)];
}

function fieldsInClear(value: unknown, path: string): string[] {
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([key, below]) => {
        const at = joinPath(path, pathStep(Array.isArray(value) ? Number(key) : key));
        if (secretFields.includes(key) && typeof below === "string") return [at];
        if (key === "users" && /(^|\.)sasl$/.test(path) && isRecord(below))
            return Object.keys(below).map((name) => joinPath(at, pathStep(name)));
        return fieldsInClear(below, at);
    });
}
