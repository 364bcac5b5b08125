/**
 * Laptops in a stack of their own, whose hub is in another one. This stack touches the hub for one thing: the pins of
 * its laptops. In a project of your own: `import * as postfix from "pulumi-postfix"`.
 */
import * as pulumi from "@pulumi/pulumi";
import * as postfix from "../../components";

const config = new pulumi.Config();

// requireOutput: getOutput is silent about an output that is not there, and a laptop without pins is refused anyway.
const smartHost = new pulumi.StackReference(config.require("hubStack")).requireOutput(
    "smartHost",
) as pulumi.Output<postfix.SmartHostLink>;

const carol = new postfix.RoadWarrior("carol", {
    smartHost,
    connection: {
        host: "192.0.2.103",
        user: "admin",
        hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
    },
    sudo: true,
    onUnreachable: postfix.OnUnreachable.Pending,
});

new postfix.RelayAccess("berlin", {
    connection: {
        host: "192.0.2.25",
        user: "root",
        hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
    },
    laptops: [carol.identity],
});
