import { componentSchema } from "./components";
import { hostResource, hostTypes } from "./host";

/** The package's schema, from which Pulumi makes its other languages and its checks of YAML. */
export function schema(version: string): string {
    const { types, resources } = componentSchema();
    return JSON.stringify({
        name: "postfix",
        displayName: "Postfix",
        version,
        description: "A Postfix smarthost and the laptops that relay through it, linked by pinned keys.",
        keywords: ["pulumi", "postfix", "smarthost", "mail", "kind/component"],
        license: "Apache-2.0",
        // What both name is the same, and better described for the resource.
        types: { ...types, ...hostTypes },
        resources: { ...resources, "postfix:index:Host": hostResource },
    });
}
