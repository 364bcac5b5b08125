import * as pulumi from "@pulumi/pulumi";
import { defaultOutput } from "../postfix/validate/hub-reference";
import { validateLink } from "../postfix/validate/link";
import { assertValid } from "./checked-args";
import { InputError } from "./input-error";
import type { SmartHostLink } from "./link";

/**
 * The link of a hub in another stack. Unlike `getOutput` it is never silent: after an `up` of the hub's stack that failed
 * its link may be missing there (with `--continue-on-error` the engine leaves it out), and a laptop may not be set up
 * without. Unlike `requireOutput` it says which property is meant and what to do, and looks at the whole link.
 * Errors: a stack without that output, an output that is no link.
 *
 * @param reference
 *  The hub's stack.
 * @param output
 *  Name of the output there that holds the link.
 *
 * @example
 * ```ts
 * const smartHost = linkOf(new pulumi.StackReference("organization/postfix-stacks/prod"));
 * new Fleet("berlin", { smartHost, laptops: { ... } });
 * ```
 */
export function linkOf(
    reference: pulumi.StackReference,
    output: string = defaultOutput,
): pulumi.Output<SmartHostLink> {
    return pulumi
        .all([reference.name, pulumi.output(reference.getOutputDetails(output))])
        .apply(([stack, { value, secretValue }]) => linkIn(stack, output, value ?? secretValue));
}

/** The same at once, for a program that makes nothing where there is no link. */
export async function fetchLink(stack: string, output: string): Promise<SmartHostLink> {
    const { value, secretValue } = await new pulumi.StackReference(stack).getOutputDetails(output);
    return linkIn(stack, output, value ?? secretValue);
}

function linkIn(stack: string, output: string, value: unknown): SmartHostLink {
    const subject = `The link of the hub in stack "${stack}"`;
    if (value === undefined || value === null) {
        const why =
            "the last up there failed before the hub was proven, or its program exports no such output";
        const remedy =
            `run \`pulumi up --stack ${stack}\` until it ends without an error, and see what ` +
            `\`pulumi stack output --stack ${stack}\` shows; a program exports it by: export const ${output} = hub.link`;
        const reason = `stack "${stack}" has no output "${output}": ${why}; ${remedy}`;
        throw new InputError(subject, [{ path: "smartHost", reason }]);
    }
    assertValid(subject, { smartHost: value }, (args, problems, isKnown) =>
        validateLink(args.smartHost, problems.at("smartHost"), isKnown),
    );
    return value as SmartHostLink;
}
