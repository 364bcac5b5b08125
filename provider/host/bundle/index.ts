import { createHash } from "node:crypto";
import { type Problem, Problems } from "../../../postfix/problems";
import { Role } from "../../../postfix/settings";
import { validateHostSettings } from "../../../postfix/validate/host-settings";
import type { FunctionLogic, FunctionResult } from "../../function";
import { Secret } from "../../values";
import type { FragmentId } from "../identity";
import { type HostInputs, readInputs } from "../inputs";
import { plain } from "../state";
import { type Range, rangesOf } from "./ranges";
import { bundleScript } from "./script";
import { refuseUnjudged } from "./unjudged";

/**
 * `postfix:index:bundle`: the inputs of a laptop's `Host`, without a connection, and its URN; the answer is one shell
 * script. Nothing random is in it: the same inputs give the same script.
 */
export const bundleFunction: FunctionLogic = async (args): Promise<FunctionResult> => {
    const { urn, ...inputs } = plain(args);
    const failures = problemsOf(inputs);
    if (typeof urn !== "string" || urn === "") failures.push({ path: "urn", reason: "is missing" });
    if (failures.length > 0 || typeof urn !== "string") return { outputs: {}, failures };
    const made = makeBundle(urn, readInputs(inputs));
    return "failures" in made
        ? { outputs: {}, failures: made.failures }
        : { outputs: { script: new Secret(made.script) }, failures: [] };
};

function problemsOf(inputs: Record<string, unknown>): Problem[] {
    const problems = new Problems();
    validateHostSettings(inputs, problems, () => true);
    if (inputs.role !== Role.RoadWarrior)
        problems.add("role", `given ${JSON.stringify(inputs.role)}, allowed: "roadWarrior"`);
    return problems.list;
}

/** The script, or what no machine of any version would take. */
export function makeBundle(urn: string, inputs: HostInputs): { script: string } | { failures: Problem[] } {
    const problems = new Problems();
    refuseUnjudged(inputs, problems);
    if (problems.list.length > 0) return { failures: problems.list };
    const id = idOf(urn, inputs.owner);
    const ranges = rangesOf(inputs, id);
    const everywhere = onAllVersions(ranges);
    if (everywhere.length > 0) return { failures: everywhere };
    return { script: bundleScript({ name: nameOf(urn), id }, inputs, ranges) };
}

function onAllVersions(ranges: Range[]): Problem[] {
    const [first, ...others] = ranges;
    const says = ({ problems }: Range, { path, reason }: Problem) =>
        problems.some((problem) => problem.path === path && problem.reason === reason);
    return (first?.problems ?? []).filter((problem) => others.every((range) => says(range, problem)));
}

/** Of the URN, so that a bundle that is made anew takes the place of the one before, and of nothing secret. */
export function idOf(urn: string, label: string): FragmentId {
    const digest = createHash("sha256").update(urn).digest("hex");
    return { owner: `${label}-${digest.slice(0, 8)}`, instance: digest.slice(8, 24) };
}

const nameOf = (urn: string): string =>
    urn
        .split("::")
        .slice(3)
        .join("::")
        .replace(/[^\w .@-]/g, "?");
