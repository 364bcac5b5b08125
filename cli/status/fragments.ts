import { type PropertyMap, type PropertyValue, Secret } from "../../provider/values";

/** One `postfix:index:Host` of a stack's state: an owner's fragment of one machine's Postfix. */
export interface Fragment {
    /** The resource's name: that of the machine, or of a grant on a hub. */
    name: string;
    urn: string;
    id: string;
    inputs: PropertyMap;
    outputs: PropertyMap;
}

type Resource = Record<string, unknown>;

/**
 * The resources in what `pulumi stack export --show-secrets` prints, without those that are only still to be deleted. Of a
 * text with keys in it the parser's own error would quote a part.
 */
export function resourcesOf(exported: string): Resource[] {
    try {
        const { deployment } = JSON.parse(exported) as { deployment?: { resources?: Resource[] } };
        return (deployment?.resources ?? []).filter(({ delete: old }) => old !== true);
    } catch {
        throw new Error("what `pulumi stack export` has printed is no state");
    }
}

const signatureKey = "4dabf18193072939515e22adb298388d";

/** The fragments among a stack's resources, in their order. */
export function fragmentsOf(resources: Resource[]): Fragment[] {
    return resources
        .filter(({ type }) => type === "postfix:index:Host")
        .map(({ urn, id, inputs = {}, outputs = {} }) => ({
            name: nameOf(urn),
            urn: String(urn),
            id: String(id),
            inputs: decoded(inputs) as PropertyMap,
            outputs: decoded(outputs) as PropertyMap,
        }));
}

/** Machines that the program asks for and that have no fragment: their last `pulumi up` failed. */
export function missingIn(resources: Resource[]): { name: string; role: "hub" | "laptop" }[] {
    const parents = new Set(
        resources.filter(({ type }) => type === "postfix:index:Host").map(({ parent }) => parent),
    );
    return resources.flatMap(({ type, urn, inputs }) => {
        const role = ({ "postfix:index:SmartHost": "hub", "postfix:index:RoadWarrior": "laptop" } as const)[
            String(type)
        ];
        // A laptop that nobody reaches has a script and no fragment.
        const bundled = (inputs as { bundle?: unknown } | undefined)?.bundle === true;
        return role === undefined || bundled || parents.has(urn) ? [] : [{ name: nameOf(urn), role }];
    });
}

const nameOf = (urn: unknown): string => String(urn).split("::").slice(3).join("::");

/** A secret stands there as an object with its JSON as `plaintext`. */
function decoded(value: unknown): PropertyValue {
    if (Array.isArray(value)) return value.map(decoded);
    if (typeof value !== "object" || value === null) return value as PropertyValue;
    const object = value as Record<string, unknown>;
    if (signatureKey in object && typeof object.plaintext === "string")
        return new Secret(decoded(JSON.parse(object.plaintext)));
    return Object.fromEntries(Object.entries(object).map(([key, item]) => [key, decoded(item)]));
}
