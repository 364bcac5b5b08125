import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The part of the package's schema that comes from the components' types: `npm run schema` writes the file. */
export interface ComponentSchema {
    types: Record<string, object>;
    resources: Record<string, { properties: Record<string, object> }>;
}

let read: ComponentSchema | undefined;

export function componentSchema(): ComponentSchema {
    read ??= JSON.parse(readFileSync(join(__dirname, "components.json"), "utf8")) as ComponentSchema;
    return read;
}
