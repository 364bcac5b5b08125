import { isMap, isSeq, parseDocument, stringify } from "yaml";

export interface Addition {
    /** What the file is to hold; undefined where it is right already. */
    text?: string;
    /** The runtime that the project names, e.g. "nodejs". */
    runtime: string;
    /** Why the provider could not be added. */
    fault?: string;
}

/** What the engine finds the provider by. */
export const pluginLines = (path: string, indent: number): string =>
    stringify({ plugins: { providers: [{ name: "postfix", path }] } }, { indent });

/** A Pulumi.yaml with the lines by which the engine finds the provider; everything else stays as it is, comments too. */
export function withProvider(text: string, path: string): Addition {
    const document = parseDocument(text);
    const [error] = document.errors;
    if (error || !isMap(document.contents))
        return { runtime: "", fault: `is no YAML: ${error?.message ?? "no map"}` };
    const runtime = document.getIn(["runtime"]);
    const found = { runtime: String(isMap(runtime) ? runtime.get("name") : (runtime ?? "")) };
    const indent = /^( +)\S/m.exec(text)?.[1]?.length ?? 4;
    if (!document.has("plugins") && !document.contents.flow) {
        const end = text === "" || text.endsWith("\n") ? "" : "\n";
        return { ...found, text: `${text}${end}${pluginLines(path, indent)}` };
    }
    // An empty `plugins:` is no map to put something into.
    if (document.has("plugins") && !isMap(document.get("plugins"))) document.delete("plugins");
    const providers = document.getIn(["plugins", "providers"]);
    if (providers === undefined || providers === null)
        document.setIn(["plugins", "providers"], document.createNode([{ name: "postfix", path }]));
    else if (!isSeq(providers)) return { ...found, fault: "plugins.providers is no list" };
    else {
        const named = providers.items.find((item) => isMap(item) && item.get("name") === "postfix");
        const other = isMap(named) ? named.get("path") : undefined;
        if (other === path) return found;
        if (named) return { ...found, fault: `plugins.providers has postfix already, with path ${other}` };
        providers.add(document.createNode({ name: "postfix", path }));
    }
    return { ...found, text: document.toString({ indent, lineWidth: 0 }) };
}

/** The Pulumi.yaml of a project; with our program it has nothing to compile. */
export const newProject = (name: string, path: string, ourProgram: boolean): string =>
    `name: ${name}
description: A Postfix hub and the laptops that relay through it
${ourProgram ? "runtime:\n    name: nodejs\n    options:\n        typescript: false\nmain: index.js" : "runtime: nodejs"}
${pluginLines(path, 4)}`;
