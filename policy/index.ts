import { bundleKnowsItsHub, daysLeft, floorOfTls, knowsHostKey, knowsItsHub, type Rule } from "./rules";

/** What becomes of a stack that breaks a policy, in the words of `@pulumi/policy`. */
export type EnforcementLevel = "advisory" | "mandatory" | "remediate" | "disabled";

/** A `ResourceValidationPolicy` of `@pulumi/policy`, which this package does not bring with it. */
export interface PostfixPolicy {
    /** Unique within a pack, e.g. "postfix-host-key". */
    name: string;
    /** What it asks for, for people. */
    description: string;
    /** What becomes of a stack that breaks it. */
    enforcementLevel: EnforcementLevel;
    /** Reports each problem of one resource. */
    validateResource(
        resource: { type: string; props: Record<string, unknown> },
        report: (message: string) => void,
    ): void;
}

/** Options of `postfixPolicies`. */
export interface PostfixPolicyOptions {
    /** What becomes of a stack that breaks one. @default "mandatory" */
    enforcementLevel?: EnforcementLevel;
    /** Days that each certificate must have left. @default 30 */
    daysLeft?: number;
}

/**
 * Rules that no machine of this package may break, whoever wrote the program: SSH host keys are known, no laptop takes
 * whoever answers for its hub, TLS 1.2 or later where TLS is a must, certificates with days left. Not tried with the engine
 * yet: its policies need a language host that this project's lab does not have.
 *
 * @example
 * ```ts
 * import { PolicyPack } from "@pulumi/policy";
 * import { postfixPolicies } from "pulumi-postfix/policy";
 *
 * new PolicyPack("mail", { policies: postfixPolicies({ daysLeft: 60 }) });
 * ```
 */
export function postfixPolicies({
    enforcementLevel = "mandatory",
    daysLeft: least = 30,
}: PostfixPolicyOptions = {}): PostfixPolicy[] {
    const policy = (name: string, description: string, host: Rule, laptop?: Rule): PostfixPolicy => ({
        name,
        description,
        enforcementLevel,
        validateResource: ({ type, props }, report) => {
            const rule = { "postfix:index:Host": host, "postfix:index:RoadWarrior": laptop }[type];
            for (const message of rule?.(props) ?? []) report(message);
        },
    });
    return [
        policy("postfix-host-key", "Machines are known by their SSH host keys.", knowsHostKey),
        policy(
            "postfix-laptop-level",
            "A laptop knows its hub before it sends.",
            knowsItsHub,
            bundleKnowsItsHub,
        ),
        policy("postfix-tls-floor", "TLS 1.2 or later, where TLS is a must.", floorOfTls),
        policy("postfix-days-left", `Certificates have at least ${least} days left.`, daysLeft(least)),
    ];
}
