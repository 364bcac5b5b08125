import { parseVersion } from "../../postfix/version";
import { shortened } from "../printable";
import type { HostFacts } from "./facts";

/**
 * Far beyond any real host, and little enough to plan with in seconds: a host that is not what it seems must not keep
 * the operator's machine busy, nor the changes of other hosts waiting.
 */
const most = { bytes: 1024 * 1024, settings: 5_000, services: 1_000, owners: 500 };

/** What no host with Postfix answers, or nothing. */
export function implausible(facts: HostFacts): string | undefined {
    const { version, configDirectory, queueLength } = facts;
    if (!/^[\w.+~-]{3,40}$/.test(version) || !parseVersion(version)) return `the version ${quoted(version)}`;
    if (!/^\/[\w./+-]{1,200}$/.test(configDirectory))
        return `the folder ${quoted(configDirectory)} for its configuration`;
    if (!Number.isSafeInteger(queueLength) || queueLength < 0) return "a queue of no possible length";
    return tooMuch("main.cf", facts.mainCf, "settings") ?? tooMuch("master.cf", facts.masterCf, "services");
}

function tooMuch(file: string, text: string, what: "settings" | "services"): string | undefined {
    if (text.length > most.bytes) return `a ${file} of ${text.length} characters`;
    const lines = text.split("\n");
    const definitions = lines.filter((line) => /^[^#\s]/.test(line)).length;
    if (definitions > most[what]) return `a ${file} with ${definitions} ${what}`;
    const owners = lines.filter((line) => line.startsWith("# BEGIN pulumi-postfix ")).length;
    return owners > most.owners ? `a ${file} with the blocks of ${owners} programs` : undefined;
}

const quoted = (text: string): string => JSON.stringify(shortened(text, 100));

/** `<owner>/<generation>`, as we name them; nothing else below our folder is looked at. */
export const isFolderOfOurs = (name: string): boolean =>
    /^[a-z0-9][a-z0-9-]{0,199}\/[0-9a-f]{16}$/.test(name);
