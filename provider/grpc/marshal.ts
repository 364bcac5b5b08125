import type { JavaScriptValue, Struct as StructMessage } from "google-protobuf/google/protobuf/struct_pb";
import { type PropertyMap, type PropertyValue, Secret, Unknown, unknown } from "../values";
import { Struct } from "./sdk";

// Values that JSON has no form for travel as objects with this key, or as strings with a fixed UUID. Defined in
// the engine's resource/plugin/rpc.go and, except for the typed unknowns, in the Node SDK's runtime/rpc.
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const unknownString = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const unknownSentinels = new Set([
    unknownString,
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // bool
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
    "030794c1-ac77-496b-92df-f27374a8bd58", // asset
    "e48ece36-62e2-4504-bad9-02848725956a", // archive
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
]);

type Wire = JavaScriptValue;

export function fromStruct(struct: StructMessage | undefined): PropertyMap {
    if (!struct) return {};
    const map: PropertyMap = {};
    for (const [key, value] of Object.entries(struct.toJavaScript())) map[key] = decode(value);
    return map;
}

export function toStruct(map: PropertyMap): StructMessage {
    return Struct.fromJavaScript(encodeMap(map));
}

function decode(value: Wire): PropertyValue {
    if (typeof value === "string") return unknownSentinels.has(value) ? unknown : value;
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map(decode);
    const object = value as Record<string, Wire>;
    switch (object[signatureKey]) {
        case secretSignature:
            return new Secret(decode(object.value ?? null));
        case outputSignature: {
            // Components alone are given such, but it is unambiguous: without a value it is not known.
            const inner = object.value === undefined ? unknown : decode(object.value);
            return object.secret === true ? new Secret(inner) : inner;
        }
    }
    // Resource references, assets and archives stay what they are: nothing of ours takes them, and they go back
    // unchanged.
    return Object.fromEntries(Object.entries(object).map(([key, item]) => [key, decode(item)]));
}

function encode(value: PropertyValue): Wire {
    if (value instanceof Secret) return { [signatureKey]: secretSignature, value: encode(value.value) };
    if (value instanceof Unknown) return unknownString;
    if (Array.isArray(value)) return value.map(encode);
    if (typeof value === "object" && value !== null) return encodeMap(value);
    return value;
}

function encodeMap(map: PropertyMap): Record<string, Wire> {
    // A property that is `undefined` in spite of its type is left out, as everywhere in Pulumi: Struct throws.
    return Object.fromEntries(
        Object.entries(map)
            .filter(([, value]) => value !== undefined)
            .map(([key, value]) => [key, encode(value)]),
    );
}
