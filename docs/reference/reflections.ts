import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What is used of typedoc's JSON (typedoc.org, "JSON output"). */
export interface Reflection {
    id: number;
    name: string;
    kind: number;
    flags: { isOptional?: boolean };
    comment?: Comment;
    children?: Reflection[];
    parameters?: Reflection[];
    indexSignatures?: Reflection[];
    inheritedFrom?: { name: string };
    type?: Type;
}
export interface Comment {
    summary: Words[];
    blockTags?: { tag: string; content: Words[] }[];
}
export interface Words {
    text: string;
}
export type Type =
    | { type: "intrinsic"; name: string }
    | { type: "literal"; value: string | number | boolean | null }
    | { type: "array"; elementType: Type }
    | { type: "union"; types: Type[] }
    | { type: "reference"; name: string; target: number | object; typeArguments?: Type[] }
    | { type: "reflection"; declaration: Reflection };

/** typedoc's numbers for what a name is (typedoc.org, ReflectionKind). */
export const Kind = { Variable: 32, Class: 128, Interface: 256, Property: 1024 } as const;

const root = join(__dirname, "../..");

/** The public names of `components/`, as typedoc sees them. */
export function publicNames(): Reflection[] {
    const folder = mkdtempSync(join(tmpdir(), "reference-"));
    const file = join(folder, "api.json");
    try {
        const { status, stdout, stderr } = spawnSync(
            process.execPath,
            [join(root, "node_modules/typedoc/bin/typedoc"), "--json", file],
            { cwd: root, encoding: "utf8" },
        );
        if (status !== 0) throw new Error(`typedoc: ${stdout}${stderr}`);
        const project = JSON.parse(readFileSync(file, "utf8")) as Reflection;
        const components = project.children?.find(({ name }) => name === "components");
        return components?.children ?? [];
    } finally {
        rmSync(folder, { recursive: true });
    }
}
