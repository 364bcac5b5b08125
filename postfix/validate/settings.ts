import { holdsPasswords, passwordsBelong } from "../password-maps";
import { type ProblemSink, pathStep } from "../problems";
import { type IsKnown, isRecord } from "./args";
import { isParameterName } from "./names";
import { show } from "./show";

export interface SettingsRules {
    /** Parameters that the role sets itself. */
    owned: readonly string[];
    /** Why a parameter may not have this value, if so. */
    forbidden?: (name: string, value: string) => string | undefined;
    isKnown: IsKnown;
}

/** The user's own main.cf parameters. Their values may hold a password: none is ever repeated. */
export function validateSettings(value: unknown, problems: ProblemSink, rules: SettingsRules): void {
    if (value === undefined || !rules.isKnown(value)) return;
    if (!isRecord(value)) {
        problems.add("", `given ${show(value)}, allowed: main.cf parameters by name`);
        return;
    }
    for (const [name, setting] of Object.entries(value)) {
        const at = problems.at(pathStep(name));
        if (!/^[A-Za-z]/.test(name) || !isParameterName(name)) {
            at.add("", "is no parameter name: letters, digits and _ only (postconf(5))");
        } else if (rules.owned.includes(name)) {
            at.add("", "is set by this resource itself, and nothing is set twice: leave it out here");
        } else if (typeof setting === "string") {
            const forbidden = rules.forbidden?.(name, setting);
            if (forbidden) at.add("", forbidden);
            else if (holdsPasswords(name, setting)) at.add("", passwordsBelong);
        }
        if (rules.isKnown(setting)) settingValue(setting, at);
    }
}

function settingValue(setting: unknown, problems: ProblemSink): void {
    if (typeof setting !== "string") {
        const hint =
            typeof setting === "number" || typeof setting === "boolean" ? "; put it into quotes" : "";
        problems.add("", `given a ${setting === null ? "null" : typeof setting}, allowed: a string${hint}`);
    } else if (/[\r\n\0]/.test(setting)) {
        problems.add(
            "",
            "holds a line break, which would start another parameter: write the value on one line",
        );
    }
}
