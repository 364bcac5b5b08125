import type { Reflection, Type } from "./reflections";

/** Pulumi's wrappers, which every argument and every output has and which say nothing of its shape. */
const wrappers = ["Input", "Output", "OutputInstance"];

const unwrapped = (type: Type): Type =>
    type.type === "reference" && wrappers.includes(type.name) && type.typeArguments?.[0]
        ? unwrapped(type.typeArguments[0])
        : type;

/** Whether an output may stand there as a whole. */
export const mayBeOutput = (type: Type): boolean => type.type === "reference" && wrappers.includes(type.name);

const fields = ({ children = [], indexSignatures = [] }: Reflection): string[] => [
    ...indexSignatures.map(
        ({ parameters, type }) => `[${parameters?.[0]?.name ?? "name"}]: ${typeInWords(type)}`,
    ),
    ...children.map(({ name, flags, type }) => `${name}${flags.isOptional ? "?" : ""}: ${typeInWords(type)}`),
];

export function typeInWords(wrapped: Type | undefined): string {
    if (!wrapped) return "unknown";
    const type = unwrapped(wrapped);
    switch (type.type) {
        case "intrinsic":
            return type.name;
        case "literal":
            return JSON.stringify(type.value);
        case "array": {
            const element = typeInWords(type.elementType);
            return element.includes(" | ") ? `(${element})[]` : `${element}[]`;
        }
        case "union":
            return type.types
                .filter((each) => !(each.type === "intrinsic" && each.name === "undefined"))
                .map(typeInWords)
                .join(" | ");
        case "reflection":
            return `{ ${fields(type.declaration).join("; ")} }`;
        case "reference": {
            const inner = (type.typeArguments ?? []).map(typeInWords).join(", ");
            return inner === "" ? type.name : `${type.name}<${inner}>`;
        }
    }
}

/** The names that a type is made of, Pulumi's own left out. */
export function namesIn(wrapped: Type | undefined): string[] {
    if (!wrapped) return [];
    const type = unwrapped(wrapped);
    switch (type.type) {
        case "array":
            return namesIn(type.elementType);
        case "union":
            return type.types.flatMap(namesIn);
        case "reflection": {
            const { children = [], indexSignatures = [] } = type.declaration;
            return [...children, ...indexSignatures].flatMap((each) => namesIn(each.type));
        }
        case "reference":
            return [type.name, ...(type.typeArguments ?? []).flatMap(namesIn)];
        default:
            return [];
    }
}
