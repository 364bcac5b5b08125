import type { LaptopsFile } from "./entries";
import { laptopsFromCsv } from "./laptops-csv";
import { laptopsFromYaml } from "./laptops-yaml";

const readers: [suffix: string, read: (file: string, text: string) => LaptopsFile][] = [
    [".csv", laptopsFromCsv],
    [".yaml", laptopsFromYaml],
    [".yml", laptopsFromYaml],
];

/** Why nothing can be read from what was given as the path of a file of laptops. */
export function laptopsFileFault(given: unknown): string | undefined {
    const allowed = "allowed: the path of a file that ends in .csv, .yaml or .yml";
    if (typeof given !== "string") return `given ${typeof given}, ${allowed}`;
    return readers.some(([suffix]) => given.toLowerCase().endsWith(suffix))
        ? undefined
        : `given ${JSON.stringify(given)}, ${allowed}`;
}

/** The laptops in a file, by the end of its name. A file without laptops is an empty fleet. */
export function parseLaptopsFile(file: string, text: string): LaptopsFile {
    const reader = readers.find(([suffix]) => file.toLowerCase().endsWith(suffix));
    if (!reader) throw new Error(`no reader for ${file}`);
    return reader[1](file, text);
}
