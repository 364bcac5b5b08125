import type { FragmentFault } from "../../postfix/fragment/parse";
import { fragmentFaults, laterMarks } from "../../postfix/fragment/read";
import { UserError } from "../errors";
import type { HostFacts } from "./facts";

type Files = Pick<HostFacts, "mainCf" | "masterCf">;

function inBoth(
    files: Files,
    look: (text: string) => FragmentFault[],
): (FragmentFault & { place: string })[] {
    const named: [string, string][] = [
        ["main.cf", files.mainCf],
        ["master.cf", files.masterCf],
    ];
    return named.flatMap(([file, text]) =>
        look(text).map((fault) => ({ ...fault, place: `${file} line ${fault.line} of the host` })),
    );
}

/** Called with what a probe has read: where a later release has written, nothing is done rather than guessed. */
export function refuseLaterMarks(files: Files): void {
    const marks = inBoth(files, laterMarks);
    if (marks.length === 0) return;
    throw new UserError(
        marks.map(({ place, text }) => ({
            path: "",
            reason: `${place}, "${text}", was written by a later release of pulumi-postfix, so nothing was done there: update the package. If somebody added to that line by hand, take it away again`,
        })),
    );
}

/** What somebody did to our marks and blocks. */
export function markFaults(files: Files): string[] {
    return inBoth(files, fragmentFaults).map(({ place, text, reason }) => `${place}, "${text}": ${reason}`);
}
