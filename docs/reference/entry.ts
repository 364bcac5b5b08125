import type { Comment, Reflection, Words } from "./reflections";
import { mayBeOutput, namesIn, typeInWords } from "./types";

export const plain = (words: Words[] = []): string =>
    words
        .map(({ text }) => text)
        .join("")
        .trim();

/** typedoc puts a fence around a default or an example that has none. */
const unfenced = (words: Words[]): string =>
    plain(words)
        .replace(/^```\w*\n([\s\S]*)\n```$/, "$1")
        .replace(/^`([^`]*)`$/, "$1");

const tag = (comment: Comment | undefined, name: string): string | undefined => {
    const found = comment?.blockTags?.find((each) => each.tag === name);
    return found && unfenced(found.content);
};

/** A value stands as code; a sentence, or what has code in it, as it is. */
const valueInWords = (value: string): string =>
    /^[\w.-]+$|^["'[{]/.test(value) && !value.includes("`") && !/^(none|any)$/.test(value)
        ? `\`${value}\``
        : value.replaceAll("\n", " ");

const exampleInWords = (example: string): string[] =>
    example.includes("\n")
        ? ["", "```ts", example, "```"]
        : ["", `Example: ${example.includes("`") ? example : `\`${example}\``}`];

/** One name stands in several sections. */
const place = (section: string, name: string): string =>
    `${section}-${name}`.toLowerCase().replaceAll(" ", "-");

export const linkTo = (section: string, { name }: Reflection): string =>
    `[\`${name}\`](#${place(section, name)})`;

export const linkToHeading = (heading: string): string =>
    `[${heading}](#${heading.toLowerCase().replaceAll(" ", "-")})`;

/** An argument, or a field of a shape. `listed`: the names that have a heading of their own. */
export function entry(section: string, one: Reflection, listed: Set<string>): string[] {
    const { name, flags, comment, type } = one;
    const ofType = [...new Set(namesIn(type))].filter((each) => listed.has(each));
    const value = tag(comment, "@default");
    const example = tag(comment, "@example");
    const facts = [
        `\`${typeInWords(type)}\``,
        ...(type && mayBeOutput(type) ? [] : ["no output"]),
        ...(flags.isOptional ? [] : ["**required**"]),
        ...(value === undefined ? [] : [`default: ${valueInWords(value)}`]),
        ...(ofType.length > 0 ? [`see ${ofType.map(linkToHeading).join(", ")}`] : []),
    ];
    return [
        `#### <a id="${place(section, name)}"></a>\`${name}\``,
        "",
        facts.join(" · "),
        "",
        plain(comment?.summary),
        ...(example === undefined ? [] : exampleInWords(example)),
        "",
    ];
}

/** An output, or a word of a vocabulary. */
export const line = ({ name, comment, type }: Reflection): string =>
    `- \`${name}\` (\`${typeInWords(type)}\`): ${plain(comment?.summary).replaceAll("\n", " ")}`;
