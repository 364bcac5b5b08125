import { type ContenderName, contenders, type Temperature, temperatures, type Work, works } from "./works";

export interface Options {
    hosts: number[];
    runs: number;
    temperatures: Temperature[];
    only: ContenderName[];
    /** Always with the first apply, which the others stand on. */
    works: Work[];
    write: boolean;
    /** Files of `results/` to show together instead of measuring. */
    render: string[];
}

/** The lab has room for 250 laptops, and one is added. */
const mostHosts = 249;
const flags = ["--hosts", "--runs", "--temperatures", "--only", "--works", "--write", "--render"];

/** The command line; whatever is wrong with it is an error that says what is allowed. */
export function parseOptions(words: readonly string[]): Options {
    const options: Options = {
        hosts: [1, 10, 40],
        runs: 3,
        temperatures: [...temperatures],
        only: [...contenders],
        works: [...works],
        write: false,
        render: [],
    };
    for (let at = 0; at < words.length; at++) {
        const flag = words[at] ?? "";
        if (flag === "--write") {
            options.write = true;
            continue;
        }
        if (!flags.includes(flag))
            throw new Error(`there is no option "${flag}"; there are: ${flags.join(", ")}`);
        const value = words[++at];
        if (value === undefined || value.startsWith("--")) throw new Error(`${flag} wants a value`);
        if (flag === "--runs") options.runs = wholeNumber(flag, value, 99);
        if (flag === "--hosts")
            options.hosts = value.split(",").map((each) => wholeNumber(flag, each, mostHosts));
        if (flag === "--temperatures") options.temperatures = chosen(flag, value, temperatures);
        if (flag === "--only") options.only = chosen(flag, value, contenders);
        if (flag === "--works") options.works = chosen(flag, `first,${value}`, works);
        if (flag === "--render") options.render = value.split(",");
    }
    return options;
}

function wholeNumber(flag: string, text: string, most: number): number {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < 1 || value > most) {
        throw new Error(`${flag} wants whole numbers from 1 to ${most}; got "${text}"`);
    }
    return value;
}

/** In the order of the list, whatever the order of the words. */
function chosen<Name extends string>(flag: string, text: string, allowed: readonly Name[]): Name[] {
    const words = text.split(",");
    const unknown = words.filter((word) => !allowed.some((name) => name === word));
    if (unknown.length > 0)
        throw new Error(`${flag} knows ${allowed.join(", ")}; got "${unknown.join(", ")}"`);
    return allowed.filter((name) => words.includes(name));
}
