import { goalHosts, judge } from "./goals";
import type { Results } from "./measurement";
import { asMarkdown, hostsOf, tablesOf, temperaturesOf } from "./table";

export const begin = "<!-- bench:begin -->";
export const end = "<!-- bench:end -->";

/** A page with what stands between the two marks replaced. */
export function withSection(page: string, section: string): string {
    const [from, to] = [page.indexOf(begin), page.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`the page lacks its marks: ${begin} ... ${end}`);
    return `${page.slice(0, from + begin.length)}\n\n${section}\n\n${page.slice(to)}`;
}

/** What a bench has to say in the page: goals, plot, tables, and what it was measured with. */
export function sectionOf(results: Results, resultsFile: string): string {
    const { measurements, versions, failures } = results;
    const versionLines = Object.entries(versions).map(([name, version]) => `- ${name}: ${version}`);
    return [
        `Measured on ${results.date}; every figure by itself: [${resultsFile}](../bench/results/${resultsFile}).`,
        goalsOf(results),
        "![Seconds over number of laptops, for each contender and work](performance.svg)",
        ...tablesOf(measurements).map(asMarkdown),
        `### With\n\n${versionLines.join("\n")}`,
        ...(failures.length > 0
            ? [`### Not measured\n\n${failures.map((line) => `- ${line}`).join("\n")}`]
            : []),
    ].join("\n\n");
}

function goalsOf({ measurements }: Results): string {
    const sizes = hostsOf(measurements);
    const hosts = sizes.includes(goalHosts) ? goalHosts : sizes.at(-1);
    if (hosts === undefined) return "Nothing was measured.";
    const columns = temperaturesOf(measurements, hosts).map((temperature) => ({
        temperature,
        verdicts: judge(measurements, hosts, temperature),
    }));
    const goals = columns[0]?.verdicts.map(({ goal }) => goal) ?? [];
    const rows = goals.map((goal, row) => {
        const cells = columns.map(({ verdicts }) => {
            const { measured = "", reached } = verdicts[row] ?? {};
            return reached === undefined
                ? measured
                : `${measured}, ${reached ? "reached" : "**not reached**"}`;
        });
        return `| ${[goal, ...cells].join(" | ")} |`;
    });
    const other = hosts === goalHosts ? "" : ` (the goals are for ${goalHosts})`;
    return [
        `### Goals, at ${hosts} ${hosts === 1 ? "laptop" : "laptops"}${other}`,
        "",
        `| ${["goal", ...columns.map(({ temperature }) => temperature)].join(" | ")} |`,
        `| ${["---", ...columns.map(() => "---")].join(" | ")} |`,
        ...rows,
    ].join("\n");
}
