/** `npm run schema`: the components' part of the package's schema, by the SDK's own analyzer of their types. Never ships. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
    type AnalyzeResult,
    Analyzer,
    type ComponentDefinition,
    type PropertyDefinition,
    type TypeDefinition,
} from "@pulumi/pulumi/provider/experimental/analyzer";

const root = join(__dirname, "../..");

/** Without Fleet: its laptops are a list or a map, as in a stack's config, and a schema knows no such choice. */
export const componentNames = ["SmartHost", "RoadWarrior", "RelayAccess"];

/** What is never shown, wherever it stands; and of the outputs a script with a key in it, which as an input is a flag. */
const secretNames = ["password", "passwords", "privateKey", "privateKeyPassword"];
const secretOutputs = [...secretNames, "bundle"];

/** Other languages append `Args` of their own. */
const typeName = (name: string): string => name.replace(/Args$/, "");

function property({ optional: _, ...definition }: PropertyDefinition): object {
    const { items, additionalProperties } = definition;
    return {
        ...definition,
        ...("$ref" in definition && { $ref: typeName(definition.$ref) }),
        ...(items && { items: property(items) }),
        ...(additionalProperties && { additionalProperties: property(additionalProperties) }),
    };
}

function properties(
    definitions: Record<string, PropertyDefinition>,
    secrets = secretNames,
): Record<string, object> {
    return Object.fromEntries(
        Object.entries(definitions).map(([name, definition]) => [
            name,
            { ...property(definition), ...(secrets.includes(name) && { secret: true }) },
        ]),
    );
}

const required = (definitions: Record<string, PropertyDefinition>): string[] =>
    Object.entries(definitions)
        .filter(([, { optional }]) => !optional)
        .map(([name]) => name)
        .sort();

const resource = ({ description, inputs, outputs }: ComponentDefinition): object => ({
    isComponent: true,
    description,
    inputProperties: properties(inputs),
    requiredInputs: required(inputs),
    properties: properties(outputs, secretOutputs),
    required: required(outputs),
});

const sources = readdirSync(join(root, "components"))
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(join(root, "components", file), "utf8"));

/** The first paragraph above an interface: of those that stand in a map or a list the analyzer has none. */
function docstring(name: string): string | undefined {
    const above = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s*export interface ${name}\\b`);
    const [found] = sources.flatMap((source) => above.exec(source)?.[1] ?? []);
    return found
        ?.split(/\n\s*\*\s*\n/)[0]
        ?.replace(/\s*\n\s*\*?\s*/g, " ")
        .trim();
}

function type({ name, description, type, enum: values, properties: fields = {} }: TypeDefinition): object {
    const described = { description: description ?? docstring(name) };
    if (values) return { type, ...described, enum: values };
    return { type: "object", ...described, properties: properties(fields), required: required(fields) };
}

export function analyzed(): AnalyzeResult {
    const packageJson = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    return new Analyzer(root, "postfix", packageJson, new Set(componentNames)).analyze();
}

export function generated({ components, typeDefinitions }: AnalyzeResult): string {
    const all = <T>(entries: Record<string, T>, make: (entry: T) => object) =>
        Object.fromEntries(
            Object.entries(entries)
                .map(([name, entry]) => [`postfix:index:${typeName(name)}`, make(entry)] as const)
                .sort(([a], [b]) => (a < b ? -1 : 1)),
        );
    const found = { types: all(typeDefinitions, type), resources: all(components, resource) };
    return `${JSON.stringify(found, undefined, 4)}\n`;
}

if (require.main === module) {
    const file = join(__dirname, "components.json");
    const made = generated(analyzed());
    // An unchanged schema must not look newer than dist/: the launcher would ask for a build.
    if (readFileSync(file, "utf8") !== made) writeFileSync(file, made);
}
