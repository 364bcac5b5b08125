import * as pulumi from "@pulumi/pulumi";
import { type HostArgs, sealChains } from "./host";

/** What is wanted of a machine, without how it is reached. */
export type BundleInputs = Omit<
    HostArgs,
    "connection" | "sudo" | "knownHosts" | "insecureIgnoreHostKey" | "onUnreachable" | "installPackage"
>;

/**
 * The script that makes a machine what its `Host` would make it. The provider renders it, as it knows how a host is
 * changed; no host is touched. The URN tells whose it is, so that a later bundle takes the place of an earlier one.
 */
export function makeBundle(parent: pulumi.Resource, inputs: BundleInputs): pulumi.Output<string> {
    const made: pulumi.Output<{ script: string }> = pulumi.runtime.invokeOutput(
        "postfix:index:bundle",
        { urn: parent.urn, ...inputs, chains: sealChains(inputs.chains) },
        { parent },
    );
    return pulumi.secret(made.apply(({ script }) => script));
}
