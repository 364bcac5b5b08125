import type { Measurement } from "./measurement";
import { cpuSeconds, figures, partMiB, ratios, seconds, spreadOf, type Which } from "./statistics";
import type { ContenderName, Temperature, Work } from "./works";

export interface Verdict {
    goal: string;
    /** What was measured, in words; "not measured" where a contender was left out. */
    measured: string;
    reached: boolean | undefined;
}

/** The goals are for a fleet of so many laptops. */
export const goalHosts = 40;

interface RatioGoal {
    work: Work;
    against: ContenderName;
    words: string;
    most: number;
    of?: "cpu";
}

const ratioGoals: RatioGoal[] = [
    { work: "first", against: "shell", words: "hand-written parallel shell", most: 0.8 },
    { work: "first", against: "ansible-tuned", words: "tuned Ansible", most: 0.25 },
    { work: "none", against: "floor", words: "the engine's floor", most: 1.25 },
    { work: "none", against: "ansible-tuned", words: "tuned Ansible", most: 0.2 },
    { work: "setting", against: "ansible-tuned", words: "tuned Ansible", most: 0.25 },
    { work: "refresh", against: "ssh", words: "bare parallel `ssh host true`", most: 1 },
    { work: "first", against: "ansible-tuned", words: "tuned Ansible", most: 0.5, of: "cpu" },
];

const names: Partial<Record<Work, string>> = {
    first: "first apply",
    none: "no change",
    setting: "one setting on all laptops",
    refresh: "refresh of all",
};

const verdict = (goal: string, value: number | undefined, most: number, unit = "", digits = 2): Verdict => ({
    goal,
    measured: value === undefined ? "not measured" : `${value.toFixed(digits)}${unit}`,
    reached: value === undefined ? undefined : value <= most,
});

/** What became of each goal at one size of fleet and one temperature, by medians. */
export function judge(all: readonly Measurement[], hosts: number, temperature: Temperature): Verdict[] {
    const of = (work: Work, contender: ContenderName): Which => ({ hosts, temperature, work, contender });
    const verdicts = ratioGoals.map(({ work, against, words, most, of: what }) => {
        const figure = what === "cpu" ? cpuSeconds : seconds;
        const median = spreadOf(ratios(all, of(work, "module"), of(work, against), figure))?.median;
        const title = `${names[work]}${what === "cpu" ? ", CPU of the operator" : ""}`;
        return verdict(`${title}: at most ${most} of ${words}`, median, most);
    });
    const contacts = (work: Work, key: "contacted" | "connections") => {
        const seen = figures(all, of(work, "module"), (one) => one[key]);
        return seen.length === 0 ? undefined : Math.max(...seen);
    };
    const plugin = figures(all, of("first", "module"), partMiB("plugin"));
    return [
        ...verdicts,
        verdict("no change: no SSH connection", contacts("none", "connections"), 0, "", 0),
        verdict("one laptop added: two machines contacted", contacts("added", "contacted"), 2, "", 0),
        verdict(
            "one laptop added: at most the time of no change and 2 s",
            spreadOf(addedMinusNone(all, of("added", "module"), of("none", "module")))?.median,
            2,
            " s more",
        ),
        verdict(
            "plugin: at most 150 MB",
            plugin.length === 0 ? undefined : Math.max(...plugin) * 1.048576 /* MiB to MB */,
            150,
            " MB",
            0,
        ),
    ];
}

const addedMinusNone = (all: readonly Measurement[], added: Which, none: Which): number[] =>
    figures(all, added, ({ run }) => run).flatMap((run) => {
        const inRun = (which: Which) =>
            figures(all, which, (one) => (one.run === run ? one.seconds : undefined));
        const [more, less] = [inRun(added)[0], inRun(none)[0]];
        return more === undefined || less === undefined ? [] : [more - less];
    });
