import { pinProblem } from "../pins";
import { ArgsCheck, isRecord } from "./args";
import { show } from "./show";

const certificateFilesFields = ["keyFile", "certificateFile", "pin"] as const;

const allowed = "{ keyFile, certificateFile }, paths on the hub";

/** Paths of files that lie on the hub: what they hold is looked at there. */
export function certificateFileProblems(check: ArgsCheck): void {
    const { certificateFiles } = check.args;
    if (Array.isArray(certificateFiles) && certificateFiles.length === 0)
        check.problems.add("certificateFiles", `given an empty list, allowed: at least one of ${allowed}`);
    for (const { value, at } of check.items("certificateFiles", allowed)) {
        if (!isRecord(value)) {
            at.add("", `given ${show(value)}, allowed: ${allowed}`);
            continue;
        }
        const entry = new ArgsCheck(value, at, check.isKnown);
        entry.onlyFields(certificateFilesFields);
        for (const field of ["keyFile", "certificateFile"]) path(entry, field);
        entry.given("pin", (pin) =>
            typeof pin === "string" ? pinProblem(pin) : `given ${show(pin)}, allowed: a pin`,
        );
    }
}

/** It stands in a list of main.cf and in an `-o` of master.cf, where blanks, commas and $ have a meaning. */
function path(check: ArgsCheck, field: string): void {
    check.required(field, "an absolute path on the hub");
    check.given(field, (value) => {
        if (typeof value === "string" && /^(\/[A-Za-z0-9._@+-]+)+$/.test(value)) return undefined;
        // Somebody may have put the key itself here.
        if (typeof value === "string" && value.includes("-----BEGIN"))
            return "holds PEM, allowed: the path of a file on the hub; for PEM there is certificates";
        return `given ${show(value)}, allowed: an absolute path on the hub of letters, digits and . _ @ + - /`;
    });
}
