/** The one place of this process that knows the components: programs in other languages have them made here. */
import * as library from "../components";
import { providerIsThere } from "../components/named-provider";
import type { ComponentLogic } from "./component";
import { componentSchema } from "./schema/components";

type Class = new (name: string, args: object, options: object) => Record<string, unknown>;

const classes = library as unknown as Record<string, Class>;

providerIsThere();

/** Those of the schema, each with the outputs that it has there. */
export const components: Record<string, ComponentLogic> = Object.fromEntries(
    Object.entries(componentSchema().resources).map(([type, { properties }]) => {
        const component = classes[type.slice(type.lastIndexOf(":") + 1)];
        if (!component) throw new Error(`the schema has ${type}, and the library does not`);
        const make: ComponentLogic = (name, args, options) => {
            const made = new component(name, args, options);
            const outputs = Object.keys(properties).map((key) => [key, made[key]]);
            return { urn: made.urn, outputs: Object.fromEntries(outputs) };
        };
        return [type, make];
    }),
);
