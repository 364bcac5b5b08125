import { joinPath, pathStep } from "../postfix/problems";

/** A value whose plain form may never be shown or stored in clear. Printing it by accident shows `[secret]`. */
export class Secret {
    constructor(readonly value: PropertyValue) {}

    toString(): string {
        return "[secret]";
    }

    toJSON(): string {
        return "[secret]";
    }

    [Symbol.for("nodejs.util.inspect.custom")](): string {
        return "[secret]";
    }
}

/** A value that is not known before the first `up`. Only in previews: anywhere else it is an error. */
export class Unknown {
    toString(): string {
        return "[unknown]";
    }

    toJSON(): string {
        return "[unknown]";
    }
}

/** The one instance there needs to be; tell it by `instanceof Unknown`. */
export const unknown = new Unknown();

/** A resource's property as the engine hands it over: JSON, with secrets and unknowns as values of their own. */
export type PropertyValue =
    | null
    | boolean
    | number
    | string
    | PropertyValue[]
    | { [key: string]: PropertyValue }
    | Secret
    | Unknown;

export type PropertyMap = { [key: string]: PropertyValue };

/** A property with its secrets unwrapped: plain JSON, and `Unknown` where something is not known yet. */
export type Plain = null | boolean | number | string | Plain[] | { [key: string]: Plain } | Unknown;

export type PlainMap = { [key: string]: Plain };

/** Unwraps every secret. What comes out must be neither logged nor returned to the engine: see `keepSecrets`. */
export function reveal(value: PropertyMap): PlainMap;
export function reveal(value: PropertyValue): Plain;
export function reveal(value: PropertyValue): Plain {
    if (value instanceof Secret) return reveal(value.value);
    if (Array.isArray(value)) return value.map((item) => reveal(item));
    if (isMap(value)) return mapValues(value, (item) => reveal(item));
    return value;
}

export function containsUnknown(value: PropertyValue): boolean {
    return contains(value, (item) => item instanceof Unknown);
}

export function containsSecret(value: PropertyValue): boolean {
    return contains(value, (item) => item instanceof Secret);
}

/** Every text that stands in a secret, but not under one of these names. */
export function secretTexts(value: PropertyValue, publicNames: Set<string>, within = false): string[] {
    if (value instanceof Secret) return secretTexts(value.value, publicNames, true);
    if (typeof value === "string") return within ? [value] : [];
    if (Array.isArray(value)) return value.flatMap((item) => secretTexts(item, publicNames, within));
    if (!isMap(value)) return [];
    return Object.entries(value).flatMap(([name, item]) =>
        publicNames.has(name) ? [] : secretTexts(item, publicNames, within),
    );
}

/** The property paths at which a value is not known. */
export function unknownPaths(value: PropertyValue, path = ""): string[] {
    if (value instanceof Unknown) return [path];
    if (value instanceof Secret) return unknownPaths(value.value, path);
    if (Array.isArray(value)) {
        return value.flatMap((item, index) => unknownPaths(item, joinPath(path, pathStep(index))));
    }
    if (isMap(value)) {
        return Object.entries(value).flatMap(([key, item]) =>
            unknownPaths(item, joinPath(path, pathStep(key))),
        );
    }
    return [];
}

/**
 * Makes secret in `value` what is secret at the same place of `like`. What stands at a place that `like` does
 * not have becomes secret as a whole where its neighbours are: a new list element may be an old one that moved,
 * a new key of a map whose values are secret is likely to hold another such value.
 */
export function keepSecrets(value: PropertyMap, like: PropertyMap): PropertyMap;
export function keepSecrets(value: PropertyValue, like: PropertyValue): PropertyValue;
export function keepSecrets(value: PropertyValue, like: PropertyValue): PropertyValue {
    if (value instanceof Secret || value instanceof Unknown) return value;
    if (like instanceof Secret) return new Secret(value);
    if (Array.isArray(value) && Array.isArray(like)) {
        const elseSecret = like.some(containsSecret);
        return value.map((item, index) => keepOne(item, like[index], elseSecret));
    }
    if (isMap(value) && isMap(like)) {
        const elseSecret = Object.values(like).some((item) => item instanceof Secret);
        return Object.fromEntries(
            Object.entries(value).map(([key, item]) => [key, keepOne(item, like[key], elseSecret)]),
        );
    }
    return containsSecret(like) ? new Secret(value) : value;
}

/**
 * Equal as values: secretness, the order of keys, and keys that hold `undefined` make no difference.
 * An unknown equals nothing, not even itself, because it may turn out to be anything.
 */
export function deepEqual(a: unknown, b: unknown): boolean {
    if (a instanceof Secret) return deepEqual(a.value, b);
    if (b instanceof Secret) return deepEqual(a, b.value);
    if (a instanceof Unknown || b instanceof Unknown) return false;
    if (a === b) return true;
    if (Array.isArray(a) || Array.isArray(b)) {
        return (
            Array.isArray(a) &&
            Array.isArray(b) &&
            a.length === b.length &&
            a.every((item, index) => deepEqual(item, b[index]))
        );
    }
    if (!isMap(a) || !isMap(b)) return false;
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => deepEqual(a[key], b[key]));
}

function keepOne(value: PropertyValue, like: PropertyValue | undefined, elseSecret: boolean): PropertyValue {
    if (like !== undefined) return keepSecrets(value, like);
    return elseSecret ? new Secret(value) : value;
}

function contains(value: PropertyValue, is: (item: PropertyValue) => boolean): boolean {
    if (is(value)) return true;
    if (value instanceof Secret) return contains(value.value, is);
    if (Array.isArray(value)) return value.some((item) => contains(item, is));
    if (isMap(value)) return Object.values(value).some((item) => contains(item, is));
    return false;
}

function isMap<T>(value: T): value is T & Record<string, PropertyValue> {
    return (
        typeof value === "object" &&
        value !== null &&
        !Array.isArray(value) &&
        !(value instanceof Secret) &&
        !(value instanceof Unknown)
    );
}

function mapValues<A, B>(map: Record<string, A>, change: (value: A) => B): Record<string, B> {
    return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));
}
