import { schema } from "../../../provider/schema";

type Definition = {
    type?: string;
    $ref?: string;
    enum?: unknown[];
    items?: Definition;
    additionalProperties?: Definition;
    properties?: Record<string, Definition>;
};

const { types, resources } = JSON.parse(schema("0.0.0")) as {
    types: Record<string, Definition>;
    resources: Record<string, { inputProperties: Record<string, Definition> }>;
};

/**
 * Each place of a Host's inputs where a program may put something, as the package's schema has it: `[]` stands for an
 * item of a list, `*` for the value of a map, `*!` for its key.
 */
export const fields: string[] = Object.entries(
    resources["postfix:index:Host"]?.inputProperties ?? {},
).flatMap(([name, definition]) => leaves(definition, name));

function leaves(definition: Definition, path: string): string[] {
    if (definition.$ref) return leaves(types[definition.$ref.replace("#/types/", "")] ?? {}, path);
    if (definition.properties)
        return Object.entries(definition.properties).flatMap(([name, below]) =>
            leaves(below, `${path}.${name}`),
        );
    if (definition.items) return leaves(definition.items, `${path}[]`);
    if (definition.additionalProperties)
        return [`${path}.*!`, ...leaves(definition.additionalProperties, `${path}.*`)];
    return [path];
}

/** What no shell, table, main.cf or master.cf may take for more than a text; `mark` is a file that a shell would make. */
export function hostileTexts(mark: string): string[] {
    const touch = `touch ${mark}`;
    return [
        `x\n${touch}\n`,
        `x\nrelayhost = [evil.example]\nmynetworks = 0.0.0.0/0`,
        `x\r\n${touch}\r\n`,
        `x\r${touch}`,
        `x\0${touch}`,
        `x\nB64\n${touch}\n;;\nesac\n}\n${touch}\n`,
        `$(${touch})`,
        `\`${touch}\``,
        `'; ${touch}; '`,
        `"; ${touch}; "`,
        `'$(${touch})'`,
        `| ${touch}`,
        `& ${touch} #`,
        "#x",
        "x # y",
        "%s%s%n%d%",
        "-rf",
        "--help",
        "-o",
        "{",
        "}",
        "x } -o smtpd_relay_restrictions=permit {",
        "{ x",
        '"',
        '"x',
        "x\\",
        "*",
        "../../../../../../..",
        "\x1b[31mred\x07",
        "Grüße \u{1f48c}\u2028x",
        "\udc80\udcff",
        "\ud800",
        "__proto__",
        "constructor",
        "x".repeat(65536),
        `$(${touch})`.repeat(2048),
    ];
}

type Node = Record<string, unknown> | unknown[];

/** The same inputs with a text in one of the places. Fails where they have no such place. */
export function withText(
    inputs: Record<string, unknown>,
    field: string,
    text: string,
): Record<string, unknown> {
    const copy = structuredClone(inputs);
    const steps = field.split(/\.|(?=\[\])/);
    const last = steps.pop() ?? "";
    if (!nodes(copy, steps).some((node) => put(node, last, text)))
        throw new Error(`no case for ${field}: give it a value among those of the test`);
    return copy;
}

function nodes(from: Node, steps: string[]): Node[] {
    const [step, ...rest] = steps;
    if (step === undefined) return [from];
    const values = Object.entries(from);
    const below = step === "*" || step === "[]" ? values : values.filter(([name]) => name === step);
    return below
        .map(([, value]) => value)
        .filter((value): value is Node => typeof value === "object" && value !== null)
        .flatMap((value) => nodes(value, rest));
}

/** In the first place of a map or list: the others stay as they are. */
function put(node: Node, step: string, text: string): boolean {
    const map = node as Record<string, unknown>;
    const [first] = Object.keys(map);
    if (step === "*!") {
        if (first === undefined) return false;
        const renamed = Object.entries(map).map(([name, value]) => [name === first ? text : name, value]);
        for (const name of Object.keys(map)) delete map[name];
        for (const [name, value] of renamed)
            Object.defineProperty(map, String(name), {
                value,
                enumerable: true,
                configurable: true,
                writable: true,
            });
        return true;
    }
    const name = step === "*" || step === "[]" ? first : step;
    if (name === undefined || !(name in map)) return false;
    map[name] = text;
    return true;
}
