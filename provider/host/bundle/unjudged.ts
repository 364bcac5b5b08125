import { decisive } from "../../../postfix/judge/open-relay";
import { parameters } from "../../../postfix/parameters";
import { type Problems, pathStep } from "../../../postfix/problems";
import { loginsType, tableType } from "../../../postfix/tables";
import type { HostInputs } from "../inputs";
import { servers } from "../plan-sasl";
import { mayBePlaceholder } from "./unseen-host";

/** What only a look at the machine could answer, and no script answers: refused rather than guessed. */
export function refuseUnjudged(inputs: HostInputs, problems: Problems): void {
    for (const name of Object.keys(inputs.main)) {
        if (!parameters[name]?.list) continue;
        problems.add(
            `main.${pathStep(name)}`,
            "is a list that joins what the machine's admin has there, which a bundle cannot read: leave it out, or have this laptop served over SSH",
        );
    }
    for (const { path } of servers(inputs))
        problems
            .at(path)
            .add(
                "smtpd_sasl_auth_enable",
                "needs a look at the machine's SASL, which a bundle does not take: leave it out, or have this laptop served over SSH",
            );
    for (const [name, table] of Object.entries(inputs.tables))
        if (tableType(table) === loginsType)
            problems.add(
                `tables.${pathStep(name)}`,
                "holds names and passwords for clients of the laptop: not in a bundle",
            );
    if (mayBePlaceholder(JSON.stringify([inputs.main, inputs.services])))
        problems.add("main", "holds the words by which a bundle knows the folder of its keys: choose others");
}

/** Set by the role itself, and never wider than the machine's own. */
const narrow = new Set(["mynetworks", "mydestination", "virtual_alias_domains"]);

/**
 * Whether what is wanted may let strangers in: then the script refuses a machine whose admin has a word in it too. Else
 * nothing of ours can make a relay of what was none.
 */
export function decidesRelaying({ main, services }: HostInputs): boolean {
    const ours = Object.entries(main).some(
        ([name, value]) =>
            decisive.includes(name) &&
            !narrow.has(name) &&
            !(name === "inet_interfaces" && value === "loopback-only"),
    );
    return (
        ours ||
        Object.values(services).some(({ command }) => /^\s*(\S*\/)?(smtpd|postscreen)\b/.test(command))
    );
}
