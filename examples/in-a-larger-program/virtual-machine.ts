import * as pulumi from "@pulumi/pulumi";

/**
 * Stands where your cloud's machine does, e.g. an `aws.ec2.Instance` whose user data installs Postfix and prints its host
 * key. Here both come from the stack's config.
 */
export class VirtualMachine extends pulumi.ComponentResource {
    readonly publicIp: pulumi.Output<string>;
    readonly hostKey: pulumi.Output<string>;

    constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
        super("company:index:VirtualMachine", name, {}, opts);
        const config = new pulumi.Config();
        this.publicIp = pulumi.output(config.require("address"));
        this.hostKey = pulumi.output(config.require("hostKey"));
        this.registerOutputs({ publicIp: this.publicIp, hostKey: this.hostKey });
    }
}
