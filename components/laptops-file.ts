import { readFileSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { LaptopsFile } from "../postfix/fleet/entries";
import { laptopsFileFault, parseLaptopsFile } from "../postfix/fleet/laptops-file";

/** More is no list of laptops. */
const mostBytes = 16 * 1024 * 1024;

/**
 * The laptops in a file, by its path from the folder of Pulumi.yaml. `undefined` for no file, and for a path that the
 * check of the arguments refuses anyway; a file that cannot be read is a problem of its own.
 */
export function readLaptopsFile(path: unknown): LaptopsFile | undefined {
    if (typeof path !== "string" || laptopsFileFault(path) !== undefined) return undefined;
    const unread = (reason: string): LaptopsFile => ({
        entries: [],
        problems: [{ path: "laptopsFile", reason: `given ${JSON.stringify(path)}, ${reason}` }],
    });
    let bytes: Buffer;
    try {
        bytes = readFileSync(resolve(projectFolder(), path));
    } catch (error) {
        const { code = "error" } = error as NodeJS.ErrnoException;
        const why = { ENOENT: "there is no such file", EISDIR: "which is a folder" }[code] ?? code;
        return unread(`${why}; a path starts at the folder of Pulumi.yaml`);
    }
    if (bytes.length > mostBytes) return unread(`which is larger than ${mostBytes} bytes`);
    try {
        return parseLaptopsFile(path, new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    } catch (error) {
        if (error instanceof TypeError) return unread("which is no UTF-8: save it as such");
        throw error;
    }
}

/** With `main` in Pulumi.yaml a program runs in the folder of that. Without an engine the SDK has a word for it alone. */
function projectFolder(): string {
    const folder = pulumi.runtime.getRootDirectory();
    return isAbsolute(folder) ? folder : process.cwd();
}
