import type { ProblemSink } from "../problems";
import { ArgsCheck, type Plain } from "./args";
import { checkGrant, grantFields } from "./relay-access";
import { show } from "./show";

/** The output of a hub's stack that holds its link, unless another one is named. */
export const defaultOutput = "smartHost";

const referenceFields = ["stack", "output"] as const;

/** Whether what a stack's config says of the hub names another stack's. */
export const isReference = (smartHost: Plain): boolean => "stack" in smartHost;

/** The hub of another stack, in the config of a fleet: where its link is to be had, and how it is reached for the grant. */
export function validateHubReference(smartHost: Plain, problems: ProblemSink, ownStack: string): void {
    const check = new ArgsCheck(smartHost, problems, () => true);
    check.onlyFields([...referenceFields, "name", ...grantFields]);
    check.given("stack", (stack) => stackFault(stack, ownStack));
    check.text("output", `the name of an output of that stack, such as "${defaultOutput}"`);
    const reach = Object.keys(smartHost).filter((field) =>
        (grantFields as readonly string[]).includes(field),
    );
    // Without any of it, the hub's own stack grants this fleet's laptops.
    if (reach.length > 0) checkGrant(check);
}

function stackFault(stack: unknown, ownStack: string): string | undefined {
    const allowed = 'allowed: the stack of the hub, such as "organization/postfix-stacks/prod"';
    if (typeof stack !== "string" || !/^[\w.-]+(\/[\w.-]+){0,2}$/.test(stack))
        return `given ${show(stack)}, ${allowed}`;
    return [ownStack, ownStack.split("/").pop()].includes(stack) || stack.endsWith(`/${ownStack}`)
        ? `given ${show(stack)}, which is this stack itself; ${allowed}`
        : undefined;
}

/** What of it says how the hub is reached; nothing where its own stack grants. */
export function grantOf(smartHost: Plain): Plain | undefined {
    const fields = Object.entries(smartHost).filter(([field]) =>
        (grantFields as readonly string[]).includes(field),
    );
    return fields.length > 0 ? Object.fromEntries(fields) : undefined;
}
