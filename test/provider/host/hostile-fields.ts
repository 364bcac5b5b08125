import { schema } from "../../../provider/schema/package";

/** As the package's schema and the SDK's analyzer have it. */
export interface Definition {
    type?: string;
    $ref?: string;
    enum?: unknown[];
    items?: Definition;
    additionalProperties?: Definition;
    properties?: Record<string, Definition>;
}

const { types, resources } = JSON.parse(schema("0.0.0")) as {
    types: Record<string, Definition>;
    resources: Record<string, { inputProperties: Record<string, Definition> }>;
};

/**
 * Each place where a program may put something: `[]` stands for an item of a list, `*` for the value of a map, `*!` for
 * its key.
 */
export const fieldsOf = (inputs: Record<string, Definition>, types: Record<string, Definition>): string[] =>
    Object.entries(inputs).flatMap(([name, definition]) => leaves(definition, name, types));

function leaves(definition: Definition, path: string, types: Record<string, Definition>): string[] {
    const { $ref, properties, items, additionalProperties } = definition;
    if ($ref) return leaves(types[$ref.replace("#/types/", "")] ?? {}, path, types);
    if (properties)
        return Object.entries(properties).flatMap(([name, below]) => leaves(below, `${path}.${name}`, types));
    if (items) return leaves(items, `${path}[]`, types);
    if (additionalProperties) return [`${path}.*!`, ...leaves(additionalProperties, `${path}.*`, types)];
    return [path];
}

/** Those of a Host's inputs, as the package's schema has them. */
export const fields: string[] = fieldsOf(resources["postfix:index:Host"]?.inputProperties ?? {}, types);

/** Where a text alone would be refused for its form whatever is in it. */
const shapes: Record<string, (text: string) => string[]> = {
    "services.*!": (text) => [text, `${text}/unix`, `${text}:10025/inet`, `${text}/inet`],
    "closed[]": (text) => [text, `${text}:465/inet`],
    "takeOver[]": (text) => [text, `${text}/unix`],
    "certificateFiles[].keyFile": (text) => [text, `/${text}`],
    "certificateFiles[].certificateFile": (text) => [text, `/${text}`],
    "services.*.command": (text) => [text, `smtpd ${text}`, `pipe argv=${text}`],
    "tables.*.text": (text) => [text, `/${text}/ OK`, `/a/ ${text}`],
    "outboundPolicy.*!": (text) => [text, `.${text}`, `[${text}]:25`],
    "outboundPolicy.*": (text) => [text, `secure match=${text}`],
    "sasl.path": (text) => [text, `inet:${text}:1`],
    "senders[]": inAddress,
    "laptops[].senders[]": inAddress,
    "genericAddresses.*!": inAddress,
    "genericAddresses.*": inAddress,
    "senderRelays.*!": inAddress,
    "transports.*!": (text) => [...inAddress(text), `.${text}`],
    rootMail: inAddress,
    myorigin: (text) => [text, `/${text}`, `$${text}`],
    inetInterfaces: (text) => [text, `127.0.0.1 ${text}`],
    queueLifetime: (text) => [text, `1d${text}`],
    delayWarningTime: (text) => [text, `1h${text}`],
};

function inAddress(text: string): string[] {
    return [text, `${text}@example.com`, `alice@${text}`, `@${text}`];
}

export const shapesOf = (field: string, text: string): string[] => shapes[field]?.(text) ?? [text];

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
        "x=y",
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
