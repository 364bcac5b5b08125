/** The steps of a property path such as `settings.x`, `senders[0]` or `services["587/inet"]`; `undefined` if it is none. */
export function pathSteps(path: string): (string | number)[] | undefined {
    const steps: (string | number)[] = [];
    const step = /(?:^|(?<=.)\.)([A-Za-z_][A-Za-z0-9_-]*)|\[(\d{1,4})\]|\[("(?:[^"\\]|\\.)*")\]/y;
    while (step.lastIndex < path.length) {
        const found = step.exec(path);
        if (!found) return undefined;
        const [, name, index, quoted] = found;
        const key = index !== undefined ? Number(index) : quoted !== undefined ? unquoted(quoted) : name;
        if (key === undefined) return undefined;
        steps.push(key);
    }
    return steps.length > 0 ? steps : undefined;
}

function unquoted(text: string): string | undefined {
    try {
        return JSON.parse(text) as string;
    } catch {
        return undefined;
    }
}

/** What stands at a property path, as far as it leads. */
export function valueAt(value: unknown, path: string): unknown {
    return (pathSteps(path) ?? []).reduce<unknown>((found, step) => {
        if (typeof found !== "object" || found === null || !Object.hasOwn(found, step)) return undefined;
        return (found as Record<string | number, unknown>)[step];
    }, value);
}
