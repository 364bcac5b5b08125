/** The one place of this process that knows the components: programs in other languages have them made here. */
import { RelayAccess, RoadWarrior, SmartHost } from "../components";
import { providerIsThere } from "../components/named-provider";
import type { ComponentLogic } from "./component";
import { componentSchema } from "./schema/components";

type Class = new (name: string, args: never, options: never) => { urn: unknown };

const made =
    (type: string, component: Class): ComponentLogic =>
    (name, args, options) => {
        const resource = new component(name, args as never, options as never);
        const outputs = Object.keys(componentSchema().resources[type]?.properties ?? {});
        const values = resource as unknown as Record<string, unknown>;
        return { urn: resource.urn, outputs: Object.fromEntries(outputs.map((key) => [key, values[key]])) };
    };

providerIsThere();

export const components: Record<string, ComponentLogic> = Object.fromEntries(
    Object.entries({ RelayAccess, RoadWarrior, SmartHost } as unknown as Record<string, Class>).map(
        ([name, component]) => {
            const type = `postfix:index:${name}`;
            return [type, made(type, component)];
        },
    ),
);
