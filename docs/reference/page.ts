/** `npm run docs:reference`: writes docs/reference.md. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { entry, line, linkTo, linkToHeading, plain } from "./entry";
import { Kind, publicNames, type Reflection } from "./reflections";
import { namesIn } from "./types";

const components = ["SmartHost", "RoadWarrior", "Fleet", "RelayAccess"];
const intro = `# Reference

Every argument and every output, written from the docstrings by \`npm run docs:reference\`. "No output" says that the
value decides what is made and must be known before: a plain value, never an output of another resource. Everywhere
else an output may stand. In a stack's config the arguments have the same names ([fleets.md](fleets.md)).
`;

const byName = (a: Reflection, b: Reflection): number => (a.name < b.name ? -1 : 1);

/** Of the same name and described alike. */
const without = (list: Reflection[], others: Reflection[]): Reflection[] =>
    list.filter(
        (one) =>
            !others.some(
                ({ name, comment }) =>
                    name === one.name && JSON.stringify(comment) === JSON.stringify(one.comment),
            ),
    );

/** The interfaces and the vocabularies that these are made of. */
function partsOf(roots: Reflection[], names: Reflection[]): { shapes: Reflection[]; words: Reflection[] } {
    const found = new Set<Reflection>();
    const collect = (one: Reflection): void => {
        for (const name of namesIn(one.type)) {
            const part = names.find(
                (each) => each.name === name && (each.kind === Kind.Interface || each.kind === Kind.Variable),
            );
            // What a component takes has a section of its own.
            if (
                !part ||
                found.has(part) ||
                part.name === "FleetLaptopArgs" ||
                part.name === "NamedLaptopArgs"
            )
                continue;
            found.add(part);
            for (const child of part.children ?? []) collect(child);
        }
    };
    for (const one of roots) collect(one);
    const ofKind = (kind: number): Reflection[] =>
        [...found].filter((each) => each.kind === kind).sort(byName);
    return { shapes: ofKind(Kind.Interface), words: ofKind(Kind.Variable) };
}

export function referencePage(names: Reflection[]): string {
    const find = (name: string, kind: number): Reflection => {
        const found = names.find((each) => each.name === name && each.kind === kind);
        if (!found) throw new Error(`no public name ${name}`);
        return found;
    };
    const argumentsOf = (name: string): Reflection[] =>
        [...(find(name, Kind.Interface).children ?? [])].sort(byName);
    const outputsOf = (name: string): Reflection[] =>
        (find(name, Kind.Class).children ?? []).filter(
            ({ kind, inheritedFrom }) => kind === Kind.Property && !inheritedFrom,
        );

    const [hub, laptop] = [argumentsOf("SmartHostArgs"), argumentsOf("RoadWarriorArgs")];
    const ofHub = without(hub, laptop);
    const common = without(hub, ofHub);
    const ofLaptop = without(laptop, common);
    const fleet = argumentsOf("FleetArgs");
    const ofFleetLaptop = without(argumentsOf("NamedLaptopArgs"), laptop);
    const grant = without(argumentsOf("RelayAccessArgs"), common);
    const all = [common, ofHub, ofLaptop, fleet, ofFleetLaptop, grant, ...components.map(outputsOf)].flat();
    const { shapes, words } = partsOf(all, names);
    const listed = new Set([...shapes, ...words].map(({ name }) => name));

    const entries = (section: string, list: Reflection[]): string[] =>
        list.flatMap((one) => entry(section, one, listed));
    const component = (name: string, list: Reflection[], more: string[] = []): string[] => [
        `## ${name}`,
        "",
        plain(find(name, Kind.Class).comment?.summary),
        "",
        ...more,
        `### Arguments of ${name}`,
        "",
        ...entries(name, list),
        `### Outputs of ${name}`,
        "",
        ...outputsOf(name).map(line),
        "",
    ];
    const contents = (heading: string, list: Reflection[], section = heading): string =>
        `- ${linkToHeading(heading)}: ${list.map((one) => linkTo(section, one)).join(", ")}`;
    const wordsOf = ({ type }: Reflection): Reflection[] =>
        type?.type === "reflection" ? (type.declaration.children ?? []) : [];
    const headings = (list: Reflection[]): string => list.map(({ name }) => linkToHeading(name)).join(", ");

    return [
        intro,
        contents("Of a hub and of a laptop", common, "both"),
        contents("SmartHost", ofHub),
        contents("RoadWarrior", ofLaptop),
        contents("Fleet", fleet),
        contents("A laptop of a fleet", ofFleetLaptop, "laptop"),
        contents("RelayAccess", grant),
        `- ${linkToHeading("Shapes")}: ${headings(shapes)}`,
        `- ${linkToHeading("Words")}: ${headings(words)}`,
        "",
        "## Of a hub and of a laptop",
        "",
        "Arguments that `SmartHost` and `RoadWarrior` both have.",
        "",
        ...entries("both", common),
        ...component("SmartHost", ofHub),
        ...component("RoadWarrior", ofLaptop),
        ...component("Fleet", fleet),
        "### A laptop of a fleet",
        "",
        "All that a `RoadWarrior` takes but its hub, and:",
        "",
        ...entries("laptop", ofFleetLaptop),
        ...component("RelayAccess", grant, ["How the hub is reached is said as for a hub or a laptop.", ""]),
        "## Shapes",
        "",
        ...shapes.flatMap((shape) => [
            `### ${shape.name}`,
            "",
            plain(shape.comment?.summary),
            "",
            ...entries(shape.name, [...(shape.children ?? [])].sort(byName)),
        ]),
        "## Words",
        "",
        ...words.flatMap((vocabulary) => [
            `### ${vocabulary.name}`,
            "",
            plain(vocabulary.comment?.summary),
            "",
            ...wordsOf(vocabulary).map(line),
            "",
        ]),
    ]
        .join("\n")
        .replaceAll(/\n{3,}/g, "\n\n")
        .trimEnd()
        .concat("\n");
}

export const referenceFile = join(__dirname, "../reference.md");

if (require.main === module) writeFileSync(referenceFile, referencePage(publicNames()));
