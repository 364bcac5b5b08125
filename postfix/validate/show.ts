/** A value as the user wrote it, and its type where that may be what is wrong. Never for a secret. */
export function show(value: unknown): string {
    if (value === undefined) return "nothing";
    if (value === null) return "null";
    if (Array.isArray(value)) return "a list";
    if (typeof value === "object") return "an object";
    const text = typeof value === "string" ? JSON.stringify(value) : String(value);
    const cut = text.length > 60 ? `${text.slice(0, 57)}...` : text;
    return typeof value === "string" ? `${cut} (a string)` : cut;
}
