/**
 * Laptops in a stack of their own, whose hub is in another one. This stack touches the hub for one thing: the pins of
 * its laptops.
 */
import * as pulumi from "@pulumi/pulumi";
import * as postfix from "pulumi-postfix";

const config = new pulumi.Config();

const fleet = new postfix.Fleet("berlin", {
    // As long as that stack has no link, nothing is made here: getOutput would be silent about it.
    smartHost: postfix.linkOf(new pulumi.StackReference(config.require("hubStack"))),
    relayAccess: {
        connection: {
            host: "192.0.2.25",
            user: "root",
            hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
        },
    },
    defaults: { sudo: true, onUnreachable: postfix.OnUnreachable.Pending, connection: { user: "admin" } },
    laptops: {
        carol: {
            host: "192.0.2.103",
            connection: {
                hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g",
            },
        },
    },
});

export const laptops = fleet.identities;
