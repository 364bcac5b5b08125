import { listName } from "../../postfix/compose";
import { effectiveValue } from "../../postfix/main-cf";
import { parseMasterCf } from "../../postfix/master-cf";
import type { Problems } from "../../postfix/problems";
import { senderLimits as limitsList } from "../../postfix/roles/sender-limits";
import type { HostFacts } from "./facts";
import type { HostInputs } from "./inputs";

/** A limit that no service reads would be none: wherever the hub looks at laptops' keys it has to read the limits too. */
export function senderLimits(inputs: HostInputs, facts: HostFacts, problems: Problems): void {
    if (!inputs.lists[limitsList]?.includes("@{")) return;
    const [clients, limits] = [`$${listName("relay_clientcerts")}`, `$${listName(limitsList)}`];
    const at = problems.at("lists").at(limitsList);
    const main = (name: string) => effectiveValue(facts.mainCf, name) ?? "";
    if (main("relay_clientcerts").includes(clients) && !main("smtpd_relay_restrictions").includes(limits))
        at.add("", `port 25 of the hub ${blind}`);
    for (const { service, type, options } of parseMasterCf(facts.masterCf).services) {
        const said = (name: string) => options.find((option) => option.name === name)?.value ?? "";
        if (!said("relay_clientcerts").includes(clients)) continue;
        if (said("smtpd_sender_restrictions").includes(limits)) continue;
        at.add("", `service ${service}/${type} of the hub ${blind}`);
    }
}

const blind = "does not look at what laptops send as: run the SmartHost's stack first, or leave senders out";
