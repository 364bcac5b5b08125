import type { ProblemSink } from "../problems";
import { ArgsCheck, type IsKnown, type Plain } from "./args";
import { hostnameFault } from "./hostname";
import { show } from "./show";

const allowed = 'an address such as "alice@example.com", or "@example.com" for all of a domain';

/** `senders` of a laptop or of an identity: what it may send as. */
export function checkSenders(args: Plain, problems: ProblemSink, isKnown: IsKnown): void {
    const check = new ArgsCheck(args, problems, isKnown);
    if (Array.isArray(args.senders) && args.senders.length === 0)
        problems.add(
            "senders",
            "given an empty list, allowed: at least one address or domain; leave it out for a laptop that may send as anybody",
        );
    for (const { value, at } of check.items("senders", allowed)) {
        if (typeof value === "string" && isSender(value)) continue;
        at.add("", `given ${show(value)}, allowed: ${allowed}`);
    }
}

/** No quoted local parts, and none of what a table in main.cf would stumble over: `{`, `}`, `$`, `=` and commas. */
function isSender(value: string): boolean {
    const [, local, domain = ""] = /^([A-Za-z0-9.!#%&'*+/?^_`|~-]*)@([^@]+)$/.exec(value) ?? [];
    return local !== undefined && hostnameFault(domain) === undefined;
}
